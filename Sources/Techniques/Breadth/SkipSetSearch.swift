// Source: Xia et al., SWIFT: on-the-fly self-speculative decoding (arXiv 2410.06916).
// Decides: which blocks a draft leaves out, by trying sets on text that is there already.
// Needs: how often the model without a set of blocks says the token that came next.
// Costs: a pass over 33 rows for each set that is tried, in idle time; drafts cost the blocks that stay.
// Exact? As a draft that full depth verifies, yes.

package import Dials

/// Looks for the set of blocks that a draft can do without.
///
/// Differs from the paper: whole blocks are left out, not attention and feed-forward apart; sets are
/// tried when the engine is idle; and in place of Bayesian optimisation every other proposal changes
/// two blocks of the best set.
package struct SkipSetSearch: Hashable, Sendable {
  /// The share of the inner blocks that is left out.
  private static let ratio = 0.45
  /// A set this good ends the search.
  private static let goodScore = 0.95
  private static let patience = 300
  private static let trialLimit = 1000
  /// Tokens that a set is tried on, and one before them.
  package static let rowCount = 33

  private let blockCount: Int
  /// Blocks that run for nobody anyway.
  package let pruned: BlockSet
  /// The best set so far.
  package private(set) var best: BlockSet
  /// The share of tokens that it got right; nil when it was never tried.
  package private(set) var bestScore: Double?
  /// Sets tried.
  package private(set) var trialCount = 0
  private var failures = 0
  private var generator = SplitMix64(seed: 1)

  /// A search that begins with every second inner block; the first and the last always run.
  package init(blockCount: Int, pruned: BlockSet) {
    self.blockCount = blockCount
    self.pruned = pruned
    best = BlockSet(
      indices: stride(from: 1, to: blockCount - 1, by: 2).filter {
        !pruned.contains(BlockIndex($0))
      })
  }

  /// Whether it is not worth looking further.
  package var isOver: Bool {
    (bestScore ?? 0) > Self.goodScore || failures >= Self.patience
      || trialCount >= Self.trialLimit || inner.count < 2
  }

  private var inner: [Int] {
    guard blockCount > 2 else { return [] }
    return (1..<blockCount - 1).filter { !pruned.contains(BlockIndex($0)) }
  }

  /// The next set to try: the first, then random ones and changed copies of the best in turn.
  package mutating func proposal() -> BlockSet {
    let count = max(1, Int(Double(inner.count) * Self.ratio))
    guard bestScore != nil else { return best }
    guard trialCount % 2 == 0 else {
      var candidates = inner
      var chosen: [Int] = []
      while chosen.count < count, !candidates.isEmpty {
        chosen.append(candidates.remove(at: generator.draw(below: candidates.count)))
      }
      return BlockSet(indices: chosen)
    }
    let left = inner.filter { best.contains(BlockIndex($0)) }
    let kept = inner.filter { !best.contains(BlockIndex($0)) }
    guard !left.isEmpty, !kept.isEmpty else { return best }
    let out = left[generator.draw(below: left.count)]
    let into = kept[generator.draw(below: kept.count)]
    return BlockSet(indices: left.filter { $0 != out } + [into])
  }

  /// Notes that without `set` the model got this share of tokens right.
  package mutating func note(_ set: BlockSet, score: Double) {
    trialCount += 1
    if score > bestScore ?? -1 {
      (best, bestScore, failures) = (set, score, 0)
    } else {
      failures += 1
    }
  }
}
