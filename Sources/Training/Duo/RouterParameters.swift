import Kernels
import Transformer

/// The routers of all blocks in training: their values, and the gradients of these.
///
/// The bias is the weight of one more input, which is everywhere as long as the others together, √width. The
/// optimiser moves all numbers alike, and so the bias follows a growing τ as fast as they do.
struct RouterParameters {
  /// One block's numbers, or their gradients.
  typealias Tensors = (weight: UnsafeMutablePointer<Float>, bias: UnsafeMutablePointer<Float>)

  /// What is trained.
  let parameters: Parameters
  /// The input of the bias.
  let biasInput: Float
  private let width: Int
  private let blockCount: Int

  /// Zeros for each of `blockCount` blocks.
  init(_ shape: SmallFeedForwardShape, blockCount: Int) {
    width = shape.width
    self.blockCount = blockCount
    biasInput = Float(shape.width).squareRoot()
    parameters = Parameters(
      (0..<blockCount).flatMap { block in
        [SmallFeedForwardShape.Part.routerWeight, .routerBias].map { part in
          let extent = shape.extent(of: part)
          return (name: shape.name(part, block: block), rows: extent.rows, columns: extent.columns)
        }
      })
  }

  /// The values of a block.
  func values(_ block: Int) -> Tensors {
    let entries = parameters.entries[2 * block..<2 * block + 2]
    return tensors(entries) { parameters.values(of: $0) }
  }

  /// The gradients of a block in an accumulator.
  func gradients(_ block: Int, accumulator: Int) -> Tensors {
    let entries = parameters.entries[2 * block..<2 * block + 2]
    return tensors(entries) { parameters.gradient(of: $0, accumulator: accumulator) }
  }

  private func tensors(
    _ entries: ArraySlice<Parameters.Entry>, _ view: (Parameters.Entry) -> Matrix
  ) -> Tensors {
    let first = entries.startIndex
    return (view(entries[first]).base, view(entries[first + 1]).base)
  }

  /// Gives a block's router these values.
  func set(_ block: Int, to router: Router) {
    let target = values(block)
    target.weight.update(from: router.weights, count: min(width, router.weights.count))
    target.bias[0] = router.bias / biasInput
  }

  /// The routers with all numbers multiplied by `factor`.
  func routers(times factor: Float) -> [Router] {
    (0..<blockCount).map { block in
      let own = values(block)
      return Router(
        weights: UnsafeBufferPointer(start: own.weight, count: width).map { factor * $0 },
        bias: factor * biasInput * own.bias[0])
    }
  }
}
