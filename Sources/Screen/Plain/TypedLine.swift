/// A line that a person types where there is no screen: the keys in it, and what to write so that the
/// terminal shows them.
///
/// It grows and shrinks at its end only, and what is written moves nothing but the end of the line, so it
/// can be read aloud.
package struct TypedLine: Hashable, Sendable {
  /// What a key did.
  package enum Outcome: Hashable, Sendable {
    /// The line is another one, or the key means nothing here.
    case typing
    /// The line is complete.
    case line(String)
    /// The answer is to be broken off, and the line, if something stood in it.
    case interrupt(wasTyping: Bool)
    /// The program is to stop until it is continued.
    case suspend
    /// No line follows.
    case end
  }

  /// What stands in it.
  package private(set) var text = ""

  /// An empty line.
  package init() {}

  /// Does what `key` means. `echo` is what the terminal is to show of it.
  package mutating func handle(_ key: Key, echo: inout String) -> Outcome {
    switch key {
    case .scalar(let scalar):
      text.unicodeScalars.append(scalar)
      echo.unicodeScalars.append(scalar)
    case .tab:
      text += "\t"
      echo += " "
    case .paste(let pasted):
      text += pasted
      echo += pasted
    case .backspace: erase(1, &echo)
    case .control("u"): erase(text.count, &echo)
    case .control("w"):
      let spaces = text.reversed().prefix(while: \.isWhitespace).count
      let letters = text.reversed().dropFirst(spaces).prefix { !$0.isWhitespace }.count
      erase(spaces + letters, &echo)
    case .enter, .newline:
      defer { text = "" }
      echo += "\n"
      return .line(text)
    case .control("c"):
      defer { text = "" }
      if !text.isEmpty { echo += "^C\n" }
      return .interrupt(wasTyping: !text.isEmpty)
    case .control("z"): return .suspend
    case .control("d") where text.isEmpty: return .end
    default: break
    }
    return .typing
  }

  private mutating func erase(_ count: Int, _ echo: inout String) {
    for _ in 0..<count {
      guard let last = text.popLast() else { return }
      for _ in 0..<(last == "\t" ? 1 : Glyph.width(of: String(last))) { echo += "\u{8} \u{8}" }
    }
  }
}
