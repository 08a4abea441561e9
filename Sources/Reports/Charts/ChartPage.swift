/// Panels side by side with one legend: a picture that follows the reader's light or dark scheme.
package struct ChartPage {
  private let charts: [LineChart]

  /// A picture of these panels; curves of one name have one line in the legend.
  package init(_ charts: [LineChart]) { self.charts = charts }

  /// The picture.
  package var svg: String {
    let width = Int(LineChart.width) * charts.count + 20
    let height = Int(LineChart.height)
    let panels = charts.enumerated().map { $1.svg(offset: LineChart.width * Double($0)) }
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

  private var legend: [String] {
    var x = 60.0
    let y = LineChart.height - 16
    var named: Set<String> = []
    return charts.flatMap(\.curves).filter { named.insert($0.name).inserted }.flatMap { curve in
      defer { x += 60 + 7 * Double(curve.name.count) }
      return [
        LineChart.polyline([(x, y - 4), (x + 30, y - 4)], curve.stroke),
        LineChart.label(curve.name, (x + 36, y), anchor: "start"),
      ]
    }
  }
}
