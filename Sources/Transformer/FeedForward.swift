import Kernels

extension ForwardPass {
  /// `h += W_down · (silu(W_gate · x) ⊙ W_up · x)` with `x = RMSNorm(h)`.
  func feedForward(
    _ w: BlockView, _ group: RowGroup, then next: MatrixView, member: inout CrewMember
  ) {
    let x = normalized(group, w.feedForwardNorm, for: w.feedForwardInput, member: &member)
    expect(w.down, &member)
    gateAndUp(x, w, count: group.count, member: &member)
    let inner = wave.inputs.inner
    let own = inner.quantized(in: members[member.index].inputs.inner)
    let gated = made(group.count, inner, own: own, member: &member) { index, target in
      kernels.prepare(target, rows: index..<index + 1, for: w.down)
    }
    expect(next, &member)
    addProjection(gated, w.down, w.changes.down, group, member: &member)
  }

  /// The gated inner state: each member gates the outputs that it computed.
  private func gateAndUp(
    _ x: ActivationRows, _ w: BlockView, count: Int, member: inout CrewMember
  ) {
    let inner = wave.inputs.inner
    let up = wave.up
    let width = weights.blueprint.innerWidth
    let panelCount = w.gate.panelCount
    let changes = reduced(x, count: count, w.changes.gate, w.changes.up, member: &member)
    let index = member.index
    crew.share(panelCount, chunk: crew.chunk(of: panelCount), by: &member) { panels in
      multiply(
        w.gate, by: x, changes.first, count: count, panels: panels, into: inner, member: index)
      multiply(w.up, by: x, changes.second, count: count, panels: panels, into: up, member: index)
      let columns = panels.lowerBound * 16..<min(panels.upperBound * 16, width)
      for row in 0..<count {
        kernels.gate(
          inner.row(row) + columns.lowerBound, with: up.row(row) + columns.lowerBound,
          count: columns.count)
      }
    }
  }
}
