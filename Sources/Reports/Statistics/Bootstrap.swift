import Dials

/// The bootstrap's percentile interval (Efron 1979): groups, such as prompts, drawn with replacement,
/// always the same ones, so that what belongs to one group stays together.
package struct Bootstrap: Sendable {
  /// How often groups are drawn anew.
  package var resamples: Int
  /// The share that the interval is to hold.
  package var confidence: Double

  /// A bootstrap.
  package init(resamples: Int = 2000, confidence: Double = 0.95) {
    self.resamples = max(1, resamples)
    self.confidence = confidence
  }

  /// The interval of `Σ parts / Σ wholes`, of which each group has one; nil without groups.
  package func interval(_ parts: [Double], over wholes: [Double]) -> ClosedRange<Double>? {
    guard parts.count == wholes.count else { return nil }
    return interval(of: parts.count) { groups in
      let whole = groups.reduce(0) { $0 + wholes[$1] }
      return whole != 0 ? groups.reduce(0) { $0 + parts[$1] } / whole : 0
    }
  }

  /// The interval of the median of `values`, of which each group has one; nil without groups.
  package func interval(ofMedian values: [Double]) -> ClosedRange<Double>? {
    interval(of: values.count) { groups in groups.map { values[$0] }.median }
  }

  /// The interval of what `statistic` says of so many groups.
  private func interval(
    of count: Int, _ statistic: ([Int]) -> Double
  ) -> ClosedRange<Double>? {
    guard count > 0 else { return nil }
    var generator = SplitMix64(seed: 7)
    return (0..<resamples).map { _ in
      statistic((0..<count).map { _ in generator.draw(below: count) })
    }.central(confidence)
  }
}
