import Reports

extension PruningStudy {
  /// The study as a picture: for each text the perplexity, on a logarithmic scale, over the blocks gone,
  /// and beside them what that is worth in time. Bars reach from the best order to the worst, or over the
  /// middle half of the turns.
  package var svg: String {
    var charts = texts.indices.map { text in
      chart(
        title: "perplexity, \(texts[text].name)", isLogarithmic: true,
        series.map { series in
          curve(
            of: series.points[text].map(\.perplexity),
            ranges: series.orders.count > 1 ? series.points[text].map(\.range) : [],
            method: series.method, name: Self.name(series))
        })
    }
    if !speeds.isEmpty {
      charts.append(
        chart(
          title: "speed-up of writing, measured", isLogarithmic: false,
          [
            curve(
              of: speeds.map(\.ratio), ranges: speeds.map(\.range), method: .sleb,
              name: series.first { $0.method == .sleb }.map(Self.name) ?? "")
          ]))
    }
    return ChartPage(charts).svg
  }

  private func chart(
    title: String, isLogarithmic: Bool, _ curves: [LineChart.Curve]
  ) -> LineChart {
    let most = max(1, (curves.map(\.points.count).max() ?? 1) - 1)
    return LineChart(
      title: title, xLabel: "blocks gone",
      xTicks: (0...most).map { (Double($0), "\($0)") }, isLogarithmic: isLogarithmic,
      curves: curves)
  }

  private static let strokes: [PruningMethod: LineChart.Stroke] = [
    .sleb: .blue, .influence: .orange, .oneShot: .green, .random: .gray,
  ]

  private func curve(
    of values: [Double], ranges: [[Double]], method: PruningMethod, name: String
  ) -> LineChart.Curve {
    LineChart.Curve(
      name: name, points: values.enumerated().map { (Double($0), $1) },
      ranges: ranges.map { min($0[0], $0[1])...max($0[0], $0[1]) },
      stroke: Self.strokes[method] ?? .purple)
  }
}
