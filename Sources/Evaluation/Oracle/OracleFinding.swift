import Reports

/// A finding of the paper, and whether it is found here.
///
/// Source: Alizadeh Vahid et al., Duo-LLM (arXiv 2410.10846), sections 4 and 5. Its model was trained from
/// scratch with both kinds; this one got its small feed-forwards afterwards.
package struct OracleFinding: Hashable, Sendable {
  /// What the paper says.
  package var claim: String
  /// Whether it is so here.
  package var isReproduced: Bool
  /// The numbers.
  package var numbers: String

  /// The finding as a line.
  package var line: String {
    "\(isReproduced ? "reproduced" : "contradicted"): \(claim): \(numbers)"
  }

  /// The findings that a result can speak of.
  package static func all(
    _ result: OracleResult, _ curves: OracleCurves, _ summary: OracleSummary
  ) -> [OracleFinding] {
    [
      oneBig(result, curves), bestBudget(result, curves), places(result),
      routers(curves, summary), result.search.allowsSkip ? skips(result) : nil,
    ].compactMap(\.self)
  }

  /// One big group under the oracle has a lower loss than all of them.
  private static func oneBig(_ result: OracleResult, _ curves: OracleCurves) -> OracleFinding? {
    guard let one = curves[.exact].first(where: { $0.share == 1 / Double(result.groups.count) }),
      let all = curves[.exact].last(where: { $0.share == 1 })
    else { return nil }
    return OracleFinding(
      claim: "with the label in view, one big of \(result.groups.count) beats all big",
      isReproduced: one.loss < all.loss,
      numbers: "\(one.loss.rounded(to: 3)) against \(all.loss.rounded(to: 3)) nats")
  }

  /// The lowest loss is at half of the groups, give or take a tenth of them: there are most patterns.
  private static func bestBudget(_ result: OracleResult, _ curves: OracleCurves) -> OracleFinding? {
    guard let best = curves[.exact].min(by: { $0.loss < $1.loss }) else { return nil }
    let count = result.groups.count
    let budget = Int((best.share * Double(count)).rounded())
    return OracleFinding(
      claim: "with the label in view, half of them big is best",
      isReproduced: abs(best.share - 0.5) < 0.1 + 1e-9,
      numbers: "best at \(budget) of \(count), \(best.loss.rounded(to: 3)) nats")
  }

  /// With a third of the groups big the oracle's lie late, with two thirds early.
  private static func places(_ result: OracleResult) -> OracleFinding? {
    let count = result.groups.count
    let budgets = (
      few: Int((Double(count) / 3).rounded()), many: Int((Double(count) * 2 / 3).rounded())
    )
    guard budgets.few > 0, budgets.few < budgets.many,
      let few = meanPlace(result, budget: budgets.few),
      let many = meanPlace(result, budget: budgets.many)
    else { return nil }
    let middle = Double(count - 1) / 2
    return OracleFinding(
      claim: "the oracle's big ones lie late at small budgets and early at large ones",
      isReproduced: few > middle && many < middle,
      numbers: "mean index \(few.rounded(to: 2)) with \(budgets.few), \(many.rounded(to: 2)) with "
        + "\(budgets.many); the middle is \(middle.rounded(to: 1))")
  }

  /// The mean index of big groups in the patterns of lowest loss with exactly so many.
  private static func meanPlace(_ result: OracleResult, budget: Int) -> Double? {
    let indices = result.measured.flatMap {
      $0.bests.lowestLoss(exactly: budget)?.pattern.bigIndices ?? []
    }
    return indices.isEmpty ? nil : indices.map { Double($0) }.mean
  }

  /// The routers are nearer to a fixed pattern than to the oracle.
  private static func routers(_ curves: OracleCurves, _ summary: OracleSummary) -> OracleFinding? {
    guard let gain = summary.gainAtHalf, let part = gain.part else { return nil }
    let random = curves.divergence(of: .random, at: gain.share)
    return OracleFinding(
      claim: "routers are about as good as fixed patterns and far from the oracle",
      isReproduced: part < 0.5,
      numbers:
        "at \(gain.share.percent(1)) big, KL of the routers \(gain.router.rounded(to: 3)), fixed "
        + "\(gain.fixed.rounded(to: 3)), random \(random?.rounded(to: 3) ?? "-"), oracle "
        + "\(gain.oracle.rounded(to: 3))")
  }

  /// The oracle's skips are not the last groups, as they are in early exits: so it is for more than half
  /// of the tokens whose best pattern at half of the budget skips.
  private static func skips(_ result: OracleResult) -> OracleFinding? {
    let patterns = result.measured.compactMap {
      $0.bests.lowestLoss(within: result.groups.count / 2)?.pattern
    }.filter { $0.options.contains(.skip) }
    guard !patterns.isEmpty else { return nil }
    let suffixes = patterns.count(where: \.skipsAreSuffix)
    let share = Double(suffixes) / Double(patterns.count)
    return OracleFinding(
      claim: "the oracle's skips are not shaped like early exits", isReproduced: share < 0.5,
      numbers: "\(suffixes) of \(patterns.count) patterns that skip do so in the last groups only")
  }
}
