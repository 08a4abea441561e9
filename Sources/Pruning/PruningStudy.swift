import Foundation

/// Perplexities of a model with 0, 1, 2 … blocks gone, for several methods on several texts.
package struct PruningStudy: Hashable, Codable, Sendable {
  /// One method on every text.
  package struct Series: Hashable, Codable, Sendable {
    /// The method.
    package var method: PruningMethod
    /// The blocks in the order in which they go; empty for a mean over several orders.
    package var order: [Int]
    /// Orders that the perplexities are the mean of.
    package var orderCount: Int
    /// Per text, the perplexity with 0, 1, 2 … blocks gone.
    package var perplexities: [[Double]]

    /// A series.
    package init(
      method: PruningMethod, order: [Int], orderCount: Int, perplexities: [[Double]]
    ) {
      self.method = method
      self.order = order
      self.orderCount = orderCount
      self.perplexities = perplexities
    }
  }

  /// The model.
  package var model: String
  /// The texts that were evaluated.
  package var texts: [String]
  /// Tokens scored of each.
  package var scoredCounts: [Int]
  /// The methods.
  package var series: [Series]
  /// Median tokens written per second with 0, 1, 2 … blocks gone; empty when not measured.
  package var tokensPerSecond: [Double]

  /// A study.
  package init(
    model: String, texts: [String], scoredCounts: [Int], series: [Series],
    tokensPerSecond: [Double]
  ) {
    self.model = model
    self.texts = texts
    self.scoredCounts = scoredCounts
    self.series = series
    self.tokensPerSecond = tokensPerSecond
  }

  /// Blocks gone at most.
  package var count: Int { (series.first?.perplexities.first?.count ?? 1) - 1 }

  /// The table in Markdown, and the places where SLEB is not the lowest.
  package var markdown: String {
    var lines: [String] = []
    for (index, text) in texts.enumerated() {
      lines.append("Perplexity on \(text), \(scoredCounts[index]) tokens scored:")
      lines.append("")
      lines += table(of: index)
      lines.append("")
      lines.append(verdict(on: index))
      lines.append("")
    }
    return lines.joined(separator: "\n")
  }

  private func table(of text: Int) -> [String] {
    let hasSpeed = !tokensPerSecond.isEmpty
    var head = ["gone", "SLEB takes"] + series.map(Self.name)
    if hasSpeed { head += ["t/s written", "speed-up"] }
    var lines = [
      "| " + head.joined(separator: " | ") + " |",
      "|" + String(repeating: " ---: |", count: head.count),
    ]
    let order = series.first { $0.method == .sleb }?.order ?? []
    for gone in 0...count {
      let block = gone > 0 && gone <= order.count ? "\(order[gone - 1])" : "-"
      let lowest = series.map { $0.perplexities[text][gone] }.min() ?? 0
      var cells = ["\(gone)", block]
      cells += series.map { series in
        let value = series.perplexities[text][gone]
        let number = String(format: "%.2f", value)
        return gone > 0 && value == lowest ? "**\(number)**" : number
      }
      if hasSpeed {
        let rate = tokensPerSecond[gone]
        cells += [
          String(format: "%.1f", rate), String(format: "%.2f x", rate / tokensPerSecond[0]),
        ]
      }
      lines.append("| " + cells.joined(separator: " | ") + " |")
    }
    return lines
  }

  /// Says at which counts another method is lower than SLEB.
  package func verdict(on text: Int) -> String {
    guard let sleb = series.first(where: { $0.method == .sleb }) else { return "" }
    let beaten = (1...max(1, count)).filter { gone in
      gone <= count
        && series.contains {
          $0.method != .sleb && $0.perplexities[text][gone] < sleb.perplexities[text][gone]
        }
    }
    if beaten.isEmpty { return "SLEB is the lowest at every count." }
    let list = beaten.map(String.init).joined(separator: ", ")
    return "SLEB is the lowest at every count but \(list)."
  }

  /// What people call a method.
  static func name(_ series: Series) -> String {
    switch series.method {
    case .sleb: "SLEB"
    case .influence: "ShortGPT"
    case .oneShot: "one shot"
    case .random: "random (mean of \(series.orderCount))"
    }
  }
}
