import Reports

extension Frame {
  /// The frame as a picture in SVG, in the colours of `theme`: what the terminal shows, to be printed or
  /// put on a page.
  ///
  /// Text stays text. Every run says its place and its length, so the columns stand in any font. A
  /// terminal brings its own background and its own text colour; a picture has to choose: light for a
  /// theme whose colours are dark, dark for any other. The cursor is not drawn.
  package func svg(theme: Theme) -> String {
    let picture = Picture(theme: theme)
    let width = Numbers.fixed(Double(columns) * Picture.cellWidth + 2 * Picture.margin, 1)
    let height = Numbers.fixed(Double(rows) * Picture.cellHeight + 2 * Picture.margin, 1)
    let elements = (0..<rows).flatMap { row in
      runs(inRow: row).flatMap { picture.elements(for: $0, row: row) }
    }
    return """
      <svg xmlns="http://www.w3.org/2000/svg" width="\(width)" height="\(height)" \
      viewBox="0 0 \(width) \(height)">
      <rect width="100%" height="100%" rx="6" fill="\(picture.paper)" stroke="\(picture.edge)"/>
      <g font-family="ui-monospace, Menlo, Consolas, DejaVu Sans Mono, monospace" \
      font-size="14" xml:space="preserve">
      \(elements.joined(separator: "\n"))
      </g>
      </svg>

      """
  }

  /// Neighbouring cells that are drawn as one.
  fileprivate struct Run {
    let column: Int
    let role: Role
    let attributes: Style.Attributes
    var glyphs: [Glyph]

    var width: Int { glyphs.reduce(0) { $0 + $1.width } }

    /// Whether a glyph behind the run may join it. Fonts agree about ASCII, and one glyph repeated is
    /// stretched evenly; beyond that each would shift its neighbours.
    func takes(_ glyph: Glyph, of cell: Cell) -> Bool {
      guard cell.role == role, cell.attributes == attributes, let last = glyphs.last
      else { return false }
      return glyph == last || glyph.isASCII && last.isASCII
    }

    /// The run without the blanks around it; nil when nothing is left.
    var trimmed: Run? {
      guard let first = glyphs.firstIndex(where: { $0 != .space }),
        let last = glyphs.lastIndex(where: { $0 != .space })
      else { return nil }
      return Run(
        column: column + first, role: role, attributes: attributes,
        glyphs: Array(glyphs[first...last]))
    }
  }

  private func runs(inRow row: Int) -> [Run] {
    var runs: [Run] = []
    for column in 0..<columns {
      let cell = self[row, column]
      guard let glyph = cell.glyph else { continue }
      if let last = runs.indices.last, runs[last].takes(glyph, of: cell) {
        runs[last].glyphs.append(glyph)
      } else {
        runs.append(
          Run(column: column, role: cell.role, attributes: cell.attributes, glyphs: [glyph]))
      }
    }
    return runs
  }
}

/// Runs turned into elements of SVG, in the colours of one theme.
private struct Picture {
  static let cellWidth = 8.4
  static let cellHeight = 17.0
  static let margin = 8.0

  let theme: Theme
  let paper: String
  let ink: String

  /// The colour of the lines between regions, which also go round the picture.
  var edge: String { theme.styles[.rule]?.color?.hexadecimal ?? ink }

  init(theme: Theme) {
    self.theme = theme
    (paper, ink) = theme.isForLight ? ("#ffffff", "#262626") : ("#1c1c1c", "#d0d0d0")
  }

  /// What shows of a run: its own background where the style is reversed, then a stroke or a text.
  func elements(for run: Frame.Run, row: Int) -> [String] {
    var style = theme.styles[run.role] ?? Style()
    style.attributes.formUnion(run.attributes)
    let color = style.color?.hexadecimal ?? ink
    let top = Self.margin + Double(row) * Self.cellHeight
    let isReverse = style.attributes.contains(.reverse)
    let ground = isReverse ? [background(of: run, top: top, color)] : []
    if let rule = rule(for: run, top: top, color) { return ground + [rule] }
    guard let run = run.trimmed else { return ground }
    let x = Numbers.fixed(Self.margin + Double(run.column) * Self.cellWidth, 1)
    let length = Numbers.fixed(Double(run.width) * Self.cellWidth, 1)
    let place = "x=\"\(x)\" y=\"\(Numbers.fixed(top + 13, 1))\""
    let look = "fill=\"\(isReverse ? paper : color)\"\(attributes(of: style))"
    let text = SVG.escaped(run.glyphs.map(\.text).joined())
    return ground + [
      "<text \(place) lengthAdjust=\"spacingAndGlyphs\" textLength=\"\(length)\" \(look)>\(text)</text>"
    ]
  }

  private func attributes(of style: Style) -> String {
    let looks: [(Style.Attributes, String)] = [
      (.bold, "font-weight=\"bold\""), (.italic, "font-style=\"italic\""),
      (.underline, "text-decoration=\"underline\""), (.dim, "opacity=\"0.6\""),
    ]
    return looks.filter { style.attributes.contains($0.0) }.map { " " + $0.1 }.joined()
  }

  private func background(of run: Frame.Run, top: Double, _ color: String) -> String {
    let x = Numbers.fixed(Self.margin + Double(run.column) * Self.cellWidth, 1)
    let width = Numbers.fixed(Double(run.width) * Self.cellWidth, 1)
    let place = "x=\"\(x)\" y=\"\(Numbers.fixed(top, 1))\""
    return "<rect \(place) width=\"\(width)\" height=\"\(Self.cellHeight)\" fill=\"\(color)\"/>"
  }

  /// Rules as strokes, which meet whatever the font does; nil for any other text.
  private func rule(for run: Frame.Run, top: Double, _ color: String) -> String? {
    let left = Self.margin + Double(run.column) * Self.cellWidth
    let (x, y, line): (Double, Double, String)
    switch run.glyphs.first?.text {
    case "─":
      let length = Double(run.width) * Self.cellWidth
      (x, y, line) = (left, top + Self.cellHeight / 2, "h" + Numbers.fixed(length, 1))
    case "│" where run.width == 1:
      (x, y, line) = (left + Self.cellWidth / 2, top, "v" + Numbers.fixed(Self.cellHeight, 1))
    default: return nil
    }
    return "<path d=\"M\(Numbers.fixed(x, 1)) \(Numbers.fixed(y, 1))\(line)\" stroke=\"\(color)\"/>"
  }
}

extension Theme {
  /// Whether the colours are for a light background: dark ones, on the whole.
  fileprivate var isForLight: Bool {
    let colors = styles.values.compactMap(\.color)
    return !colors.isEmpty && colors.reduce(0) { $0 + $1.brightness } < 128 * colors.count
  }
}

extension RGB {
  /// `#rrggbb`.
  var hexadecimal: String {
    "#" + [red, green, blue].map { ($0 < 16 ? "0" : "") + String($0, radix: 16) }.joined()
  }

  /// 0...255, as the eye weighs the three (ITU-R BT.601).
  fileprivate var brightness: Int { (299 * red + 587 * green + 114 * blue) / 1000 }
}

extension Glyph {
  fileprivate var isASCII: Bool { text.utf8.count == 1 }
}
