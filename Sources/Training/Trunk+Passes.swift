import Dials
import Transformer

/// The changes that are trained, and where their slopes go.
struct TrunkChanges {
  let parameters: Parameters
  /// α / rank.
  let factor: Float
  /// The lane of the slopes.
  let lane: Int

  /// A projection of a block with its change.
  func projection(_ trunk: Trunk, _ block: Int, _ part: Trunk.Projection) -> LowRank? {
    guard let w = trunk.blocks[block].matrices[part] else { return nil }
    let name = "blk.\(block).\(part.rawValue).weight"
    return LowRank(
      w, a: parameters.entry(name + ".lora_a").map(parameters.values(of:)),
      b: parameters.entry(name + ".lora_b").map(parameters.values(of:)), factor: factor)
  }

  /// The slopes of a change.
  func slopes(_ block: Int, _ part: Trunk.Projection) -> (a: Matrix?, b: Matrix?) {
    let name = "blk.\(block).\(part.rawValue).weight"
    return (
      parameters.entry(name + ".lora_a").map { parameters.slopes(of: $0, lane: lane) },
      parameters.entry(name + ".lora_b").map { parameters.slopes(of: $0, lane: lane) }
    )
  }
}

extension Trunk {
  private var attention: Attention {
    Attention(
      headWidth: blueprint.headWidth, headCount: blueprint.headCount, groupSize: blueprint.groupSize
    )
  }

  /// Takes a sequence through all blocks; `space` keeps what every block computed.
  func forward(_ blas: BLAS, _ tokens: [TokenID], changes: TrunkChanges, space: TrunkSpace) {
    let n = tokens.count
    let stream = space.stream.prefix(n)
    Embedding.forward(tokens, embedding, into: stream)
    for (index, block) in blocks.enumerated() {
      let kept = space.kept[index]
      func project(_ x: Matrix, _ part: Projection, into y: Matrix) {
        changes.projection(self, index, part)?
          .forward(blas, x, into: y.prefix(n), scratch: space.inner)
      }
      let normed = space.normed.prefix(n)
      kept.stream.prefix(n).copy(stream)
      RMSNorm.forward(
        stream, gain: block.attentionNorm, epsilon: head.epsilon, into: normed,
        scales: kept.attentionScales)
      project(normed, .query, into: kept.query)
      project(normed, .key, into: kept.key)
      project(normed, .value, into: kept.value)
      space.turns.forward(kept.query.prefix(n), width: blueprint.headWidth)
      space.turns.forward(kept.key.prefix(n), width: blueprint.headWidth)
      attention.forward(
        blas, kept.query.prefix(n), kept.key.prefix(n), kept.value.prefix(n), weights: kept.weights,
        into: kept.attended.prefix(n))
      project(kept.attended.prefix(n), .output, into: space.added)
      stream.add(space.added.prefix(n))

      kept.middle.prefix(n).copy(stream)
      RMSNorm.forward(
        stream, gain: block.feedForwardNorm, epsilon: head.epsilon, into: normed,
        scales: kept.feedForwardScales)
      project(normed, .gate, into: kept.gate)
      project(normed, .up, into: kept.up)
      let gated = space.gated.prefix(n)
      SwiGLU.forward(gate: kept.gate.prefix(n), up: kept.up.prefix(n), into: gated)
      project(gated, .down, into: space.added)
      stream.add(space.added.prefix(n))
    }
  }

  /// Takes the slope of the stream, in `space.slope`, back through all blocks. `join` is called with
  /// each depth before the block beneath it, to add the slopes of an exit there.
  func backward(
    _ blas: BLAS, count n: Int, changes: TrunkChanges, space: TrunkSpace, join: (Int) -> Void
  ) {
    for index in blocks.indices.reversed() {
      if index + 1 < blocks.count { join(index + 1) }
      feedForwardBackward(blas, index, n, changes, space)
      attentionBackward(blas, index, n, changes, space)
    }
  }

  private func feedForwardBackward(
    _ blas: BLAS, _ index: Int, _ n: Int, _ changes: TrunkChanges, _ space: TrunkSpace
  ) {
    let (kept, block) = (space.kept[index], blocks[index])
    let (slope, normed) = (space.slope.prefix(n), space.normed.prefix(n))
    let (gate, up) = (kept.gate.prefix(n), kept.up.prefix(n))
    let (gateSlope, upSlope) = (space.gateSlope.prefix(n), space.upSlope.prefix(n))
    // The scales come out as they were.
    RMSNorm.forward(
      kept.middle.prefix(n), gain: block.feedForwardNorm, epsilon: head.epsilon, into: normed,
      scales: kept.feedForwardScales)
    let gated = space.gated.prefix(n)
    SwiGLU.forward(gate: gate, up: up, into: gated)
    // The slope of the gated state takes the place of the gate's, which follows from it.
    gateSlope.clear()
    back(blas, index, .down, slope, gated, into: gateSlope, changes, space)
    SwiGLU.backward(gateSlope, gate: gate, up: up, gate: gateSlope, up: upSlope)
    let normedSlope = space.normedSlope.prefix(n)
    normedSlope.clear()
    back(blas, index, .gate, gateSlope, normed, into: normedSlope, changes, space)
    back(blas, index, .up, upSlope, normed, into: normedSlope, changes, space)
    RMSNorm.backward(
      normedSlope, kept.middle.prefix(n), gain: block.feedForwardNorm,
      scales: kept.feedForwardScales, input: slope, gain: nil)
  }

  private func attentionBackward(
    _ blas: BLAS, _ index: Int, _ n: Int, _ changes: TrunkChanges, _ space: TrunkSpace
  ) {
    let (kept, block) = (space.kept[index], blocks[index])
    let (slope, normed) = (space.slope.prefix(n), space.normed.prefix(n))
    RMSNorm.forward(
      kept.stream.prefix(n), gain: block.attentionNorm, epsilon: head.epsilon, into: normed,
      scales: kept.attentionScales)
    let attendedSlope = space.attendedSlope.prefix(n)
    attendedSlope.clear()
    back(blas, index, .output, slope, kept.attended.prefix(n), into: attendedSlope, changes, space)
    let (dq, dk) = (space.querySlope.prefix(n), space.keySlope.prefix(n))
    let dv = space.valueSlope.prefix(n)
    attention.backward(
      blas, attendedSlope, kept.query.prefix(n), kept.key.prefix(n), kept.value.prefix(n),
      weights: kept.weights, scratch: space.square, query: dq, key: dk, value: dv)
    space.turns.backward(dq, width: blueprint.headWidth)
    space.turns.backward(dk, width: blueprint.headWidth)
    let normedSlope = space.normedSlope.prefix(n)
    normedSlope.clear()
    back(blas, index, .query, dq, normed, into: normedSlope, changes, space)
    back(blas, index, .key, dk, normed, into: normedSlope, changes, space)
    back(blas, index, .value, dv, normed, into: normedSlope, changes, space)
    RMSNorm.backward(
      normedSlope, kept.stream.prefix(n), gain: block.attentionNorm,
      scales: kept.attentionScales, input: slope, gain: nil)
  }

  private func back(
    _ blas: BLAS, _ index: Int, _ part: Projection, _ dy: Matrix, _ x: Matrix, into dx: Matrix,
    _ changes: TrunkChanges, _ space: TrunkSpace
  ) {
    let slopes = changes.slopes(index, part)
    changes.projection(self, index, part)?
      .backward(blas, dy, x, input: dx, a: slopes.a, b: slopes.b, scratch: space.inner)
  }
}
