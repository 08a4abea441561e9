import Foundation
package import Inference
import Reports
package import Techniques
import Transformer

/// Finds the least budget whose text differs from the whole model's in no more than a share of its tokens, with
/// a bound that holds with some confidence (Learn then Test, Angelopoulos et al., arXiv 2110.01052).
///
/// The budgets stand in an order from the start, from nearly all big downwards, and are tested one after
/// another until one fails: that needs no correction for their number (fixed-sequence testing).
package struct BudgetCalibration: Sendable {
  /// A budget with what was counted under it.
  package struct Point: Hashable, Sendable {
    /// The share of big feed-forwards that the modules promise.
    package var budget: BudgetSetting
    /// The share that it came to.
    package var share: Double
    /// Weight bytes relative to the whole model.
    package var relativeBytes: Double
    /// Where the most probable token is not the whole model's.
    package var errors: ErrorCounts
    /// The smallest risk that would have passed.
    package var upperBound: Double

    /// The share of tokens that are the whole model's.
    package var agreement: Double { 1 - errors.risk }
  }

  /// The budgets, from nearly all big downwards.
  package var points: [Point]
  /// The limit of the risk.
  package var limit: Double
  /// The probability with which the risk is below it.
  package var confidence: Double
  /// What the bound takes as independent.
  package var test: RiskTest
  /// Positions that are the whole model's own choice, of all.
  package var followed: Double
  /// The last budget that passed; nil where the first one fails.
  package var selected: Point? { selectedIndex.map { points[$0] } }

  private var selectedIndex: Int? {
    let failed = points.firstIndex { test.p($0.errors, limit: limit) > 1 - confidence }
    let count = failed ?? points.count
    return count > 0 ? count - 1 : nil
  }

  /// The budgets that are tried.
  package static let shares: [Double] = [
    0.98, 0.95, 0.925, 0.9, 0.875, 0.85, 0.825, 0.8, 0.75, 0.7, 0.65, 0.6, 0.5, 0.4, 0.3,
  ]

  /// Reads `texts` under every budget. Throws where the model has no small feed-forwards, and a
  /// `CancellationError` where the task is cancelled; `progress` hears how many texts are read.
  package init(
    _ texts: [AnswerText], model: LoadedModel, limit: Double, confidence: Double,
    unit: ExitCalibration.Unit, progress: (Int) -> Void = { _ in }
  ) throws {
    let budgets = Self.shares.map { model.resolved(BudgetSetting(share: $0)) }
    let length = texts.map { $0.prompt.count + $0.answer.count }.max() ?? 1
    guard
      let tracer = BudgetTracer(
        model.runtime, rules: budgets.compactMap(\.rule), length: length),
      tracer.rules.count == budgets.count
    else {
      throw EvaluationError(
        code: .missingFile,
        message:
          "A budget is for small feed-forwards, and none are loaded. Give some with --duo, or "
          + "train them with fathom tune duo.")
    }
    for (index, text) in texts.enumerated() {
      tracer.read(text)
      progress(index + 1)
      try Task.checkCancellation()
    }
    self.limit = limit
    self.confidence = confidence
    let errors = tracer.counts.map(\.errors)
    let test: RiskTest =
      switch unit {
      case .answers: .answers
      case .tokens: .tokens(effect: RiskTest.designEffect(errors))
      }
    self.test = test
    followed = Double(tracer.followed) / Double(max(1, tracer.positionCount))
    points = zip(budgets, tracer.counts).map { budget, count in
      Point(
        budget: budget,
        share: Double(count.big) / Double(max(1, tracer.feedForwardCount)),
        relativeBytes: Double(count.bytes) / Double(max(1, tracer.denseBytes)),
        errors: count.errors,
        upperBound: test.upperBound(count.errors, confidence: confidence))
    }
  }

  /// The budgets as a table; the selected one is marked.
  package var lines: [String] {
    let rows = points.enumerated().map { index, point in
      [
        "\(point.budget)" + (index == selectedIndex ? " *" : ""), point.share.percent(1),
        point.relativeBytes.rounded(to: 3), point.agreement.percent(1),
        (1 - point.upperBound).percent(1),
        point.budget.offset.map { Double($0).rounded(to: 2) } ?? "",
      ]
    }
    return Table(
      header: ["BUDGET", "BIG", "BYTES", "AGREEMENT", "AT LEAST", "OFFSET"], rows: rows
    ).lines
  }

  /// The same as CSV.
  package var csv: String {
    CSV.text(
      header: ["budget", "big", "relative_bytes", "agreement", "at_least", "offset", "selected"],
      rows: points.enumerated().map { index, point in
        [
          "\(point.budget.share)", point.share.rounded(to: 5),
          point.relativeBytes.rounded(to: 5), point.agreement.rounded(to: 5),
          (1 - point.upperBound).rounded(to: 5),
          point.budget.offset.map { Double($0).rounded(to: 2) } ?? "",
          "\(index == selectedIndex)",
        ]
      }, quoted: []) + "\n"
  }
}
