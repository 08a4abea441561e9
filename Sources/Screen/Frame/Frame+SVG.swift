extension Frame {
  /// The frame as a picture in SVG, in the colours of `theme`: what the terminal shows, to be printed or
  /// put on a page.
  ///
  /// A terminal brings its own background and its own text colour; a picture has to choose: light for a
  /// theme named `light`, dark for any other. The cursor is not drawn.
  package func svg(theme: Theme) -> String {
    let isLight = theme.name == "light"
    let (paper, ink) = isLight ? ("#ffffff", "#262626") : ("#1c1c1c", "#d0d0d0")
    let (cellWidth, cellHeight, size) = (8.4, 17.0, 14)
    let width = Numbers.fixed(Double(columns) * cellWidth + 16, 1)
    let height = Numbers.fixed(Double(rows) * cellHeight + 16, 1)
    var svg = """
      <svg xmlns="http://www.w3.org/2000/svg" width="\(width)" height="\(height)" \
      viewBox="0 0 \(width) \(height)">
      <rect width="100%" height="100%" rx="6" fill="\(paper)"/>
      <g font-family="DejaVu Sans Mono, Menlo, Consolas, monospace" font-size="\(size)" \
      xml:space="preserve">

      """
    for row in 0..<rows {
      for run in runs(inRow: row) where !run.isBlank {
        let style = theme.styles[run.role] ?? Style()
        let x = Numbers.fixed(8 + Double(run.column) * cellWidth, 1)
        let y = Numbers.fixed(8 + Double(row) * cellHeight + 13, 1)
        let length = Numbers.fixed(Double(run.width) * cellWidth, 1)
        var (front, isFilled) = (style.color?.hexadecimal ?? ink, false)
        if style.attributes.contains(.reverse) {
          let top = Numbers.fixed(8 + Double(row) * cellHeight, 1)
          svg += "<rect x=\"\(x)\" y=\"\(top)\" width=\"\(length)\" "
          svg += "height=\"\(Numbers.fixed(cellHeight, 1))\" fill=\"\(front)\"/>\n"
          (front, isFilled) = (paper, true)
        }
        let fade = style.attributes.contains(.dim) && !isFilled ? " opacity=\"0.6\"" : ""
        let weight = style.attributes.contains(.bold) ? " font-weight=\"bold\"" : ""
        let slant = style.attributes.contains(.italic) ? " font-style=\"italic\"" : ""
        let line =
          style.attributes.contains(.underline) ? " text-decoration=\"underline\"" : ""
        svg += "<text x=\"\(x)\" y=\"\(y)\" textLength=\"\(length)\" fill=\"\(front)\""
        svg += "\(weight)\(slant)\(line)\(fade)>\(run.text.escapedForXML)</text>\n"
      }
    }
    return svg + "</g>\n</svg>\n"
  }

  /// Neighbouring cells with one role; a glyph beyond ASCII stands alone, since fonts differ about its
  /// width.
  private struct Run {
    var column: Int
    var width: Int
    var role: Role
    var text: String
    var isPlain: Bool
    var isBlank: Bool { text.allSatisfy { $0 == " " } && role != .selected }
  }

  private func runs(inRow row: Int) -> [Run] {
    var runs: [Run] = []
    for column in 0..<columns {
      let cell = self[row, column]
      guard let glyph = cell.glyph else { continue }
      let isPlain = glyph.text.utf8.count == 1
      if isPlain, let last = runs.last, last.isPlain, last.role == cell.role {
        runs[runs.count - 1].text += glyph.text
        runs[runs.count - 1].width += glyph.width
      } else {
        runs.append(
          Run(
            column: column, width: glyph.width, role: cell.role, text: glyph.text, isPlain: isPlain)
        )
      }
    }
    return runs
  }
}

extension RGB {
  /// `#rrggbb`.
  package var hexadecimal: String {
    "#" + [red, green, blue].map { ($0 < 16 ? "0" : "") + String($0, radix: 16) }.joined()
  }
}

extension String {
  fileprivate var escapedForXML: String {
    var result = ""
    for character in self {
      switch character {
      case "&": result += "&amp;"
      case "<": result += "&lt;"
      case ">": result += "&gt;"
      default: result.append(character)
      }
    }
    return result
  }
}
