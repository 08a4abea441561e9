import Kernels

/// Blocks over groups of rows, as one member of the crew carries them out.
///
/// It looks at what the pass owns for the length of one job; it writes residual streams, keys and values.
struct BlockPass {
  /// The model's shape.
  let shape: Blueprint
  /// The residual streams of the rows in flight.
  let hidden: ActivationRows
  /// Memory for what lies between.
  let scratch: BlockScratch
  let products: Products
  let attention: AttentionPass

  private var kernels: KernelSet { products.kernels }
  private var crew: WorkCrew { products.crew }

  /// `h += W_o · attention(RMSNorm(h))`, then the feed-forward; the group's keys and values go into the
  /// cache. `next` is the matrix that is read after the block.
  func run(_ group: RowGroup, _ w: BlockView, then next: MatrixView, member: inout CrewMember) {
    let x = normalized(group, w.attentionNorm, for: w.attentionInput, member: &member)
    attention.expectTiles(group, else: w.output, &member)
    products.project(
      x, count: group.count, (w.query, scratch.shared.queries, w.changes.query),
      (w.key, scratch.shared.keys, w.changes.key),
      (w.value, scratch.shared.values, w.changes.value), member: &member)
    products.expect(w.output, &member)
    let attended = attention.attend(group, for: w.output, member: &member)
    products.expect(w.gate, &member)
    addProjection(attended, w.output, w.changes.output, group, member: &member)
    feedForward(group, w, then: next, member: &member)
  }

  /// The group's keys and values from the streams as they stand, into the cache.
  func fill(_ group: RowGroup, _ w: BlockView, member: inout CrewMember) {
    let x = normalized(group, w.attentionNorm, for: w.attentionInput, member: &member)
    products.project(
      x, count: group.count, (w.key, scratch.shared.keys, w.changes.key),
      (w.value, scratch.shared.values, w.changes.value), member: &member)
    attention.storeKeysAndValues(group, member: &member)
  }

  /// Captures the group's streams as they stand behind its block.
  func capture(_ group: RowGroup, member: inout CrewMember) {
    let captured = scratch.captured[group.block]
    crew.share(group.count, chunk: 8, by: &member) { part in
      for index in part {
        let row = group[index]
        captured.row(row).update(from: hidden.row(row), count: shape.width)
      }
    }
  }

  /// `h += W_down · (silu(W_gate · x) ⊙ W_up · x)` with `x = RMSNorm(h)`.
  private func feedForward(
    _ group: RowGroup, _ w: BlockView, then next: MatrixView, member: inout CrewMember
  ) {
    let x = normalized(group, w.feedForwardNorm, for: w.feedForwardInput, member: &member)
    products.expect(w.down, &member)
    gateAndUp(x, w, count: group.count, member: &member)
    let inner = scratch.shared.inputs.inner
    let own = inner.quantized(in: scratch.own[member.index].inputs.inner)
    let gated = products.made(group.count, inner, own: own, member: &member) { index, target in
      kernels.prepare(target, rows: index..<index + 1, for: w.down)
    }
    products.expect(next, &member)
    addProjection(gated, w.down, w.changes.down, group, member: &member)
  }

  /// The gated inner state: each member gates the outputs that it computed.
  private func gateAndUp(
    _ x: ActivationRows, _ w: BlockView, count: Int, member: inout CrewMember
  ) {
    let (inner, up) = (scratch.shared.inputs.inner, scratch.shared.up)
    let changes = products.reduced(
      x, count: count, w.changes.gate, w.changes.up, member: &member)
    let number = member.index
    let panelCount = w.gate.panelCount
    crew.share(panelCount, chunk: crew.chunk(of: panelCount), by: &member) { panels in
      products.multiply(
        w.gate, by: x, changes.first, count: count, panels: panels, into: inner, member: number)
      products.multiply(
        w.up, by: x, changes.second, count: count, panels: panels, into: up, member: number)
      let columns = panels.lowerBound * 16..<min(panels.upperBound * 16, shape.innerWidth)
      for row in 0..<count {
        kernels.gate(
          inner.row(row) + columns.lowerBound, with: up.row(row) + columns.lowerBound,
          count: columns.count)
      }
    }
  }

  /// RMSNorm of the group's streams, ready for `matrix`.
  private func normalized(
    _ group: RowGroup, _ gains: UnsafePointer<Float>, for matrix: MatrixView,
    member: inout CrewMember
  ) -> ActivationRows {
    let own = scratch.own[member.index].inputs.normed
    return products.made(
      group.count, scratch.shared.inputs.normed, own: own, member: &member
    ) { index, target in
      kernels.normalize(
        hidden.row(group[index]), weight: gains, count: shape.width, epsilon: shape.normEpsilon,
        into: target.row(index))
      kernels.prepare(target, rows: index..<index + 1, for: matrix)
    }
  }

  /// `h += w · x` for the group's streams, with what is added to the product: each member adds the
  /// outputs that it computed.
  private func addProjection(
    _ x: ActivationRows, _ w: MatrixView, _ change: LowRankView?, _ group: RowGroup,
    member: inout CrewMember
  ) {
    let projected = scratch.shared.projected
    let added = products.reduced(x, count: group.count, change, member: &member).first
    let number = member.index
    crew.share(w.panelCount, chunk: crew.chunk(of: w.panelCount), by: &member) { panels in
      products.multiply(
        w, by: x, added, count: group.count, panels: panels, into: projected, member: number)
      let columns = panels.lowerBound * 16..<min(panels.upperBound * 16, shape.width)
      for index in group.indices {
        kernels.add(
          projected.row(index) + columns.lowerBound, count: columns.count,
          to: hidden.row(group[index]) + columns.lowerBound)
      }
    }
  }
}
