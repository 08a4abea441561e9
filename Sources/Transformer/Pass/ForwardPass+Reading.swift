import Kernels

/// What attention saw of the past for one row.
package struct ReachReading: Hashable, Sendable {
  /// Positions it attended to, its own included.
  package var attended: Int
  /// Positions before it that it did not see, but for what it looked up.
  package var unseen: Int
  /// Positions among these that each head looked up, in blocks that do so.
  package var lookedUp: Int
  /// The share of attention on the first positions, seen from far away: the mean over heads and
  /// blocks. Nil where none is seen so.
  package var sinkShare: Float?
}

extension ForwardPass {
  /// What attention saw for a row in flight, in the blocks that it has run so far and that have no window of
  /// the model's own.
  package func reading(row: Int) -> ReachReading {
    let visible = wave.rows[row].visible.everywhere
    let attended = visible.count
    return ReachReading(
      attended: attended, unseen: visible.end - attended,
      lookedUp: min(visible.middle.count, reachState.scratch.lookups?.count ?? 0),
      sinkShare: visible.sinkCount > 0
        ? wave.sinkShares.mean(row: row, queryHeadCount: weights.blueprint.headCount) : nil)
  }
}
