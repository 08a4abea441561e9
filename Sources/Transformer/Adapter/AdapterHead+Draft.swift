import GGUF

extension AdapterHead {
  /// What the file of a draft head says of it beside its tokens.
  package struct Draft: Hashable, Sendable {
    /// Width of its gated feed-forward.
    package var inner: Int
    /// The least probability of each bin of guesses but the first, ascending.
    package var bounds: [Double]
    /// By bin, how often a guess came true at a place that was reached, on held-out positions.
    package var chances: [Double]
    /// By guess in a row, how often it was right where those before it were, on the same positions.
    package var rates: [Double]

    /// What a training found.
    package init(inner: Int, bounds: [Double], chances: [Double], rates: [Double]) {
      self.inner = inner
      self.bounds = bounds
      self.chances = chances
      self.rates = rates
    }

    /// The most bins that are told apart.
    static let greatestBinCount = 16

    init(_ keys: AdapterKeys) throws(ModelError) {
      inner = try keys.count("fathom.draft.inner", in: 1...1 << 14)
      let count = keys.metadata["fathom.draft.chances"]?.array?.count ?? 0
      guard (1...Self.greatestBinCount).contains(count) else {
        throw .notInAdapter("fathom.draft.chances")
      }
      chances = try keys.shares("fathom.draft.chances", count)
      bounds = try keys.shares("fathom.draft.bounds", count - 1)
      guard bounds == bounds.sorted() else { throw .notInAdapter("fathom.draft.bounds") }
      rates = keys.metadata["fathom.draft.rates"]?.array?.compactMap(\.double) ?? []
    }

    /// The keys that `init` reads back.
    var metadata: [(String, MetadataValue)] {
      func reals(_ values: [Double]) -> MetadataValue {
        .array(values.map { .float(Double(Float($0))) })
      }
      return [
        ("fathom.draft.inner", .unsigned(UInt64(inner))), ("fathom.draft.bounds", reals(bounds)),
        ("fathom.draft.chances", reals(chances)), ("fathom.draft.rates", reals(rates)),
      ]
    }
  }
}
