import Kernels

extension ForwardPass {
  /// The residual stream of a row in flight, [width], as it stands.
  package func stream(row: Int) -> UnsafeBufferPointer<Float> {
    UnsafeBufferPointer(start: wave.hidden.row(row), count: weights.blueprint.width)
  }
}
