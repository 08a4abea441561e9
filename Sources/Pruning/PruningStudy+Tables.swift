import Dials
import Foundation

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
    var lines = [row(head), "|" + String(repeating: " ---: |", count: head.count)]
    for gone in 0...count {
      let points = series.map { $0.points[text][gone] }
      let lowest = points.map(\.perplexity).min() ?? 0
      let taken = gone > 0 ? "\(series[0].orders[0][gone - 1].rawValue)" : "-"
      var cells = ["\(gone)", taken]
      cells += points.map { point in
        let number = Self.decimal(point.perplexity)
        let error = "± " + Self.decimal(point.error)
        return gone > 0 && point.perplexity == lowest
          ? "**\(number)** \(error)" : "\(number) \(error)"
      }
      if speeds.indices.contains(gone) {
        let speed = speeds[gone]
        cells += [
          Self.decimal(speed.ratio) + " x", speed.range.map(Self.decimal).joined(separator: " … "),
        ]
      }
      lines.append(row(cells))
    }
    return lines
  }

  /// Says at which counts another method is lower than SLEB, and by how much.
  package func verdict(on text: Int) -> String {
    let beaten = series.dropFirst().flatMap { series in
      (1...max(1, count)).compactMap { gone -> String? in
        guard gone <= count, series.points[text][gone].excess < 0 else { return nil }
        let point = series.points[text][gone]
        return "\(Self.name(series)) at \(gone) (by \(Self.decimal(-100 * point.excess)) "
          + "± \(Self.decimal(100 * point.excessError)) %)"
      }
    }
    if beaten.isEmpty { return "SLEB is the lowest at every count." }
    return "Lower than SLEB: \(beaten.joined(separator: ", "))."
  }

  /// One line for each text, method and count.
  package var csv: String {
    var lines = ["text,method,gone,blocks,ppl,ppl_error,ppl_min,ppl_max,excess,excess_error"]
    for (index, text) in texts.enumerated() {
      for series in series {
        for (gone, point) in series.points[index].enumerated() {
          let blocks =
            series.orders.count == 1
            ? series.orders[0].prefix(gone).map { "\($0.rawValue)" }.joined(separator: " ") : ""
          let numbers =
            [point.perplexity, point.error] + point.range + [point.excess, point.excessError]
          lines.append(
            "\"\(text.name.replacing("\"", with: "\"\""))\",\(series.method.rawValue),\(gone),\(blocks),"
              + numbers.map { "\($0)" }.joined(separator: ","))
        }
      }
    }
    return lines.joined(separator: "\n")
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

  private func row(_ cells: [String]) -> String { "| " + cells.joined(separator: " | ") + " |" }

  private static func decimal(_ value: Double) -> String { String(format: "%.2f", value) }
}
