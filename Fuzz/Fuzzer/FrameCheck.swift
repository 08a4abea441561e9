@testable import Screen

extension Frame {
  /// Every row is as wide as the frame, wide glyphs are whole, nothing in it is a command to a terminal, and
  /// the cursor is inside.
  func checkWhole() {
    for row in 0..<rows {
      var column = 0
      while column < columns {
        guard let glyph = self[row, column].glyph else {
          return claim(false, "half a glyph at \(row), \(column)")
        }
        claim(column + glyph.width <= columns, "a glyph over the edge at \(row), \(column)")
        for offset in 1..<max(glyph.width, 1) {
          claim(self[row, column + offset].glyph == nil, "a cut glyph at \(row), \(column)")
        }
        for scalar in glyph.text.unicodeScalars {
          claim(!scalar.isCommand, "U+\(String(scalar.value, radix: 16)) in a cell")
        }
        claim(glyph.width > 0, "a glyph of no width at \(row), \(column)")
        column += max(1, glyph.width)
      }
    }
    guard let cursor else { return }
    claim((0..<rows).contains(cursor.row), "the cursor's row")
    claim((0..<columns).contains(cursor.column), "the cursor's column")
  }
}

extension Unicode.Scalar {
  /// Whether a terminal could take it for a command, or a reader be misled by it.
  var isCommand: Bool {
    switch properties.generalCategory {
    case .control, .format, .lineSeparator, .paragraphSeparator, .surrogate: true
    default: false
    }
  }
}
