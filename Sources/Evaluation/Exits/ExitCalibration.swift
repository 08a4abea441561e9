import Dials
import Reports
package import Techniques

/// Settings whose risk is bounded: Learn then Test by fixed-sequence testing (Angelopoulos et al.,
/// arXiv 2110.01052, section 3; Schuster et al., CALM, arXiv 2207.07061, section 3.2).
///
/// A third of the answers chooses a path of settings, from safe to unsafe. The others test them one
/// after another, as long as each is shown to be below the limit. Since the path was fixed before, the
/// last one that passed is below the limit with the confidence of a single test.
package struct ExitCalibration: Sendable {
  /// What independence the bound relies on.
  package enum Unit: String, Hashable, Codable, CaseIterable, Sendable {
    /// Tokens, with a design effect for those of one answer.
    case tokens
    /// Answers.
    case answers
  }

  /// A setting that passed.
  package struct Selection: Hashable, Sendable {
    /// The limit of the risk.
    package var limit: Double
    /// The setting.
    package var thresholds: ExitThresholds
    /// What it would have done on the answers that tested.
    package var outcome: ExitOutcome
    /// The p-value of its test.
    package var p: Double
    /// The smallest limit that it would have passed by itself.
    package var upperBound: Double
    /// Bytes of a token relative to full depth, on the answers that tested.
    package var relativeBytes: Double
    /// The agreement's 95 % interval, by resampled answers.
    package var agreement: ClosedRange<Double>

    /// A setting that passed.
    package init(
      limit: Double, thresholds: ExitThresholds, outcome: ExitOutcome, p: Double,
      upperBound: Double, relativeBytes: Double, agreement: ClosedRange<Double>
    ) {
      self.limit = limit
      self.thresholds = thresholds
      self.outcome = outcome
      self.p = p
      self.upperBound = upperBound
      self.relativeBytes = relativeBytes
      self.agreement = agreement
    }
  }

  /// All settings on the answers that chose.
  package let sweep: ExitSweep
  /// The path, from safe to unsafe.
  package let path: [ExitThresholds]
  /// The test.
  package let test: RiskTest
  /// Answers that chose.
  package let choosingCount: Int
  /// Answers that tested.
  package let testingCount: Int
  /// Tokens that tested.
  package let tokenCount: Int

  private let testing: ExitTrace
  private let costs: ExitCosts
  private let fill: FillPolicy
  private let confidence: Double

  /// Splits a trace of independent answers, `seed` says how, and chooses the path.
  package init(
    _ trace: ExitTrace, costs: ExitCosts, fill: FillPolicy, unit: Unit, confidence: Double,
    seed: UInt64
  ) {
    let order = Self.shuffled(trace.texts.count, seed: seed)
    let third = max(1, order.count / 3)
    let choosing = trace.texts(Array(order[..<third]))
    testing = trace.texts(Array(order[third...]))
    let sweep = ExitSweep(choosing, costs: costs, fill: fill)
    let front = sweep.path.map { sweep.points[$0] }
    self.sweep = sweep
    path = front.map(\.thresholds)
    test =
      switch unit {
      case .tokens: .tokens(effect: RiskTest.designEffect(front.map(\.outcome.errors)))
      case .answers: .answers
      }
    choosingCount = third
    testingCount = order.count - third
    tokenCount = testing.count
    self.costs = costs
    self.fill = fill
    self.confidence = confidence
  }

  /// The cheapest setting of the path that is shown to err no more often than `limit`; nil when there
  /// are too few answers to show it even for full depth.
  package func selection(limit: Double) -> Selection? {
    var last: (thresholds: ExitThresholds, outcome: ExitOutcome, p: Double)?
    for thresholds in path {
      let outcome = testing.outcome(of: thresholds, costs: costs, fill: fill)
      let p = test.p(outcome.errors, limit: limit)
      if p > 1 - confidence { break }
      last = (thresholds, outcome, p)
    }
    guard let (thresholds, outcome, p) = last else { return nil }
    return Selection(
      limit: limit, thresholds: thresholds, outcome: outcome, p: p,
      upperBound: test.upperBound(outcome.errors, confidence: confidence),
      relativeBytes: outcome.bytesPerToken / Double(costs.dense),
      agreement: outcome.agreement)
  }

  /// Fisher and Yates's shuffle of 0..<count.
  private static func shuffled(_ count: Int, seed: UInt64) -> [Int] {
    var order = Array(0..<count)
    var generator = SplitMix64(seed: seed)
    for i in stride(from: count - 1, to: 0, by: -1) {
      order.swapAt(i, generator.draw(below: i + 1))
    }
    return order
  }
}

extension ExitOutcome {
  /// The errors of its answers.
  package var errors: ErrorCounts { ErrorCounts(counts: counts, misses: misses) }

  /// The 95 % interval of the agreement, by resampled answers.
  package var agreement: ClosedRange<Double> {
    let risk = Bootstrap().interval(misses.map(Double.init), over: counts.map(Double.init))
    return 1 - (risk?.upperBound ?? 1)...1 - (risk?.lowerBound ?? 0)
  }
}
