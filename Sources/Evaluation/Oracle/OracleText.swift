import Corpus
package import Dials

/// A text, and which of its tokens are predicted.
package struct OracleText: Hashable, Sendable {
  /// The tokens.
  package var tokens: [TokenID]
  /// The indices of the tokens that are predicted, ascending; never the first.
  package var targets: [Int]

  /// A text of which these tokens are predicted.
  package init(tokens: [TokenID], targets: [Int]) {
    self.tokens = tokens
    self.targets = targets
  }

  /// Tokens of a text that are predicted at least, where it has as many: a text has to be read up to them.
  private static let leastTargets = 16

  /// At most `limit` tokens to predict, evenly spread over texts that are evenly spread over `texts`.
  package static func sample(_ texts: [OracleText], limit: Int) -> [OracleText] {
    let usable = texts.filter { !$0.targets.isEmpty }
    guard !usable.isEmpty else { return [] }
    let targetsPerText = max(leastTargets, (limit + usable.count - 1) / usable.count)
    var chosen: [OracleText] = []
    var count = (limit + targetsPerText - 1) / targetsPerText
    while true {
      chosen = usable.spread(count).map { text in
        OracleText(tokens: text.tokens, targets: text.targets.spread(targetsPerText))
      }
      if count >= usable.count || chosen.reduce(0, { $0 + $1.targets.count }) >= limit { break }
      count += max(1, count / 8)
    }
    var rest = limit
    for index in chosen.indices {
      chosen[index].targets = Array(chosen[index].targets.prefix(rest))
      rest -= chosen[index].targets.count
    }
    return chosen.filter { !$0.targets.isEmpty }
  }
}
