import CUTF8Proc
import Reports

/// What a terminal draws in one or two columns: one spacing scalar and the marks that sit on it.
///
/// Glyphs are the only way text reaches the screen, and nothing that a terminal could take for a
/// command becomes one: control characters, bidirectional overrides and other invisible formats turn
/// into symbols.
///
/// Terminals disagree about the width of scalars that join (emoji families, flags, variation
/// selectors). A glyph is therefore never wider than its first scalar is everywhere: a joined emoji
/// shows its first member, a flag its two letters.
package struct Glyph: Hashable, Sendable {
  /// One spacing scalar and up to four marks.
  package let text: String
  /// Columns: 1 or 2.
  package let width: Int

  /// One blank column.
  package static let space = Glyph(text: " ", width: 1)

  private static let ascii: [Glyph] = (0..<128).map {
    Glyph(text: String(UnicodeScalar(UInt8($0))), width: 1)
  }

  private init(text: String, width: Int) {
    self.text = text
    self.width = width
  }

  /// The glyphs of `text`, in order. Line breaks become symbols; break lines first.
  package static func run(of text: some StringProtocol) -> [Glyph] {
    var glyphs: [Glyph] = []
    glyphs.reserveCapacity(text.utf8.count)
    for character in text { append(character, to: &glyphs) }
    return glyphs
  }

  /// Adds the glyphs of one character; often one, sometimes none.
  static func append(_ character: Character, to glyphs: inout [Glyph]) {
    if let byte = character.asciiValue, byte >= 0x20, byte < 0x7f {
      glyphs.append(ascii[Int(byte)])
    } else {
      appendScalars(of: character, to: &glyphs)
    }
  }

  /// Whether a scalar takes no column behind another one: a mark, a joiner.
  static func isWithoutColumns(_ scalar: UnicodeScalar) -> Bool {
    isIgnored(scalar) || symbol(for: scalar) == nil && columns(of: scalar) == 0
  }

  /// The columns that `text` takes.
  package static func width(of text: some StringProtocol) -> Int {
    run(of: text).reduce(0) { $0 + $1.width }
  }

  private static func appendScalars(of character: Character, to glyphs: inout [Glyph]) {
    let first = glyphs.count
    var isEmoji = false
    for scalar in character.unicodeScalars {
      if scalar == joiner && isEmoji { return }
      if isIgnored(scalar) || isEmoji && isEmojiPart(scalar) { continue }
      if let symbol = symbol(for: scalar) {
        for byte in symbol.utf8 where byte < 0x80 { glyphs.append(ascii[Int(byte)]) }
        if symbol.utf8.count == 3 && symbol.unicodeScalars.count == 1 {
          glyphs.append(Glyph(text: symbol, width: 1))
        }
        continue
      }
      let width = columns(of: scalar)
      if width > 0 {
        glyphs.append(Glyph(text: String(scalar), width: width))
        isEmoji = isEmoji || scalar.properties.isEmoji
      } else if glyphs.count > first, let last = glyphs.last, last.text.unicodeScalars.count < 5 {
        glyphs[glyphs.count - 1] = Glyph(text: last.text + String(scalar), width: last.width)
      } else if glyphs.count == first {
        glyphs.append(Glyph(text: "\u{25cc}" + String(scalar), width: 1))
      }
    }
  }

  private static let joiner: UnicodeScalar = "\u{200d}"

  /// Joiners and variation selectors: they ask for a shape, not for a place.
  private static func isIgnored(_ scalar: UnicodeScalar) -> Bool {
    switch scalar.value {
    case 0x200c, 0x200d, 0xfe00...0xfe0f, 0xe0100...0xe01ef: true
    default: false
    }
  }

  /// Skin tones and the letters of a region's flag: parts of the emoji before them.
  private static func isEmojiPart(_ scalar: UnicodeScalar) -> Bool {
    switch scalar.value {
    case 0x1f3fb...0x1f3ff, 0xe0020...0xe007f: true
    default: false
    }
  }

  /// How a scalar that must not reach the terminal, or that has no shape, is shown.
  private static func symbol(for scalar: UnicodeScalar) -> String? {
    if let symbol = scalar.symbol { return symbol }
    if (0x1f1e6...0x1f1ff).contains(scalar.value) {
      return UnicodeScalar(0x41 + scalar.value - 0x1f1e6).map { String($0) }
    }
    switch scalar.properties.generalCategory {
    case .unassigned, .surrogate: return "\u{fffd}"
    default: return nil
    }
  }

  /// Columns of one scalar: 0 for marks. Swift knows newer emoji than the width table may.
  private static func columns(of scalar: UnicodeScalar) -> Int {
    if scalar.properties.isEmojiPresentation { return 2 }
    // Vowels and finals of Hangul syllables that are written in parts stand on the first letter.
    if (0x1160...0x11ff).contains(scalar.value) || (0xd7b0...0xd7ff).contains(scalar.value) {
      return 0
    }
    let columns = Int(utf8proc_charwidth(utf8proc_int32_t(bitPattern: scalar.value)))
    if columns > 0 { return min(columns, 2) }
    switch scalar.properties.generalCategory {
    case .nonspacingMark, .enclosingMark: return 0
    default: return 1
    }
  }
}
