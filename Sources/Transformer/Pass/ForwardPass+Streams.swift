package import Dials
import Kernels

extension ForwardPass {
  /// The token of a row in flight.
  package func token(ofRow row: Int) -> TokenID { wave.rows[row].row.token }

  /// Where a row in flight stands in its own text.
  package func position(ofRow row: Int) -> Position { wave.rows[row].row.position }

  /// The residual stream of a row in flight, [width], as it stands.
  package func stream(row: Int) -> UnsafeBufferPointer<Float> {
    UnsafeBufferPointer(start: wave.hidden.row(row), count: weights.blueprint.width)
  }

  /// The residual stream of a row after `block`, [width], which must have been captured.
  package func capturedStream(row: Int, after block: Int) -> UnsafeBufferPointer<Float> {
    UnsafeBufferPointer(start: scratch.captured[block].row(row), count: weights.blueprint.width)
  }

  /// Takes rows back to where they stood after `block`, which must have been captured: from there they
  /// can be run again, through other blocks. Keys and values of deeper blocks are written anew then.
  package func restore(rows: Range<Int>, after block: Int) {
    for row in rows {
      wave.hidden.row(row).update(
        from: scratch.captured[block].row(row), count: weights.blueprint.width)
    }
  }

  /// Puts another residual stream, [width], in the place of a row's. Keys and values of the blocks that it
  /// runs from there are written anew.
  package func setStream(row: Int, to values: UnsafePointer<Float>) {
    wave.hidden.row(row).update(from: values, count: weights.blueprint.width)
  }

  /// What the last projection of the feed-forward read, [innerWidth], in the block that was run last, by
  /// several rows that all ran it, the `index`-th of them.
  package func feedForwardInner(of index: Int) -> UnsafeBufferPointer<Float> {
    UnsafeBufferPointer(
      start: scratch.shared.inputs.inner.row(index), count: weights.blueprint.innerWidth)
  }
}
