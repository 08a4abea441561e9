/// A cell of a text as it is drawn: a glyph, and which character of the text it stands for.
struct TextCell: Hashable {
  /// What is drawn.
  var glyph: Glyph
  /// The byte of UTF-8 at which the character begins; ``ornament`` where there is none.
  var offset: Int32
  /// What it is there for.
  var role: Role
  /// What is done to it besides.
  var attributes: Style.Attributes = []

  /// The offset of what the program adds to a text: bars, rules, blanks.
  static let ornament: Int32 = -1

  /// Blank columns that stand for no character.
  static func blanks(_ count: Int) -> [TextCell] {
    Array(repeating: TextCell(glyph: .space, offset: ornament, role: .text), count: max(0, count))
  }

  /// Something the program adds.
  static func ornaments(_ text: String, _ role: Role = .rule) -> [TextCell] {
    Glyph.run(of: text).map { TextCell(glyph: $0, offset: ornament, role: role) }
  }
}

/// A line of a text as it is drawn.
typealias TextLine = [TextCell]

extension TextLine {
  /// The columns it takes.
  var columns: Int { reduce(0) { $0 + $1.glyph.width } }
}

/// A character of a text, and the byte of UTF-8 at which it begins.
struct Letter: Hashable {
  let character: Character
  let offset: Int32
  /// Its code where it is one of ASCII, else 0.
  let ascii: UInt8

  init(_ character: Character, at offset: Int32) {
    self.character = character
    self.offset = offset
    ascii = character.utf8.count == 1 ? character.utf8.first ?? 0 : 0
  }

  /// The characters of a stretch of a text, by bytes.
  static func run(of text: String, _ bytes: Range<Int>) -> [Letter] {
    let start = text.utf8.index(text.startIndex, offsetBy: bytes.lowerBound)
    let end = text.utf8.index(text.startIndex, offsetBy: bytes.upperBound)
    var letters: [Letter] = []
    letters.reserveCapacity(bytes.count)
    var offset = bytes.lowerBound
    for character in String(text[start..<end]) {
      letters.append(Letter(character, at: Int32(offset)))
      offset += character.utf8.count
    }
    return letters
  }

  /// Whether it is a space or a tab.
  var isBlank: Bool { ascii == 0x20 || ascii == 0x09 }

  /// Whether it is a letter, a digit or `_`, as in names; all that is not ASCII counts as one.
  var isWordPart: Bool {
    switch ascii {
    case 0x30...0x39, 0x41...0x5a, 0x61...0x7a, 0x5f: true
    case 0: !character.isWhitespace && !character.isPunctuation
    default: false
    }
  }

  /// Whether it is one of 0 to 9.
  var isDigit: Bool { (0x30...0x39).contains(ascii) }
}

/// Characters of a line, still to be broken into lines of the screen.
typealias Letters = ArraySlice<Letter>

extension Letters {
  /// Without blanks at its ends.
  var trimmed: Letters {
    let tail = drop(while: \.isBlank)
    return tail.dropLast(tail.reversed().prefix(while: \.isBlank).count)
  }

  /// Whether there is nothing but blanks.
  var isBlank: Bool { allSatisfy(\.isBlank) }

  /// The columns of the blanks at the start; a tab reaches to the next multiple of four.
  var indent: Int {
    var columns = 0
    for letter in self {
      switch letter.ascii {
      case 0x20: columns += 1
      case 0x09: columns += 4 - columns % 4
      default: return columns
      }
    }
    return columns
  }

  /// The text.
  var text: String { String(map(\.character)) }

  /// Whether these bytes of ASCII stand at `index`.
  func has(_ word: [UInt8], at index: Int) -> Bool {
    guard index + word.count <= endIndex else { return false }
    for place in word.indices where self[index + place].ascii != word[place] { return false }
    return true
  }
}

/// A character with its look.
struct Ink: Hashable {
  let letter: Letter
  var role = Role.text
  var attributes: Style.Attributes = []
}
