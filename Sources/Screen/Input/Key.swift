/// A key that a person pressed, or text that was pasted.
package enum Key: Hashable, Sendable {
  /// A character that stands for itself.
  case scalar(UnicodeScalar)
  /// Control with a letter, in lower case.
  case control(Character)
  /// Alt (or Escape, then the key) with a character, in lower case.
  case alt(UnicodeScalar)
  /// A function key, 1...12.
  case function(Int)
  /// Text pasted as a whole; it never sends by itself.
  case paste(String)
  case enter
  /// Alt-Enter or ^J: a line break in the input.
  case newline
  case tab
  case backtab
  case backspace
  case delete
  case left
  case right
  case wordLeft
  case wordRight
  case up
  case down
  case home
  case end
  case pageUp
  case pageDown
  case escape
}

/// What a terminal reports, before it means anything.
package enum TerminalInput: Hashable, Sendable {
  /// A Unicode scalar, control characters included.
  case scalar(UnicodeScalar)
  /// A key that the terminal library has recognised.
  case key(Key)
  /// From here on scalars are pasted text.
  case pasteBegins
  /// The pasted text is complete.
  case pasteEnds
  /// The terminal has another size.
  case resized
  /// Another process asks this one to stop as ^Z does.
  case suspend
  /// The process was stopped and goes on; the screen may show anything.
  case continued
  /// The process is asked to end by this signal.
  case ending(signal: Int32)
}

/// Turns what a terminal reports into keys.
package struct KeyDecoder: Hashable, Sendable {
  private var pasted: String?

  /// A decoder outside any paste.
  package init() {}

  /// The keys in everything that waited at the terminal at one moment.
  ///
  /// An escape with a character right behind it is Alt with that character; with nothing behind it, it
  /// is the Escape key. A paste may span several calls.
  package mutating func keys(in inputs: some Sequence<TerminalInput>) -> [Key] {
    var keys: [Key] = []
    var hasEscape = false
    for input in inputs {
      if hasEscape {
        hasEscape = false
        if case .scalar(let scalar) = input, pasted == nil {
          keys.append(Self.altKey(scalar))
          continue
        }
        keys.append(.escape)
      }
      switch input {
      case .pasteBegins: pasted = ""
      case .pasteEnds:
        if let text = pasted { keys.append(.paste(Self.unixLines(text))) }
        pasted = nil
      case .scalar(let scalar) where pasted != nil: pasted?.unicodeScalars.append(scalar)
      case .scalar("\u{1b}"): hasEscape = true
      case .scalar(let scalar): if let key = Self.key(scalar) { keys.append(key) }
      case .key(let key) where pasted == nil: keys.append(key)
      case .key, .resized, .suspend, .continued, .ending: break
      }
    }
    if hasEscape { keys.append(.escape) }
    return keys
  }

  private static func key(_ scalar: UnicodeScalar) -> Key? {
    switch scalar.value {
    case 0x0d: .enter
    case 0x0a: .newline
    case 0x09: .tab
    case 0x08, 0x7f: .backspace
    case 0x01...0x1a: .control(Character(UnicodeScalar(UInt8(scalar.value) + 0x60)))
    case 0..<0x20, 0x80..<0xa0: nil
    default: .scalar(scalar)
    }
  }

  private static func altKey(_ scalar: UnicodeScalar) -> Key {
    switch scalar.value {
    case 0x0d, 0x0a: .newline
    case 0x08, 0x7f: .control("w")
    default: .alt(scalar.properties.lowercaseMapping.unicodeScalars.first ?? scalar)
    }
  }

  private static func unixLines(_ text: String) -> String {
    String(text.map { $0 == "\r" || $0 == "\r\n" ? "\n" : $0 })
  }
}
