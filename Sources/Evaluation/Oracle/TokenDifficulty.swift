/// How much a token gains from compute: how far its loss can fall when more is allowed, not how large it
/// is (Alizadeh Vahid et al., Duo-LLM, arXiv 2410.10846).
///
/// With the loss of the token in nats, `gain = loss(all small) − min loss within the budget`, which is
/// never negative where all small is among the patterns tried.
package struct TokenDifficulty: Hashable, Sendable {
  /// What a token is. The first kind that fits, in this order, is its.
  package enum Kind: String, CaseIterable, Sendable {
    /// All big is worse than all small, and worse than the best by more than the threshold: big
    /// feed-forwards hurt.
    case fragile
    /// The gain is above the threshold: compute helps.
    case hard
    /// The gain is not, and the best loss is high: compute would be wasted.
    case hopeless
    /// Low losses with and without.
    case easy
  }

  /// What counts as a difference: half a nat, a factor of 1.65 in the token's probability.
  package static let gainThreshold = 0.5
  /// What counts as a high loss: ln 4, a probability of a quarter.
  package static let lossThreshold = 1.386_294

  /// The loss with every feed-forward big.
  package var whole: Double
  /// The loss with every feed-forward small.
  package var small: Double
  /// The lowest loss of a pattern within the budget.
  package var best: Double

  /// The difficulty of a token with these losses.
  package init(whole: Double, small: Double, best: Double) {
    self.whole = whole
    self.small = small
    self.best = best
  }

  /// How much compute within the budget takes from the loss, in nats.
  package var gain: Double { small - best }

  /// What the token is.
  package var kind: Kind {
    if whole > small, whole - best > Self.gainThreshold { return .fragile }
    if gain > Self.gainThreshold { return .hard }
    return best > Self.lossThreshold ? .hopeless : .easy
  }
}
