import GGUF

extension AdapterHead {
  /// What the file of small feed-forwards says of them beside their tensors.
  package struct Duo: Hashable, Sendable {
    /// What was measured at a share of big feed-forwards, on held-out positions.
    package struct Point: Hashable, Sendable {
      /// The share of feed-forwards that ran big, 0...1.
      package var share: Double
      /// The router's score above which a feed-forward was big.
      package var offset: Double
      /// How often the most probable token was the whole model's.
      package var agreement: Double
      /// KL(whole model ‖ routed model) in nats.
      package var divergence: Double

      /// A point with its measures.
      package init(share: Double, offset: Double, agreement: Double, divergence: Double) {
        self.share = share
        self.offset = offset
        self.agreement = agreement
        self.divergence = divergence
      }
    }

    /// Gated units of each small feed-forward.
    package var inner: Int
    /// Linear units of each.
    package var rank: Int
    /// By ascending share: offsets fall.
    package var points: [Point]

    /// What a training found.
    package init(inner: Int, rank: Int, points: [Point]) {
      self.inner = inner
      self.rank = rank
      self.points = points
    }

    /// The most points of a file.
    private static let greatestPointCount = 64

    init(_ keys: AdapterKeys) throws(ModelError) {
      inner = try keys.count("fathom.duo.inner", in: 1...1 << 14)
      rank = try keys.count("fathom.duo.rank", in: 0...1 << 14)
      let count = keys.metadata["fathom.duo.shares"]?.array?.count ?? 0
      guard (2...Self.greatestPointCount).contains(count) else {
        throw .notInAdapter("fathom.duo.shares")
      }
      let shares = try keys.shares("fathom.duo.shares", count)
      let agreements = try keys.shares("fathom.duo.agreement", count)
      let offsets = try keys.numbers("fathom.duo.offsets", count)
      let divergences = try keys.numbers("fathom.duo.divergence", count)
      guard shares == shares.sorted(), Set(shares).count == count else {
        throw .notInAdapter("fathom.duo.shares")
      }
      guard offsets == offsets.sorted(by: >) else { throw .notInAdapter("fathom.duo.offsets") }
      points = shares.indices.map {
        Point(
          share: shares[$0], offset: offsets[$0], agreement: agreements[$0],
          divergence: divergences[$0])
      }
    }

    /// The keys that `init` reads back.
    var metadata: [(String, MetadataValue)] {
      func reals(_ value: (Point) -> Double) -> MetadataValue {
        .array(points.map { .float(Double(Float(value($0)))) })
      }
      return [
        ("fathom.duo.inner", .unsigned(UInt64(inner))),
        ("fathom.duo.rank", .unsigned(UInt64(rank))),
        ("fathom.duo.shares", reals(\.share)), ("fathom.duo.offsets", reals(\.offset)),
        ("fathom.duo.agreement", reals(\.agreement)),
        ("fathom.duo.divergence", reals(\.divergence)),
      ]
    }

    /// The offset at which about this share of feed-forwards is big: between points as on a line. Shares
    /// outside the points have the nearest one's offset.
    package func offset(forShare share: Double) -> Double {
      guard let first = points.first, let last = points.last else { return 0 }
      if share <= first.share { return first.offset }
      guard let above = points.firstIndex(where: { $0.share >= share }) else { return last.offset }
      let (a, b) = (points[above - 1], points[above])
      return a.offset + (b.offset - a.offset) * (share - a.share) / (b.share - a.share)
    }
  }
}
