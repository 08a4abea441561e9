/// How a model is repaired, without training, when blocks are gone.
package enum RepairMethod: String, Hashable, Codable, Sendable, CaseIterable {
  /// One factor at each gap, by which the stream is as long behind it as behind the blocks that are
  /// gone. What the blocks behind the gap bring to the stream is divided by it: behind their norms that
  /// is the same.
  ///
  /// Source: Prune&Comp (arXiv 2507.18212).
  case scale
  /// A linear map of what the feed-forward before each gap brings, by least squares, multiplied into its
  /// last matrix.
  ///
  /// Source: ReplaceMe (arXiv 2505.02819).
  case map
  /// The last matrix of the feed-forward before each gap, solved anew by least squares: `map` with as
  /// many unknowns as the matrix has numbers.
  case refit
  /// The same, and then block after block behind the first gap: each brings the stream as near as it can
  /// to that of the whole model at its place.
  case follow

  /// The one that is used where none is named.
  package static let usual = RepairMethod.refit
}
