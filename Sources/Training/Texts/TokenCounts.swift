import Dials

/// How often tokens occur among the training targets: the reduced-vocabulary head has the most frequent.
package struct TokenCounts: Sendable {
  private var counts: [Int]

  /// Counts the target tokens of the texts that are not held out.
  package init(_ texts: [TrainingText], vocabularyCount: Int) {
    counts = Array(repeating: 0, count: vocabularyCount)
    for text in texts where !text.isHeldOut {
      for range in text.targets {
        for token in text.tokens[range] { counts[token.index] += 1 }
      }
    }
  }

  /// The `count` most frequent tokens, most frequent first. Tokens that are equally frequent, or that
  /// never occur, come in the order of their ids: a vocabulary lists common pieces first.
  package func mostFrequent(_ count: Int) -> [Int32] {
    let order = counts.indices.sorted { (counts[$0], $1) > (counts[$1], $0) }
    return order.prefix(count).map { Int32($0) }
  }

  /// The share of what was counted that `tokens` cover.
  package func coverage(of tokens: [Int32]) -> Double {
    let all = counts.reduce(0, +)
    return all == 0 ? 0 : Double(tokens.reduce(0) { $0 + counts[Int($1)] }) / Double(all)
  }
}
