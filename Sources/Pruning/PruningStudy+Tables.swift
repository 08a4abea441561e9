import Dials
import Reports

extension PruningStudy {
  /// The tables in Markdown, each with the counts at which another method beats SLEB.
  package var markdown: String {
    texts.indices.flatMap { index in
      let text = texts[index]
      let scored = text.windowCount * text.scoredPerWindow
      return [
        "Perplexity on \(text.name), \(text.windowCount) windows, \(scored) tokens scored:", "",
      ] + table(of: index) + ["", verdict(on: index), ""]
    }.joined(separator: "\n")
  }

  private func table(of text: Int) -> [String] {
    var head = ["gone", "SLEB takes"] + series.map(Self.name)
    if !speeds.isEmpty { head += ["speed-up", "middle half"] }
    let rows = (0...count).map { gone -> [String] in
      let points = series.map { $0.points[text][gone] }
      let lowest = points.map(\.perplexity).min() ?? 0
      let taken = gone > 0 ? "\(series[0].orders[0][gone - 1].rawValue)" : "-"
      var cells = ["\(gone)", taken]
      cells += points.map { point in
        let number = point.perplexity.rounded(to: 2)
        let error = "± " + point.error.rounded(to: 2)
        return gone > 0 && point.perplexity == lowest
          ? "**\(number)** \(error)" : "\(number) \(error)"
      }
      if speeds.indices.contains(gone) {
        let speed = speeds[gone]
        cells += [
          speed.ratio.rounded(to: 2) + " x",
          speed.range.map { $0.rounded(to: 2) }.joined(separator: " … "),
        ]
      }
      return cells
    }
    return MarkdownTable(head, rows: rows).lines
  }

  /// Says at which counts another method is lower than SLEB, and by how much.
  package func verdict(on text: Int) -> String {
    let beaten = series.dropFirst().flatMap { series in
      (1...max(1, count)).compactMap { gone -> String? in
        guard gone <= count, series.points[text][gone].excess < 0 else { return nil }
        let point = series.points[text][gone]
        return "\(Self.name(series)) at \(gone) (by \((-100 * point.excess).rounded(to: 2)) "
          + "± \(point.excessError.percent(2)))"
      }
    }
    if beaten.isEmpty { return "SLEB is the lowest at every count." }
    return "Lower than SLEB: \(beaten.joined(separator: ", "))."
  }

  /// One line for each text, method and count.
  package var csv: String {
    let rows = zip(texts.indices, texts).flatMap { index, text in
      series.flatMap { series in
        series.points[index].enumerated().map { gone, point -> [String] in
          let blocks =
            series.orders.count == 1
            ? series.orders[0].prefix(gone).map { "\($0.rawValue)" }.joined(separator: " ") : ""
          let numbers =
            [point.perplexity, point.error] + point.range + [point.excess, point.excessError]
          return [text.name, series.method.rawValue, "\(gone)", blocks] + numbers.map { "\($0)" }
        }
      }
    }
    return CSV.text(
      header: [
        "text", "method", "gone", "blocks", "ppl", "ppl_error", "ppl_min", "ppl_max", "excess",
        "excess_error",
      ], rows: rows, quoted: ["text"])
  }

  /// What people call a method.
  static func name(_ series: Series) -> String {
    switch series.method {
    case .sleb: "SLEB"
    case .influence: "ShortGPT"
    case .oneShot: "one shot"
    case .random: "random (mean of \(series.orders.count))"
    }
  }
}
