import Dials

/// Which patterns are tried on a token.
package struct OracleSearch: Hashable, Sendable {
  /// How patterns are found.
  package enum Method: String, Hashable, CaseIterable, Sendable {
    /// All patterns of groups of blocks.
    case groups
    /// From all big, one group after another that costs least: coordinate descent.
    case descent
    /// The same with several patterns side by side.
    case beam
  }

  /// What a search keeps patterns by.
  package enum Criterion: String, Hashable, CaseIterable, Sendable {
    /// KL divergence from the whole model.
    case kl
    /// The loss of the token that follows: such a search sees the label.
    case loss
  }

  /// How patterns are found.
  package var method: Method
  /// What a search keeps patterns by.
  package var criterion = Criterion.kl
  /// Patterns that a beam keeps.
  package var width = 4
  /// Whether a group may have no feed-forward at all.
  package var allowsSkip = false
  /// The seed of the patterns by chance that stand in for all patterns where a search looks for its own.
  package var seed: UInt64 = 0

  /// Patterns by chance for each budget.
  private static let chancesPerBudget = 4

  /// A search by this method.
  package init(_ method: Method) { self.method = method }

  /// What a group may be.
  package var options: [FeedForwardOption] { allowsSkip ? [.big, .small, .skip] : [.big, .small] }

  /// The patterns that are tried on every token: all of them, or with a search of their own for each
  /// token all big, all small, and some by chance for each budget between.
  package func sharedPatterns(count: Int) -> [FeedForwardPattern] {
    if method == .groups { return FeedForwardPattern.every(count: count, options: options) }
    var generator = SplitMix64(seed: seed)
    var patterns: Set = [
      FeedForwardPattern(all: .big, count: count), FeedForwardPattern(all: .small, count: count),
    ]
    for budget in 1..<max(2, count) {
      for _ in 0..<Self.chancesPerBudget {
        var pattern = FeedForwardPattern(all: .big, count: count)
        for group in (0..<count).shuffled(using: &generator).dropFirst(budget) {
          pattern.options[group] =
            allowsSkip && Bool.random(using: &generator) ? .skip : .small
        }
        patterns.insert(pattern)
      }
    }
    return patterns.sorted()
  }

  /// The most patterns that a step of a search runs at a time.
  static let patternsAtOnce = 1024

  /// Searches for patterns of the open token; `take` gets each that is tried.
  ///
  /// At each step every kept pattern is tried with one more of its big groups taken away, all of them as
  /// rows of one pass, and the best are kept. So each number of big groups has its best patterns.
  package func search(
    _ pass: PatternPass, take: (FeedForwardPattern, PatternScore) -> Void
  ) {
    guard method != .groups else { return }
    let count = pass.groups.count
    var kept = [FeedForwardPattern(all: .big, count: count)]
    for _ in 0..<count {
      let tried = Set(kept.flatMap(steps)).sorted()
      var scores: [PatternScore] = []
      let limit = Self.patternsAtOnce
      for start in stride(from: 0, to: tried.count, by: limit) {
        scores += pass.scores(of: PatternPlan(tried[start..<min(start + limit, tried.count)]))
      }
      for (pattern, score) in zip(tried, scores) { take(pattern, score) }
      let order = tried.indices.sorted {
        (value(scores[$0]), $0) < (value(scores[$1]), $1)
      }
      kept = order.prefix(method == .beam ? width : 1).map { tried[$0] }
    }
  }

  /// A pattern with one more big group taken away, in every way.
  private func steps(from pattern: FeedForwardPattern) -> [FeedForwardPattern] {
    pattern.bigIndices.flatMap { group in
      options.dropFirst().map { option in
        var next = pattern
        next.options[group] = option
        return next
      }
    }
  }

  private func value(_ score: PatternScore) -> Double {
    criterion == .kl ? score.divergence : score.loss
  }
}
