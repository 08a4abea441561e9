import Foundation

extension PruningStudy {
  /// The study as a picture: for each text the perplexity, on a logarithmic scale, over the blocks gone.
  package var svg: String {
    let width = 380 * texts.count + 20
    let height = 340
    var body: [String] = []
    for index in texts.indices { body += panel(index, x: 380 * Double(index)) }
    body += legend(y: Double(height) - 16)
    return """
      <svg xmlns="http://www.w3.org/2000/svg" width="\(width)" height="\(height)" \
      viewBox="0 0 \(width) \(height)" font-family="sans-serif" font-size="12">
      <style>
      text { fill: #333 } .axis { stroke: #999 } .grid { stroke: #ddd }
      polyline { fill: none; stroke-width: 2 }
      @media (prefers-color-scheme: dark) {
      text { fill: #ccc } .axis { stroke: #777 } .grid { stroke: #333 } }
      </style>
      \(body.joined(separator: "\n"))
      </svg>

      """
  }

  /// Okabe and Ito's colours, told apart by a dash pattern as well.
  private static let strokes: [PruningMethod: (color: String, dash: String)] = [
    .sleb: ("#0072b2", "none"), .influence: ("#d55e00", "7 3"), .oneShot: ("#009e73", "2 3"),
    .random: ("#999999", "9 3 2 3"),
  ]

  private func panel(_ text: Int, x left: Double) -> [String] {
    let area = (left: left + 60, right: left + 370, top: 36.0, bottom: 280.0)
    let all = series.flatMap { $0.perplexities[text] }.map { max($0, 1) }
    let low = log10((all.min() ?? 1) * 0.9)
    let high = log10(max((all.max() ?? 10) * 1.1, (all.min() ?? 1) * 2))
    func x(_ gone: Int) -> Double {
      area.left + (area.right - area.left) * Double(gone) / Double(max(1, count))
    }
    func y(_ value: Double) -> Double {
      area.bottom - (area.bottom - area.top) * (log10(max(value, 1)) - low) / (high - low)
    }
    var lines = [label(texts[text], area.left, area.top - 14, anchor: "start", weight: "bold")]
    for tick in Self.ticks(low, high) {
      lines.append(line(area.left, y(tick), area.right, y(tick), "grid"))
      lines.append(label(Self.short(tick), area.left - 6, y(tick) + 4, anchor: "end"))
    }
    for gone in 0...count {
      lines.append(label("\(gone)", x(gone), area.bottom + 16, anchor: "middle"))
    }
    lines.append(line(area.left, area.bottom, area.right, area.bottom, "axis"))
    lines.append(
      label("blocks gone", (area.left + area.right) / 2, area.bottom + 32, anchor: "middle"))
    for series in series {
      let stroke = Self.strokes[series.method] ?? ("#000", "none")
      let points = series.perplexities[text].enumerated().map {
        "\(Self.number(x($0))),\(Self.number(y($1)))"
      }
      lines.append(
        "<polyline points=\"\(points.joined(separator: " "))\" stroke=\"\(stroke.color)\" "
          + "stroke-dasharray=\"\(stroke.dash)\"/>")
    }
    return lines
  }

  private func legend(y: Double) -> [String] {
    var x = 60.0
    return series.flatMap { series -> [String] in
      let stroke = Self.strokes[series.method] ?? ("#000", "none")
      let name = Self.name(series)
      defer { x += 60 + 7 * Double(name.count) }
      return [
        "<polyline points=\"\(x),\(y - 4) \(x + 30),\(y - 4)\" stroke=\"\(stroke.color)\" "
          + "stroke-dasharray=\"\(stroke.dash)\"/>",
        label(name, x + 36, y, anchor: "start"),
      ]
    }
  }

  /// 1, 2 and 5 times the powers of ten between two logarithms.
  private static func ticks(_ low: Double, _ high: Double) -> [Double] {
    (Int(low.rounded(.down))...Int(high.rounded(.up))).flatMap { power in
      [1.0, 2, 5].map { $0 * pow(10, Double(power)) }
    }.filter { log10($0) >= low && log10($0) <= high }
  }

  private static func short(_ value: Double) -> String {
    value >= 1 ? String(Int(value)) : number(value)
  }

  private static func number(_ value: Double) -> String { String(format: "%.1f", value) }

  private func line(
    _ x1: Double, _ y1: Double, _ x2: Double, _ y2: Double, _ kind: String
  ) -> String {
    let numbers = [x1, y1, x2, y2].map(Self.number)
    return "<line x1=\"\(numbers[0])\" y1=\"\(numbers[1])\" x2=\"\(numbers[2])\" "
      + "y2=\"\(numbers[3])\" class=\"\(kind)\"/>"
  }

  private func label(
    _ text: String, _ x: Double, _ y: Double, anchor: String, weight: String = "normal"
  ) -> String {
    let safe = text.replacing("&", with: "&amp;").replacing("<", with: "&lt;")
    return "<text x=\"\(Self.number(x))\" y=\"\(Self.number(y))\" text-anchor=\"\(anchor)\" "
      + "font-weight=\"\(weight)\">\(safe)</text>"
  }
}
