import Kernels
import Transformer

/// Where small feed-forwards stand in for the base's own in a pass.
enum FeedForwardRouting {
  /// Nowhere.
  case big
  /// Each row of a block takes one or the other.
  case hard(SmallRouting)
  /// Some rows take a mixture of both.
  case soft(SoftRouting)
}

/// Which rows of a pass through the base take the small feed-forward of which block.
struct SmallRouting {
  /// The rows of a pass by the feed-forward that they take in one block.
  struct Rows {
    /// Rows with the big one: first those whose gradient is of use, ascending, then the others.
    var big: [Int] = []
    /// How many of them have a gradient that is of use.
    var liveCount = 0
    /// Rows with the small one, ascending.
    var small: [Int] = []
  }

  /// The small feed-forwards.
  let modules: SmallModules
  /// Memory for as many rows as the pass may have.
  let space: SmallWorkspace
  /// Block by block.
  let rows: [Rows]

  /// Whether any row takes the small feed-forward of a block.
  func hasSmall(_ block: Int) -> Bool { !rows[block].small.isEmpty }
}

/// Feed-forwards of blocks in which some rows are small: the rows are gathered by what they take, so that
/// the big products are of big rows only. The base's own projections are as they are in its file.
extension BasePass {
  /// The stream with what the rows' feed-forwards add to it.
  func routedForward(_ block: Int, _ routing: SmallRouting) {
    let (kept, rows) = (space.blocks[block], routing.rows[block])
    let stream = space.stream.prefix(count)
    kept.feedForwardInput.prefix(count).copy(stream)
    let normed = normalized(
      kept.feedForwardInput, gain: base.blocks[block].feedForwardNorm,
      scales: kept.feedForwardScales)
    bigForward(block, rows.big, normed, routing.space)
    stream.scatterAdd(space.added.prefix(rows.big.count), rows.big)
    let own = routing.space
    let x = own.input.prefix(rows.small.count)
    x.gather(normed, rows.small)
    let added = space.added.prefix(x.rows)
    SmallPass(blas: blas, w: routing.modules.values(block), own: own).forward(
      x, kept: own.blocks[block], into: added)
    stream.scatterAdd(added, rows.small)
  }

  /// The big feed-forward of some rows, into the first rows of `space.added`.
  func bigForward(_ block: Int, _ rows: [Int], _ normed: Matrix, _ own: SmallWorkspace) {
    guard !rows.isEmpty, let w = FrozenFeedForward(base.blocks[block]) else { return }
    let kept = space.blocks[block]
    let x = own.input.prefix(rows.count)
    x.gather(normed, rows)
    let (gate, up) = (kept.gate.prefix(x.rows), kept.up.prefix(x.rows))
    Linear.forward(blas, x, w.gate, into: gate)
    Linear.forward(blas, x, w.up, into: up)
    let gated = space.gated.prefix(x.rows)
    SwiGLU.forward(gate: gate, up: up, into: gated)
    Linear.forward(blas, gated, w.down, into: space.added.prefix(x.rows))
  }

  /// From the gradient behind the block to that before its feed-forward, of rows whose gradient is of use;
  /// the small feed-forward's gradients are added to an accumulator.
  func routedBackward(_ block: Int, _ routing: SmallRouting, _ accumulator: Int) {
    let (kept, rows, own) = (space.blocks[block], routing.rows[block], routing.space)
    let gain = base.blocks[block].feedForwardNorm
    let streamGradient = space.streamGradient.prefix(count)
    let normedGradient = space.normedGradient.prefix(count)
    let normed = normalized(kept.feedForwardInput, gain: gain, scales: kept.feedForwardScales)
    normedGradient.clear()
    let live = rows.big.prefix(rows.liveCount)
    let bigGradient = own.gradient.prefix(live.count)
    bigGradient.gather(streamGradient, live)
    bigBackward(block, live, bigGradient, own)
    let (x, dy) = (own.input.prefix(rows.small.count), own.gradient.prefix(rows.small.count))
    x.gather(normed, rows.small)
    dy.gather(streamGradient, rows.small)
    let dx = own.inputGradient.prefix(x.rows)
    SmallPass(blas: blas, w: routing.modules.values(block), own: own).backward(
      dy, x, kept: own.blocks[block],
      gradients: routing.modules.gradients(block, accumulator: accumulator), input: dx)
    normedGradient.scatterAdd(dx, rows.small)
    RMSNorm.backward(
      normedGradient, kept.feedForwardInput.prefix(count), gain: gain,
      scales: kept.feedForwardScales, input: streamGradient, gain: nil)
  }

  /// From the gradients `dy` of what the big feed-forward says of some rows, which were the first of its
  /// forward pass: those of the normalised inputs are added.
  func bigBackward(
    _ block: Int, _ rows: ArraySlice<Int>, _ dy: Matrix, _ own: SmallWorkspace
  ) {
    guard !rows.isEmpty, let w = FrozenFeedForward(base.blocks[block]) else { return }
    let kept = space.blocks[block]
    let gatedGradient = space.gatedGradient.prefix(rows.count)
    Linear.backward(blas, dy, w.down, input: gatedGradient)
    let (dGate, dUp) = (space.gateGradient.prefix(rows.count), space.upGradient.prefix(rows.count))
    SwiGLU.backward(
      gatedGradient, gate: kept.gate.prefix(rows.count), up: kept.up.prefix(rows.count),
      gate: dGate, up: dUp)
    let dx = own.inputGradient.prefix(rows.count)
    Linear.backward(blas, dGate, w.gate, input: dx)
    Linear.backward(blas, dUp, w.up, adding: true, input: dx)
    space.normedGradient.prefix(count).scatterAdd(dx, rows)
  }
}

/// The matrices of a block's own feed-forward.
struct FrozenFeedForward {
  /// [innerWidth, width] each.
  let gate: Matrix
  let up: Matrix
  /// [width, innerWidth].
  let down: Matrix

  init?(_ block: BaseModel.Block) {
    guard let gate = block.matrices[.gate], let up = block.matrices[.up],
      let down = block.matrices[.down]
    else { return nil }
    (self.gate, self.up, self.down) = (gate, up, down)
  }
}
