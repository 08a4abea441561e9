package import Dials

/// A pattern, and what it is worth for a token.
package struct ScoredPattern: Hashable, Sendable {
  /// The pattern.
  package var pattern: FeedForwardPattern
  /// Its score.
  package var score: PatternScore
}

/// The best patterns of a token at each budget, which is a number of big groups.
package struct BudgetBests: Hashable, Sendable {
  private var byLoss: [ScoredPattern?]
  private var byDivergence: [ScoredPattern?]

  /// No patterns of `groupCount` groups yet.
  package init(groupCount: Int) {
    byLoss = Array(repeating: nil, count: groupCount + 1)
    byDivergence = byLoss
  }

  /// Takes in a pattern that was tried. Of equal ones the first is kept.
  package mutating func take(_ pattern: FeedForwardPattern, _ score: PatternScore) {
    let budget = pattern.bigCount
    if score.loss < byLoss[budget]?.score.loss ?? .infinity {
      byLoss[budget] = ScoredPattern(pattern: pattern, score: score)
    }
    if score.divergence < byDivergence[budget]?.score.divergence ?? .infinity {
      byDivergence[budget] = ScoredPattern(pattern: pattern, score: score)
    }
  }

  /// The pattern of lowest loss with exactly so many big groups.
  package func lowestLoss(exactly budget: Int) -> ScoredPattern? { byLoss[budget] }

  /// The pattern of lowest loss with at most so many big groups; of equal ones that with fewest.
  package func lowestLoss(within budget: Int) -> ScoredPattern? {
    Self.lowest(byLoss[...budget]) { $0.loss }
  }

  /// The pattern nearest to the whole model with at most so many big groups; of equal ones that with
  /// fewest.
  package func lowestDivergence(within budget: Int) -> ScoredPattern? {
    Self.lowest(byDivergence[...budget]) { $0.divergence }
  }

  /// The fewest big groups with which a pattern stays nearer to the whole model than `limit` nats.
  package func fewestBig(divergenceBelow limit: Double) -> Int {
    byDivergence.firstIndex { $0.map { $0.score.divergence < limit } ?? false }
      ?? byDivergence.count - 1
  }

  private static func lowest(
    _ found: ArraySlice<ScoredPattern?>, _ value: (PatternScore) -> Double
  ) -> ScoredPattern? {
    var best: ScoredPattern?
    for candidate in found.compactMap(\.self)
    where best.map({ value(candidate.score) < value($0.score) }) ?? true {
      best = candidate
    }
    return best
  }
}

/// What was measured of a token: of each pattern tried on all tokens, of the best ones, and of the
/// routers' way.
package struct OracleToken: Hashable, Sendable {
  /// The number of its text.
  package var text: Int
  /// Its position in the text.
  package var position: Position
  /// The token: what is predicted there.
  package var token: TokenID
  /// The whole model's score.
  package var whole: PatternScore
  /// The scores of the shared patterns, in their order.
  package var shared: [PatternScore]
  /// The best of all patterns that were tried.
  package var bests: BudgetBests
  /// The routers', at each offset of the modules.
  package var routed: [RoutedScore]

  /// A token.
  package init(
    text: Int, position: Position, token: TokenID, whole: PatternScore, shared: [PatternScore],
    bests: BudgetBests, routed: [RoutedScore]
  ) {
    self.text = text
    self.position = position
    self.token = token
    self.whole = whole
    self.shared = shared
    self.bests = bests
    self.routed = routed
  }
}
