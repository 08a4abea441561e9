/// What the oracle measured.
package struct OracleResult: Sendable {
  /// Which patterns were tried.
  package let search: OracleSearch
  /// The groups of blocks.
  package let groups: BlockGroups
  /// The patterns that were tried on every token, in lexicographic order.
  package let shared: [FeedForwardPattern]
  /// Texts that the tokens are of.
  package let textCount: Int
  /// Tokens that were to be measured.
  package let plannedCount: Int
  /// The offsets of the routers' scores that were tried, as the modules' file has them.
  package let offsets: [Double]
  /// The tokens, in order.
  package internal(set) var tokens: [OracleToken] = []

  /// The first half of the tokens: they choose the fixed patterns.
  package var choosing: ArraySlice<OracleToken> { tokens[..<(tokens.count / 2)] }
  /// The second half: what every curve is measured on.
  package var measured: ArraySlice<OracleToken> { tokens[(tokens.count / 2)...] }

  /// The difficulty of a token, with patterns of at most `budget` big groups.
  package func difficulty(of token: OracleToken, within budget: Int) -> TokenDifficulty? {
    let small = FeedForwardPattern(all: .small, count: groups.count)
    guard let index = shared.firstIndex(of: small),
      let best = token.bests.lowestLoss(within: budget)
    else { return nil }
    return TokenDifficulty(
      whole: token.whole.loss, small: token.shared[index].loss, best: best.score.loss)
  }
}
