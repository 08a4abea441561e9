import Kernels

extension ForwardPass {
  /// `y = w · x` for up to three matrices at once, their panels shared out together.
  func project(
    _ x: ActivationRows, count: Int, _ a: Product, _ b: Product? = nil,
    _ c: Product? = nil, member: inout CrewMember
  ) {
    let second = a.w.panelCount
    let third = second + (b?.w.panelCount ?? 0)
    let total = third + (c?.w.panelCount ?? 0)
    let changes = reduced(x, count: count, a.change, b?.change, c?.change, member: &member)
    let index = member.index
    crew.share(total, chunk: crew.chunk(of: total), by: &member) { part in
      func multiply(_ piece: Product, from first: Int, _ change: Change?) {
        let panels = part.shifted(by: -first).clamped(to: 0..<piece.w.panelCount)
        if panels.isEmpty { return }
        self.multiply(
          piece.w, by: x, change, count: count, panels: panels, into: piece.y, member: index)
      }
      multiply(a, from: 0, changes.first)
      if let b { multiply(b, from: second, changes.second) }
      if let c { multiply(c, from: third, changes.third) }
    }
  }

  /// `h += w · x` for the streams of a group, with what is added to the product: each member adds the
  /// outputs that it computed.
  func addProjection(
    _ x: ActivationRows, _ w: MatrixView, _ change: LowRankView?, _ group: RowGroup,
    member: inout CrewMember
  ) {
    let projected = wave.projected
    let hidden = wave.hidden
    let width = weights.blueprint.width
    let added = reduced(x, count: group.count, change, member: &member).first
    let number = member.index
    crew.share(w.panelCount, chunk: crew.chunk(of: w.panelCount), by: &member) { panels in
      multiply(
        w, by: x, added, count: group.count, panels: panels, into: projected, member: number)
      let columns = panels.lowerBound * 16..<min(panels.upperBound * 16, width)
      for index in group.indices {
        kernels.add(
          projected.row(index) + columns.lowerBound, count: columns.count,
          to: hidden.row(group[index]) + columns.lowerBound)
      }
    }
  }
}
