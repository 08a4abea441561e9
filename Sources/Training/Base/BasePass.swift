import Dials
import Kernels
import Transformer

/// One pass of some texts through the base with its trained projections, forward and backward.
///
/// The rows of the texts stand one after the other, because products of many rows are faster; each text
/// attends to itself alone.
struct BasePass {
  let base: BaseModel
  private let trained: TrainedProjections
  let blas: BLAS
  let space: BaseWorkspace
  private let tokens: [TokenID]
  /// The rows of each text.
  let rows: [Range<Int>]
  /// Where small feed-forwards stand in.
  private let routing: FeedForwardRouting

  /// A pass of `texts` in the memory `space`.
  init(
    _ texts: [[TokenID]], base: BaseModel, trained: TrainedProjections, blas: BLAS,
    space: BaseWorkspace, routing: FeedForwardRouting = .big
  ) {
    self.base = base
    self.trained = trained
    self.blas = blas
    self.space = space
    self.routing = routing
    tokens = Array(texts.joined())
    var end = 0
    rows = texts.map { text in
      end += text.count
      return end - text.count..<end
    }
  }

  /// How many rows there are.
  var count: Int { tokens.count }

  private var attention: Attention {
    Attention(
      headWidth: base.blueprint.headWidth, headCount: base.blueprint.headCount,
      groupSize: base.blueprint.groupSize)
  }

  private func project(
    _ part: BlockPart, _ block: Int, _ x: Matrix, into y: Matrix
  ) {
    trained.projection(part, ofBlock: block, of: base)?
      .forward(blas, x, into: y.prefix(count), scratch: space.loraScratch)
  }

  /// The normalised input of attention or feed-forward; both passes compute it from what was kept.
  func normalized(_ input: Matrix, gain: Matrix, scales: Matrix) -> Matrix {
    let normed = space.normed.prefix(count)
    RMSNorm.forward(
      input.prefix(count), gain: gain, epsilon: base.head.epsilon, into: normed, scales: scales)
    return normed
  }
}

// MARK: - Forward

extension BasePass {
  /// Computes and keeps the stream after every block.
  func forward() {
    Embedding.forward(tokens, base.embedding, into: space.stream.prefix(count))
    for block in base.blocks.indices {
      attentionForward(block)
      switch routing {
      case .hard(let routing) where routing.hasSmall(block): routedForward(block, routing)
      case .soft(let routing): mixedForward(block, routing)
      case .big, .hard: feedForwardForward(block)
      }
    }
  }

  private func attentionForward(_ block: Int) {
    let kept = space.blocks[block]
    let stream = space.stream.prefix(count)
    kept.attentionInput.prefix(count).copy(stream)
    let normed = normalized(
      kept.attentionInput, gain: base.blocks[block].attentionNorm, scales: kept.attentionScales)
    project(.query, block, normed, into: kept.query)
    project(.key, block, normed, into: kept.key)
    project(.value, block, normed, into: kept.value)
    for rows in rows {
      let (query, key) = (kept.query.rows(rows), kept.key.rows(rows))
      space.rotation.forward(query, width: base.blueprint.headWidth)
      space.rotation.forward(key, width: base.blueprint.headWidth)
      attention.forward(
        blas, query, key, kept.value.rows(rows), weights: kept.softmax(rows),
        into: kept.attended.rows(rows))
    }
    project(.output, block, kept.attended.prefix(count), into: space.added)
    stream.add(space.added.prefix(count))
  }

  private func feedForwardForward(_ block: Int) {
    let kept = space.blocks[block]
    let stream = space.stream.prefix(count)
    kept.feedForwardInput.prefix(count).copy(stream)
    let normed = normalized(
      kept.feedForwardInput, gain: base.blocks[block].feedForwardNorm,
      scales: kept.feedForwardScales)
    project(.gate, block, normed, into: kept.gate)
    project(.up, block, normed, into: kept.up)
    let gated = space.gated.prefix(count)
    SwiGLU.forward(gate: kept.gate.prefix(count), up: kept.up.prefix(count), into: gated)
    project(.down, block, gated, into: space.added)
    stream.add(space.added.prefix(count))
  }
}

// MARK: - Backward

extension BasePass {
  /// From the gradient after the last block, in `space.streamGradient`, to the gradients of everything
  /// trained, which are added to an accumulator. The gradients of `exits`, [n, width] each, join the
  /// stream's at their depths.
  func backward(exits: [(depth: Int, gradient: Matrix)], accumulator: Int) {
    let gradient = space.streamGradient.prefix(count)
    for block in base.blocks.indices.reversed() {
      for exit in exits where exit.depth == block + 1 { gradient.add(exit.gradient) }
      switch routing {
      case .hard(let routing) where routing.hasSmall(block):
        routedBackward(block, routing, accumulator)
      case .soft(let routing): mixedBackward(block, routing, accumulator)
      case .big, .hard: feedForwardBackward(block, accumulator)
      }
      attentionBackward(block, accumulator)
    }
  }

  /// From the gradient of a projection's output to that of its input, which is added to `dx`.
  private func projectBackward(
    _ part: BlockPart, _ block: Int, _ dy: Matrix, _ x: Matrix, into dx: Matrix,
    _ accumulator: Int
  ) {
    let gradients = trained.gradients(part, ofBlock: block, accumulator: accumulator)
    trained.projection(part, ofBlock: block, of: base)?
      .backward(
        blas, dy, x, input: dx, weight: gradients.weight, a: gradients.a, b: gradients.b,
        scratch: space.loraScratch)
  }

  private func feedForwardBackward(_ block: Int, _ accumulator: Int) {
    let (kept, gain) = (space.blocks[block], base.blocks[block].feedForwardNorm)
    let streamGradient = space.streamGradient.prefix(count)
    let normed = normalized(kept.feedForwardInput, gain: gain, scales: kept.feedForwardScales)
    let (gate, up) = (kept.gate.prefix(count), kept.up.prefix(count))
    let (gated, gatedGradient) = (space.gated.prefix(count), space.gatedGradient.prefix(count))
    SwiGLU.forward(gate: gate, up: up, into: gated)
    gatedGradient.clear()
    projectBackward(.down, block, streamGradient, gated, into: gatedGradient, accumulator)
    let (dGate, dUp) = (space.gateGradient.prefix(count), space.upGradient.prefix(count))
    SwiGLU.backward(gatedGradient, gate: gate, up: up, gate: dGate, up: dUp)
    let normedGradient = space.normedGradient.prefix(count)
    normedGradient.clear()
    projectBackward(.gate, block, dGate, normed, into: normedGradient, accumulator)
    projectBackward(.up, block, dUp, normed, into: normedGradient, accumulator)
    RMSNorm.backward(
      normedGradient, kept.feedForwardInput.prefix(count), gain: gain,
      scales: kept.feedForwardScales, input: streamGradient, gain: nil)
  }

  private func attentionBackward(_ block: Int, _ accumulator: Int) {
    let (kept, gain) = (space.blocks[block], base.blocks[block].attentionNorm)
    let streamGradient = space.streamGradient.prefix(count)
    let normed = normalized(kept.attentionInput, gain: gain, scales: kept.attentionScales)
    let attendedGradient = space.attendedGradient.prefix(count)
    attendedGradient.clear()
    projectBackward(
      .output, block, streamGradient, kept.attended.prefix(count), into: attendedGradient,
      accumulator)
    let (dq, dk) = (space.queryGradient.prefix(count), space.keyGradient.prefix(count))
    let dv = space.valueGradient.prefix(count)
    for rows in rows {
      attention.backward(
        blas, attendedGradient.rows(rows), kept.query.rows(rows), kept.key.rows(rows),
        kept.value.rows(rows), weights: kept.softmax(rows), scratch: space.scoreGradient,
        query: dq.rows(rows), key: dk.rows(rows), value: dv.rows(rows))
      space.rotation.backward(dq.rows(rows), width: base.blueprint.headWidth)
      space.rotation.backward(dk.rows(rows), width: base.blueprint.headWidth)
    }
    let normedGradient = space.normedGradient.prefix(count)
    normedGradient.clear()
    projectBackward(.query, block, dq, normed, into: normedGradient, accumulator)
    projectBackward(.key, block, dk, normed, into: normedGradient, accumulator)
    projectBackward(.value, block, dv, normed, into: normedGradient, accumulator)
    RMSNorm.backward(
      normedGradient, kept.attentionInput.prefix(count), gain: gain, scales: kept.attentionScales,
      input: streamGradient, gain: nil)
  }
}
