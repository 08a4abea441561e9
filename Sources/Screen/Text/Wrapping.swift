/// One line of text, cut to a width.
package typealias GlyphLine = [Glyph]

/// Breaks text into lines of a width, at words where it can.
package enum Wrapping {
  /// The lines of `text`, none wider than `width` columns; empty when there is no width at all.
  /// ``WrappedText`` says where they break.
  package static func lines(of text: some StringProtocol, width: Int) -> [GlyphLine] {
    let text = String(text)
    let wrapped = WrappedText(text, width: width)
    return (wrapped.closed + wrapped.open(text)).map { line in
      var glyphs: GlyphLine = []
      wrapped.walk(line, of: text) { glyphs += $1 }
      return glyphs
    }
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
