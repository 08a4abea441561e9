/// One line of text, cut to a width.
package typealias GlyphLine = [Glyph]

/// Breaks text into lines of a width, at words where it can.
package enum Wrapping {
  /// The lines of `text`, none wider than `width` columns; empty when there is no width at all.
  ///
  /// Breaks at line feeds, then after spaces and wide characters, and inside a word only when the word
  /// is longer than a line. Tabs reach to the next multiple of four columns.
  package static func lines(of text: some StringProtocol, width: Int) -> [GlyphLine] {
    guard width > 0 else { return [] }
    var lines: [GlyphLine] = []
    for paragraph in text.split(omittingEmptySubsequences: false, whereSeparator: \.isLineBreak) {
      wrap(paragraph, width: width, into: &lines)
    }
    return lines
  }

  /// The glyphs of one line with its tabs as spaces.
  private static func glyphs(of paragraph: some StringProtocol) -> GlyphLine {
    guard paragraph.utf8.contains(0x09) else { return Glyph.run(of: paragraph) }
    var glyphs: GlyphLine = []
    var column = 0
    for character in paragraph {
      if character == "\t" {
        let count = 4 - column % 4
        glyphs += Array(repeating: .space, count: count)
        column += count
      } else {
        let run = Glyph.run(of: String(character))
        glyphs += run
        column += run.reduce(0) { $0 + $1.width }
      }
    }
    return glyphs
  }

  private static func wrap(
    _ paragraph: some StringProtocol, width: Int, into lines: inout [GlyphLine]
  ) {
    var line: GlyphLine = []
    var columns = 0
    var breakAt = 0  // the length of the line up to the last place where it may be broken
    for glyph in glyphs(of: paragraph) {
      let glyph = glyph.width > width ? Glyph.narrow : glyph
      if glyph == .space && columns == width {  // a space at the break is the break
        lines.append(line)
        (line, columns, breakAt) = ([], 0, 0)
        continue
      }
      while columns + glyph.width > width {
        let cut = breakAt > 0 ? breakAt : line.count
        lines.append(trimmed(line[..<cut]))
        line = Array(line[cut...])
        columns = line.reduce(0) { $0 + $1.width }
        breakAt = 0
      }
      line.append(glyph)
      columns += glyph.width
      if glyph == .space || glyph.width == 2 { breakAt = line.count }
    }
    lines.append(line)
  }

  private static func trimmed(_ line: ArraySlice<Glyph>) -> GlyphLine {
    var line = line
    while line.last == .space && line.count > 1 { line.removeLast() }
    return Array(line)
  }
}

extension Glyph {
  /// What stands for a wide character where there is one column only.
  package static let narrow = Glyph.run(of: "?").first ?? .space
}

extension Character {
  /// Whether a line ends here: a line feed, alone or after a carriage return.
  package var isLineBreak: Bool { self == "\n" || self == "\r\n" }
}
