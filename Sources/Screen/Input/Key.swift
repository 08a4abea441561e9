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

extension Key {
  /// The key that a byte below 0x20, or 0x7f, is by itself; none where it means nothing.
  static func control(byte: UInt8) -> [Key] {
    switch byte {
    case 0x0d: [.enter]
    case 0x0a: [.newline]
    case 0x09: [.tab]
    case 0x08, 0x7f: [.backspace]
    case 0x1b: [.escape]
    case 0x01...0x1a: [.control(Character(UnicodeScalar(byte + 0x60)))]
    default: []
    }
  }

  /// Alt with a character, whichever case it is typed in.
  static func alt(typed scalar: UnicodeScalar) -> Key {
    .alt(scalar.properties.lowercaseMapping.unicodeScalars.first ?? scalar)
  }
}

/// What a terminal reports, before it means anything.
package enum TerminalInput: Hashable, Sendable {
  /// What the terminal sends, in any pieces.
  case bytes([UInt8])
  /// A key that nobody pressed at the terminal: ^C where another process interrupts this one.
  case key(Key)
  /// The terminal has another size.
  case resized
  /// Another process asks this one to stop as ^Z does.
  case suspend
  /// The process was stopped and goes on; the screen may show anything.
  case continued
  /// The process is asked to end by this signal.
  case ending(signal: Int32)
}
