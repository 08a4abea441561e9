/// Variants of a row that share the blocks they have in common.
extension ForwardPass {
  /// Adds a row in flight with the token, position, parent and residual stream of a row in flight, and
  /// returns its index: from here on the two can take different ways. They do not see each other.
  ///
  /// The new row has no keys and values in blocks that only the other ran: it can be taken on and looked
  /// at, but it cannot be committed, and no row can follow it there.
  @discardableResult
  package func fork(row: Int) -> Int {
    let slot = cache.committedCount + rowCount
    cache.take(slot: slot)
    wave.fork(row, slot: slot)
    return rowCount - 1
  }
}
