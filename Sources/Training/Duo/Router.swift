/// What says of a normalised stream how much a block's big feed-forward is needed there: as the natural
/// logarithm of the nats that the small one would cost, or as the logit of the big one's share, whichever way
/// it was trained (`RouterTraining.Method`). Only scores of one training can be compared.
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
