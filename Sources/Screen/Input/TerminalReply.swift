/// What a terminal answers when it is asked what it can do.
package enum TerminalReply: Hashable, Sendable {
  /// Its keyboard can tell keys apart that are usually told alike.
  case tellsKeysApart
  /// Its background has this colour.
  case background(RGB)
}

extension RGB {
  /// Reads the answer to a question for a colour, without its first and last escape: `]11;rgb:ffff/ffff/ffff`.
  init?(answer: String) {
    guard answer.hasPrefix("]11;rgb"), let colon = answer.firstIndex(of: ":") else { return nil }
    let parts = answer[answer.index(after: colon)...].split(separator: "/").map { part -> Int? in
      guard (1...4).contains(part.utf8.count), let value = Int(part, radix: 16), value >= 0 else {
        return nil
      }
      return value * 255 / ((1 << (4 * part.utf8.count)) - 1)
    }
    guard parts.count >= 3, let red = parts[0], let green = parts[1], let blue = parts[2] else {
      return nil
    }
    self.init(red: red, green: green, blue: blue)
  }

  /// Whether dark text is easier to read on it than light text.
  var isLight: Bool { 299 * red + 587 * green + 114 * blue > 127_500 }
}
