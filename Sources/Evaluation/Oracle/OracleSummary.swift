/// What the curves come to: how much could be small, and what the routers get of it.
package struct OracleSummary: Sendable {
  /// What the routers get of the oracle's gain at one of their offsets.
  package struct Gain: Hashable, Sendable {
    /// The share of feed-forwards that the routers made big.
    package var share: Double
    /// The divergence of the fixed pattern at this share.
    package var fixed: Double
    /// The routers' divergence.
    package var router: Double
    /// The divergence of the oracle by KL at this share.
    package var oracle: Double

    /// `(fixed − router) / (fixed − oracle)`: at 0 the routers are no better than a fixed pattern, at 1 they
    /// are the oracle. Nil where the oracle gains nothing.
    package var part: Double? {
      fixed - oracle > 1e-9 ? (fixed - router) / (fixed - oracle) : nil
    }
  }

  /// The divergence below which a token counts as the whole model's: 0.05 nats.
  package static let closeLimit = 0.05

  /// The mean share of feed-forwards that need not be big for a divergence below ``closeLimit``.
  package let smallShare: Double
  /// What the routers get, by ascending share.
  package let gains: [Gain]

  /// What a result and its curves come to.
  package init(_ result: OracleResult, _ curves: OracleCurves) {
    let count = result.groups.count
    let small = result.measured.reduce(0) {
      $0 + count - $1.bests.fewestBig(divergenceBelow: Self.closeLimit)
    }
    smallShare = Double(small) / Double(max(1, result.measured.count * count))
    gains = curves[.router].compactMap { point in
      guard let fixed = curves.divergence(of: .fixed, at: point.share),
        let oracle = curves.divergence(of: .divergence, at: point.share)
      else { return nil }
      return Gain(share: point.share, fixed: fixed, router: point.divergence, oracle: oracle)
    }
  }

  /// What the routers get where about half of the feed-forwards are big.
  package var gainAtHalf: Gain? {
    gains.filter { $0.part != nil }.min { abs($0.share - 0.5) < abs($1.share - 0.5) }
  }
}
