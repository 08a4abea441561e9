/// A way to say which feed-forwards are big.
package enum OracleCurve: String, CaseIterable, Sendable {
  /// For each token the pattern of lowest loss with at most so many big groups: it sees the label.
  case label = "oracle-label"
  /// The same with exactly so many.
  case exact = "oracle-label-exactly"
  /// For each token the pattern nearest to the whole model with at most so many big groups.
  case divergence = "oracle-kl"
  /// The pattern with at most so many big groups that is nearest to the whole model on other tokens.
  case fixed
  /// The mean over all shared patterns with exactly so many big groups.
  case random
  /// What the routers say.
  case router
}

/// What a way is worth at a share of big feed-forwards: means over tokens.
package struct OraclePoint: Hashable, Sendable {
  /// The share of feed-forwards that are big.
  package var share: Double
  /// The loss in nats.
  package var loss: Double
  /// `KL(whole model ‖ this)` in nats.
  package var divergence: Double
  /// How often the most probable token is the whole model's.
  package var agreement: Double
  /// The pattern, where it is one for all tokens.
  package var pattern: FeedForwardPattern?
}

/// Loss, divergence and agreement over the share of big feed-forwards, all on the second half of the tokens.
package struct OracleCurves: Sendable {
  /// The points of each curve, by ascending share.
  package let points: [OracleCurve: [OraclePoint]]

  /// The curves of a result.
  package init(_ result: OracleResult) {
    let budgets = 0...result.groups.count
    func curve(_ score: (OracleToken, Int) -> PatternScore?) -> [OraclePoint] {
      budgets.compactMap { budget in
        var sum = ScoreSum()
        for token in result.measured { if let score = score(token, budget) { sum.add(score) } }
        return sum.point(share: Double(budget) / Double(result.groups.count))
      }
    }
    points = [
      .label: curve { $0.bests.lowestLoss(within: $1)?.score },
      .exact: curve { $0.bests.lowestLoss(exactly: $1)?.score },
      .divergence: curve { $0.bests.lowestDivergence(within: $1)?.score },
      .fixed: Self.fixed(result), .random: Self.random(result), .router: Self.router(result),
    ]
  }

  /// A curve's points.
  package subscript(curve: OracleCurve) -> [OraclePoint] { points[curve] ?? [] }

  /// The divergence of a curve at a share: between points as on a line; nil outside them.
  package func divergence(of curve: OracleCurve, at share: Double) -> Double? {
    let points = self[curve]
    guard let above = points.firstIndex(where: { $0.share >= share }) else { return nil }
    let b = points[above]
    if b.share == share { return b.divergence }
    guard above > 0 else { return nil }
    let a = points[above - 1]
    let part = (share - a.share) / (b.share - a.share)
    return a.divergence + part * (b.divergence - a.divergence)
  }

  /// For each budget the shared pattern that was nearest to the whole model on the first half.
  private static func fixed(_ result: OracleResult) -> [OraclePoint] {
    let divergences = result.shared.indices.map { index in
      result.choosing.reduce(0) { $0 + $1.shared[index].divergence }
    }
    var best: Int?
    return (0...result.groups.count).compactMap { budget in
      for (index, pattern) in result.shared.enumerated()
      where pattern.bigCount == budget
        && best.map({ divergences[index] < divergences[$0] }) ?? true
      {
        best = index
      }
      guard let chosen = best else { return nil }
      var sum = ScoreSum()
      for token in result.measured { sum.add(token.shared[chosen]) }
      var point = sum.point(share: Double(budget) / Double(result.groups.count))
      point?.pattern = result.shared[chosen]
      return point
    }
  }

  private static func random(_ result: OracleResult) -> [OraclePoint] {
    let counts = result.shared.map(\.bigCount)
    return (0...result.groups.count).compactMap { budget in
      let indices = counts.indices.filter { counts[$0] == budget }
      var sum = ScoreSum()
      for token in result.measured {
        for index in indices { sum.add(token.shared[index]) }
      }
      return sum.point(share: Double(budget) / Double(result.groups.count))
    }
  }

  private static func router(_ result: OracleResult) -> [OraclePoint] {
    result.offsets.indices.compactMap { index -> OraclePoint? in
      var (sum, share) = (ScoreSum(), 0.0)
      for token in result.measured {
        sum.add(token.routed[index].score)
        share += token.routed[index].share
      }
      return sum.point(share: share / Double(max(1, result.measured.count)))
    }.sorted { $0.share < $1.share }
  }
}

/// Sums of scores.
private struct ScoreSum {
  private var count = 0.0
  private var loss = 0.0
  private var divergence = 0.0
  private var agreement = 0.0

  mutating func add(_ score: PatternScore) {
    count += 1
    loss += score.loss
    divergence += score.divergence
    agreement += score.agrees ? 1 : 0
  }

  /// The means; nil where there was nothing.
  func point(share: Double) -> OraclePoint? {
    guard count > 0 else { return nil }
    return OraclePoint(
      share: share, loss: loss / count, divergence: divergence / count,
      agreement: agreement / count)
  }
}
