/// What says of a normalised stream how much it would cost that a block's feed-forward is small, as the
/// natural logarithm of nats.
package struct Router: Hashable, Sendable {
  /// One number for each of the stream's.
  package var weights: [Float]
  /// Added to the product.
  package var bias: Float

  /// A router.
  package init(weights: [Float], bias: Float) {
    self.weights = weights
    self.bias = bias
  }

  /// A router that says the same of everything.
  package init(width: Int) { self.init(weights: Array(repeating: 0, count: width), bias: 0) }
}
