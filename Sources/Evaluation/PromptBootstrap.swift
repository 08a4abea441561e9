import Dials

/// The bootstrap's percentile interval (Efron 1979): prompts drawn with replacement, always the same
/// ones, so that what belongs to one prompt stays together.
package struct PromptBootstrap: Sendable {
  /// How often prompts are drawn anew.
  package var resamples: Int
  /// The share that the interval is to hold.
  package var confidence: Double

  /// A bootstrap.
  package init(resamples: Int = 2000, confidence: Double = 0.95) {
    self.resamples = max(1, resamples)
    self.confidence = confidence
  }

  /// The interval of `Σ parts / Σ wholes`, of which each prompt has one; nil without prompts.
  package func interval(_ parts: [Double], over wholes: [Double]) -> ClosedRange<Double>? {
    guard parts.count == wholes.count else { return nil }
    return interval(of: parts.count) { prompts in
      let whole = prompts.reduce(0) { $0 + wholes[$1] }
      return whole != 0 ? prompts.reduce(0) { $0 + parts[$1] } / whole : 0
    }
  }

  /// The interval of the median of `values`, of which each prompt has one; nil without prompts.
  package func interval(ofMedian values: [Double]) -> ClosedRange<Double>? {
    interval(of: values.count) { prompts in prompts.map { values[$0] }.median }
  }

  /// The interval of what `statistic` says of so many prompts.
  private func interval(
    of count: Int, _ statistic: ([Int]) -> Double
  ) -> ClosedRange<Double>? {
    guard count > 0 else { return nil }
    var generator = SplitMix64(seed: 7)
    let results = (0..<resamples).map { _ in
      statistic((0..<count).map { _ in generator.draw(below: count) })
    }.sorted()
    let tail = Int(Double(resamples) * (1 - confidence) / 2 + 1e-9)
    return results[tail]...results[results.count - 1 - tail]
  }
}

extension [Double] {
  /// The middle value, or the mean of the two in the middle; 0 where there is none.
  package var median: Double {
    if isEmpty { return 0 }
    let sorted = sorted()
    return (sorted[(count - 1) / 2] + sorted[count / 2]) / 2
  }
}
