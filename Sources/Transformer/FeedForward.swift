import Kernels

extension ForwardPass {
  /// `h += W_down · (silu(W_gate · x) ⊙ W_up · x)` with `x = RMSNorm(h)`.
  func feedForward(
    _ w: BlockView, rows: Range<Int>, then next: MatrixView, member: inout CrewMember
  ) {
    let x = normalized(
      rows, w.feedForwardNorm, for: w.feedForwardInput, member: &member)
    expect(w.down, &member)
    gateAndUp(x, w, rows: rows, member: &member)
    let inner = wave.inputs.inner
    let own = inner.quantized(in: members[member.index].inputs.inner)
    let gated = made(rows, inner, own: own, member: &member) { row, target in
      kernels.prepare(target, rows: row..<row + 1, for: w.down)
    }
    expect(next, &member)
    addProjection(gated, w.down, w.changes.down, rows: rows, member: &member)
  }

  /// The gated inner state: each member gates the outputs that it computed.
  private func gateAndUp(
    _ x: ActivationRows, _ w: BlockView, rows: Range<Int>, member: inout CrewMember
  ) {
    let inner = wave.inputs.inner
    let up = wave.up
    let width = weights.blueprint.innerWidth
    let panelCount = w.gate.panelCount
    let changes = reduced(x, rows: rows, w.changes.gate, w.changes.up, member: &member)
    let index = member.index
    crew.share(panelCount, chunk: crew.chunk(of: panelCount), by: &member) { panels in
      multiply(
        w.gate, by: x, changes.first, rows: rows, panels: panels, into: inner, member: index)
      multiply(w.up, by: x, changes.second, rows: rows, panels: panels, into: up, member: index)
      let columns = panels.lowerBound * 16..<min(panels.upperBound * 16, width)
      for row in rows {
        kernels.gate(
          inner.row(row) + columns.lowerBound, with: up.row(row) + columns.lowerBound,
          count: columns.count)
      }
    }
  }
}
