import Dials
import Transformer

/// What is trained, changes of low rank or the projections themselves, and where their slopes go.
struct TrunkChanges {
  let parameters: Parameters
  /// α / rank.
  let factor: Float
  /// The lane of the slopes.
  let lane: Int

  /// A projection of a block as it stands, or with its change.
  func projection(_ trunk: Trunk, _ block: Int, _ part: Trunk.Projection) -> LowRank? {
    let name = "blk.\(block).\(part.rawValue).weight"
    if let entry = parameters.entry(name) {
      return LowRank(parameters.values(of: entry), a: nil, b: nil, factor: 0)
    }
    guard let w = trunk.blocks[block].matrices[part] else { return nil }
    return LowRank(
      w, a: parameters.entry(name + ".lora_a").map(parameters.values(of:)),
      b: parameters.entry(name + ".lora_b").map(parameters.values(of:)), factor: factor)
  }

  /// The slopes of a projection, or of its change.
  func slopes(
    _ block: Int, _ part: Trunk.Projection
  ) -> (weight: Matrix?, a: Matrix?, b: Matrix?) {
    let name = "blk.\(block).\(part.rawValue).weight"
    func slopes(_ ending: String) -> Matrix? {
      parameters.entry(name + ending).map { parameters.slopes(of: $0, lane: lane) }
    }
    return (slopes(""), slopes(".lora_a"), slopes(".lora_b"))
  }
}

extension Trunk {
  private var attention: Attention {
    Attention(
      headWidth: blueprint.headWidth, headCount: blueprint.headCount, groupSize: blueprint.groupSize
    )
  }

  /// The rows of texts that go through the trunk together.
  static func rows(of texts: [[TokenID]]) -> [Range<Int>] {
    var end = 0
    return texts.map { text in
      end += text.count
      return end - text.count..<end
    }
  }

  /// Takes texts through all blocks, one after the other in the rows: products have many rows, and
  /// each text attends to itself alone. `space` keeps what every block computed.
  func forward(_ blas: BLAS, _ texts: [[TokenID]], changes: TrunkChanges, space: TrunkSpace) {
    let places = Self.rows(of: texts)
    let n = places.last?.upperBound ?? 0
    let stream = space.stream.prefix(n)
    Embedding.forward(Array(texts.joined()), embedding, into: stream)
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
      for rows in places {
        let (query, key) = (kept.query.rows(rows), kept.key.rows(rows))
        space.turns.forward(query, width: blueprint.headWidth)
        space.turns.forward(key, width: blueprint.headWidth)
        attention.forward(
          blas, query, key, kept.value.rows(rows), weights: kept.weights(rows),
          into: kept.attended.rows(rows))
      }
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

  /// Takes the slope of the stream, in `space.slope`, back through all blocks, for texts in these rows.
  /// `join` is called with each depth before the block beneath it, to add the slopes of an exit there.
  func backward(
    _ blas: BLAS, _ texts: [Range<Int>], changes: TrunkChanges, space: TrunkSpace,
    join: (Int) -> Void
  ) {
    for index in blocks.indices.reversed() {
      if index + 1 < blocks.count { join(index + 1) }
      feedForwardBackward(blas, index, texts.last?.upperBound ?? 0, changes, space)
      attentionBackward(blas, index, texts, changes, space)
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
    _ blas: BLAS, _ index: Int, _ texts: [Range<Int>], _ changes: TrunkChanges,
    _ space: TrunkSpace
  ) {
    let (kept, block, n) = (space.kept[index], blocks[index], texts.last?.upperBound ?? 0)
    let (slope, normed) = (space.slope.prefix(n), space.normed.prefix(n))
    RMSNorm.forward(
      kept.stream.prefix(n), gain: block.attentionNorm, epsilon: head.epsilon, into: normed,
      scales: kept.attentionScales)
    let attendedSlope = space.attendedSlope.prefix(n)
    attendedSlope.clear()
    back(blas, index, .output, slope, kept.attended.prefix(n), into: attendedSlope, changes, space)
    let (dq, dk) = (space.querySlope.prefix(n), space.keySlope.prefix(n))
    let dv = space.valueSlope.prefix(n)
    for rows in texts {
      attention.backward(
        blas, attendedSlope.rows(rows), kept.query.rows(rows), kept.key.rows(rows),
        kept.value.rows(rows), weights: kept.weights(rows), scratch: space.square,
        query: dq.rows(rows), key: dk.rows(rows), value: dv.rows(rows))
      space.turns.backward(dq.rows(rows), width: blueprint.headWidth)
      space.turns.backward(dk.rows(rows), width: blueprint.headWidth)
    }
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
      .backward(
        blas, dy, x, input: dx, weight: slopes.weight, a: slopes.a, b: slopes.b,
        scratch: space.inner)
  }
}
