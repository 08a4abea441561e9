import Foundation

extension PruningStudy {
  /// The study as a picture: for each text the perplexity, on a logarithmic scale, over the blocks gone,
  /// and beside them what that is worth in time. Bars reach from the best order to the worst, or over the middle half of the turns.
  package var svg: String {
    var charts = texts.indices.map { text in
      StudyChart(
        title: "perplexity, \(texts[text].name)", isLogarithmic: true,
        curves: series.map { series in
          curve(
            of: series.points[text].map(\.perplexity),
            ranges: series.orders.count > 1 ? series.points[text].map(\.range) : [],
            method: series.method)
        })
    }
    if !speeds.isEmpty {
      charts.append(
        StudyChart(
          title: "speed-up of writing, measured", isLogarithmic: false,
          curves: [curve(of: speeds.map(\.ratio), ranges: speeds.map(\.range), method: .sleb)]))
    }
    let width = Int(StudyChart.width) * charts.count + 20
    let height = Int(StudyChart.height)
    let panels = charts.enumerated().map { $1.svg(offset: StudyChart.width * Double($0)) }
    return """
      <svg xmlns="http://www.w3.org/2000/svg" width="\(width)" height="\(height)" \
      viewBox="0 0 \(width) \(height)" font-family="sans-serif" font-size="12">
      <style>
      text { fill: #333 } .axis { stroke: #999 } .grid { stroke: #ddd }
      polyline { fill: none; stroke-width: 2 }
      @media (prefers-color-scheme: dark) {
      text { fill: #ccc } .axis { stroke: #777 } .grid { stroke: #333 } }
      </style>
      \((panels + legend).joined(separator: "\n"))
      </svg>

      """
  }

  /// Okabe and Ito's colours, told apart by a dash pattern as well.
  private static let strokes: [PruningMethod: (color: String, dash: String)] = [
    .sleb: ("#0072b2", "none"), .influence: ("#d55e00", "7 3"), .oneShot: ("#009e73", "2 3"),
    .random: ("#999999", "9 3 2 3"),
  ]

  private func curve(
    of values: [Double], ranges: [[Double]], method: PruningMethod
  ) -> StudyChart.Curve {
    let stroke = Self.strokes[method] ?? ("#000000", "none")
    return StudyChart.Curve(
      values: values, ranges: ranges, color: stroke.color, dash: stroke.dash)
  }

  private var legend: [String] {
    var x = 60.0
    let y = StudyChart.height - 16
    return series.flatMap { series -> [String] in
      let stroke = Self.strokes[series.method] ?? ("#000000", "none")
      let name = Self.name(series)
      defer { x += 60 + 7 * Double(name.count) }
      return [
        "<polyline points=\"\(x),\(y - 4) \(x + 30),\(y - 4)\" stroke=\"\(stroke.color)\" "
          + "stroke-dasharray=\"\(stroke.dash)\"/>",
        SVGText.label(name, x + 36, y, anchor: "start"),
      ]
    }
  }
}
