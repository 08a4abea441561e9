/// One line of text, cut to a width.
package typealias GlyphLine = [Glyph]

/// Breaks text into lines of a width, at words where it can.
package enum Wrapping {
  /// The lines of `text`, none wider than `width` columns; empty when there is no width at all.
  ///
  /// Breaks at line feeds, then after spaces and wide characters, and inside a word only when the word
  /// is longer than a line. Tabs reach to the next multiple of four columns.
  package static func lines(of text: some StringProtocol, width: Int) -> [GlyphLine] {
    lines(of: text, width: width) { _ in .text }.map { $0.map(\.glyph) }
  }

  /// The lines of `text`, each glyph with the role that `role` has for the byte of UTF-8 at which its
  /// character begins.
  static func lines(
    of text: some StringProtocol, width: Int, role: (Int) -> Role
  ) -> [[PaintedGlyph]] {
    guard width > 0 else { return [] }
    var lines: [[PaintedGlyph]] = []
    for paragraph in text.split(omittingEmptySubsequences: false, whereSeparator: \.isLineBreak) {
      var offset = text.utf8.distance(from: text.startIndex, to: paragraph.startIndex)
      var roles: [Role] = []
      let glyphs = glyphs(of: paragraph) { character, count in
        roles += Array(repeating: role(offset), count: count)
        offset += character.utf8.count
      }
      for range in ranges(of: glyphs, width: width) {
        lines.append(
          range.map {
            PaintedGlyph(
              glyph: glyphs[$0].width > width ? Glyph.narrow : glyphs[$0], role: roles[$0])
          })
      }
    }
    return lines
  }

  /// The glyphs of one line with its tabs as spaces; `each` sees every character with the number of its
  /// glyphs.
  private static func glyphs(
    of paragraph: some StringProtocol, each: (Character, Int) -> Void
  ) -> GlyphLine {
    var glyphs: GlyphLine = []
    var column = 0
    for character in paragraph {
      let first = glyphs.count
      if character == "\t" {
        glyphs += Array(repeating: .space, count: 4 - column % 4)
      } else {
        Glyph.append(character, to: &glyphs)
      }
      column += glyphs[first...].reduce(0) { $0 + $1.width }
      each(character, glyphs.count - first)
    }
    return glyphs
  }

  /// Which glyphs stand in which line.
  private static func ranges(of glyphs: GlyphLine, width: Int) -> [Range<Int>] {
    var ranges: [Range<Int>] = []
    var first = 0
    var columns = 0
    var breakAt = 0  // one past the last place where the line may be broken
    for (place, glyph) in glyphs.enumerated() {
      let glyphWidth = glyph.width > width ? Glyph.narrow.width : glyph.width
      if glyph == .space && columns == width {  // a space at the break is the break
        ranges.append(first..<place)
        (first, columns, breakAt) = (place + 1, 0, place + 1)
        continue
      }
      while columns + glyphWidth > width {
        let cut = breakAt > first ? breakAt : place
        ranges.append(trimmed(first..<cut, of: glyphs))
        first = cut
        columns = glyphs[first..<place].reduce(0) { $0 + $1.width }
        breakAt = first
      }
      columns += glyphWidth
      if glyph == .space || glyph.width == 2 { breakAt = place + 1 }
    }
    ranges.append(first..<glyphs.count)
    return ranges
  }

  private static func trimmed(_ range: Range<Int>, of glyphs: GlyphLine) -> Range<Int> {
    var end = range.upperBound
    while end > range.lowerBound + 1, glyphs[end - 1] == .space { end -= 1 }
    return range.lowerBound..<end
  }
}

/// A glyph and what it is there for.
struct PaintedGlyph: Hashable {
  var glyph: Glyph
  var role: Role
}

extension Glyph {
  /// What stands for a wide character where there is one column only.
  package static let narrow = Glyph.run(of: "?").first ?? .space
}

extension Character {
  /// Whether a line ends here: a line feed, alone or after a carriage return.
  package var isLineBreak: Bool { self == "\n" || self == "\r\n" }
}
