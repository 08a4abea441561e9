import Kernels

extension ForwardPass {
  /// `h += W_down · (silu(W_gate · x) ⊙ W_up · x)` with `x = RMSNorm(h)`.
  func feedForward(_ block: Int, rows: Range<Int>, phase: inout Int) {
    let w = weights.blocks[block]
    normalize(rows, w.feedForwardNorm, for: w.feedForwardInput, phase: &phase)
    gateAndUp(w, rows: rows, phase: &phase)
    crew.share(rows.count, chunk: 1, phase: &phase) { part in
      kernels.prepare(wave.inner, rows: part.shifted(by: rows.lowerBound), for: w.down)
    }
    project(wave.inner, w.down, rows: rows, phase: &phase)
  }

  /// The gated inner state.
  private func gateAndUp(_ w: BlockWeights, rows: Range<Int>, phase: inout Int) {
    let inner = wave.inner
    let width = weights.blueprint.innerWidth
    crew.share(
      w.gate.panelCount, chunk: crew.chunk(of: w.gate.panelCount), phase: &phase
    ) { panels in
      kernels.multiply(
        w.gate, by: wave.normed, rows: rows, panels: panels, into: inner.values,
        stride: inner.stride)
      kernels.multiply(
        w.up, by: wave.normed, rows: rows, panels: panels, into: wave.up.values,
        stride: wave.up.stride)
      let columns = panels.lowerBound * 16..<min(panels.upperBound * 16, width)
      for row in rows {
        kernels.gate(
          inner.row(row) + columns.lowerBound, with: wave.up.row(row) + columns.lowerBound,
          count: columns.count)
      }
    }
  }

  /// `h += w · x`: each member adds the outputs that it computed.
  func project(_ x: ActivationRows, _ w: PackedMatrix, rows: Range<Int>, phase: inout Int) {
    let projected = wave.projected
    let width = weights.blueprint.width
    crew.share(
      w.panelCount, chunk: crew.chunk(of: w.panelCount), phase: &phase
    ) { panels in
      kernels.multiply(
        w, by: x, rows: rows, panels: panels, into: projected.values, stride: projected.stride)
      let columns = panels.lowerBound * 16..<min(panels.upperBound * 16, width)
      for row in rows {
        kernels.add(
          projected.row(row) + columns.lowerBound, count: columns.count,
          to: wave.hidden.row(row) + columns.lowerBound)
      }
    }
  }
}
