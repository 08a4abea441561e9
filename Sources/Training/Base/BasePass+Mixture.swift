import Kernels
import Transformer

/// Which rows of a pass take a mixture of both feed-forwards in every block, in the shares that the routers
/// in training say.
struct SoftRouting {
  /// The rows of a pass.
  struct Rows {
    /// All of them: first those with a mixture, then others whose gradient is of use, then the rest.
    var all: [Int] = []
    /// How many have a mixture.
    var mixedCount = 0
    /// How many have a gradient that is of use.
    var liveCount = 0
  }

  /// The small feed-forwards, which are not trained here.
  let modules: SmallModules
  /// What is trained.
  let routers: RouterParameters
  /// Memory for as many rows as the pass may have.
  let space: SmallWorkspace
  let own: MixtureWorkspace
  let rows: Rows
  /// What scores are multiplied by: the greater, the nearer shares are to 0 and 1.
  let sharpness: Float
  /// The gradient of the loss for each share beside the one through what the model says: the budget's.
  let pull: Float

  /// The rows with a mixture.
  var mixed: ArraySlice<Int> { rows.all.prefix(rows.mixedCount) }

  /// Makes `big` the mixtures of it and of `small`, from the inputs x, all [n, width], and keeps what the
  /// backward pass needs.
  func mix(_ block: Int, _ x: Matrix, big: Matrix, small: Matrix) {
    let (router, kept) = (routers.values(block), own.blocks[block])
    for row in 0..<x.rows {
      let score =
        Sum.ofProducts(x[row], router.weight, count: x.columns)
        + routers.biasInput * router.bias[0]
      let share = SIMD8(repeating: sharpness * score).sigmoid[0]
      let (difference, b, s) = (kept.difference[row], big[row], small[row])
      kept.share[row][0] = share
      for i in 0..<x.columns {
        difference[i] = b[i] - s[i]
        b[i] = share * b[i] + (1 - share) * s[i]
      }
    }
  }

  /// From the gradient `dy` of the mixtures to the router's own, which are added to an accumulator, and that
  /// of the inputs through the router, which is added to `dx`.
  func backward(_ block: Int, _ dy: Matrix, _ x: Matrix, _ accumulator: Int, input dx: Matrix) {
    let (router, kept) = (routers.values(block), own.blocks[block])
    let gradients = routers.gradients(block, accumulator: accumulator)
    for row in 0..<x.rows {
      let share = kept.share[row][0]
      let shareGradient =
        pull + Sum.ofProducts(dy[row], kept.difference[row], count: x.columns)
      let score = shareGradient * sharpness * share * (1 - share)
      let (input, inputGradient) = (x[row], dx[row])
      for i in 0..<x.columns {
        gradients.weight[i] += score * input[i]
        inputGradient[i] += score * router.weight[i]
      }
      gradients.bias[0] += score * routers.biasInput
    }
  }
}

/// The memory of one thread for mixtures.
struct MixtureWorkspace {
  /// What the forward pass of one block keeps.
  struct Activations {
    /// Big minus small, [n, width].
    let difference: Matrix
    /// The shares of the big feed-forward, [n, 1].
    let share: Matrix
  }

  /// The activations, first block first.
  let blocks: [Activations]
  private let memory: [AlignedBytes]

  /// Memory for up to `count` rows.
  init(blockCount: Int, width: Int, rows count: Int) {
    let arena = Arena()
    blocks = (0..<blockCount).map { _ in
      Activations(
        difference: Matrix(count, width, in: arena), share: Matrix(count, 1, in: arena))
    }
    memory = arena.pieces
  }

  /// The sum of the shares of the first `count` rows in all blocks.
  func shareSum(rows count: Int) -> Double {
    blocks.reduce(0) { sum, block in
      (0..<count).reduce(sum) { $0 + Double(block.share[$1][0]) }
    }
  }
}

/// Feed-forwards of blocks in which some rows have a mixture of the big and the small one.
extension BasePass {
  /// The stream with what the rows' feed-forwards add to it.
  func mixedForward(_ block: Int, _ routing: SoftRouting) {
    let (kept, own, mixed) = (space.blocks[block], routing.space, routing.mixed)
    let stream = space.stream.prefix(count)
    kept.feedForwardInput.prefix(count).copy(stream)
    let normed = normalized(
      kept.feedForwardInput, gain: base.blocks[block].feedForwardNorm,
      scales: kept.feedForwardScales)
    bigForward(block, routing.rows.all, normed, own)
    let (x, small) = (own.input.prefix(mixed.count), own.gradient.prefix(mixed.count))
    x.gather(normed, mixed)
    SmallPass(blas: blas, w: routing.modules.values(block), own: own).forward(
      x, kept: own.blocks[block], into: small)
    routing.mix(block, x, big: space.added.prefix(mixed.count), small: small)
    stream.scatterAdd(space.added.prefix(count), routing.rows.all)
  }

  /// From the gradient behind the block to that before its feed-forward, of rows whose gradient is of use;
  /// the router's gradients are added to an accumulator.
  func mixedBackward(_ block: Int, _ routing: SoftRouting, _ accumulator: Int) {
    let (kept, own, mixed) = (space.blocks[block], routing.space, routing.mixed)
    let gain = base.blocks[block].feedForwardNorm
    let streamGradient = space.streamGradient.prefix(count)
    let normedGradient = space.normedGradient.prefix(count)
    let normed = normalized(kept.feedForwardInput, gain: gain, scales: kept.feedForwardScales)
    normedGradient.clear()
    let shares = routing.own.blocks[block].share
    let live = routing.rows.all.prefix(routing.rows.liveCount)
    let bigGradient = own.gradient.prefix(live.count)
    bigGradient.gather(streamGradient, live)
    bigGradient.prefix(mixed.count).scale { shares[$0][0] }
    bigBackward(block, live, bigGradient, own)
    let (x, dy) = (own.input.prefix(mixed.count), own.gradient.prefix(mixed.count))
    x.gather(normed, mixed)
    dy.gather(streamGradient, mixed)
    // The whole gradient's rows in `added`: the small feed-forward has only its share of them.
    let whole = space.added.prefix(mixed.count)
    whole.copy(dy)
    dy.scale { 1 - shares[$0][0] }
    let dx = own.inputGradient.prefix(mixed.count)
    SmallPass(blas: blas, w: routing.modules.values(block), own: own).backward(
      dy, x, kept: own.blocks[block], gradients: nil, input: dx)
    routing.backward(block, whole, x, accumulator, input: dx)
    normedGradient.scatterAdd(dx, mixed)
    RMSNorm.backward(
      normedGradient, kept.feedForwardInput.prefix(count), gain: gain,
      scales: kept.feedForwardScales, input: streamGradient, gain: nil)
  }
}

extension Matrix {
  /// Multiplies each row by its factor.
  fileprivate func scale(_ factor: (_ row: Int) -> Float) {
    for row in 0..<rows {
      let (numbers, factor) = (self[row], factor(row))
      for column in 0..<columns { numbers[column] *= factor }
    }
  }
}
