/// Causal attention of one sequence, the key/value heads shared by groups of query heads:
/// `out = softmax(q · kᵀ / √width) · v`.
package struct Attention {
  /// Dimensions of a head.
  package let headWidth: Int
  /// Query heads.
  package let headCount: Int
  /// Query heads that share a key/value head.
  package let groupSize: Int

  /// Attention of this shape.
  package init(headWidth: Int, headCount: Int, groupSize: Int) {
    self.headWidth = headWidth
    self.headCount = headCount
    self.groupSize = groupSize
  }

  /// q and `out` are [n, headCount · headWidth], k and v are [n, headCount / groupSize · headWidth]; q
  /// and k are rotated. `weights` has room for [headCount · n, n] and receives the softmax, which the
  /// backward pass needs.
  package func forward(
    _ blas: BLAS, _ q: Matrix, _ k: Matrix, _ v: Matrix, weights: Matrix, into out: Matrix
  ) {
    for head in 0..<headCount {
      let p = weights.rows(head * q.rows..<(head + 1) * q.rows).columns(0..<q.rows)
      let scale = 1 / Float(headWidth).squareRoot()
      blas.multiply(part(q, head), byTransposed: part(k, head / groupSize), factor: scale, into: p)
      for row in 0..<p.rows {
        let visible = row + 1
        let x = p[row]
        let sum = Sum.ofExponentials(
          x, count: visible, largest: Sum.largest(x, count: visible), into: x)
        for i in 0..<visible { x[i] /= sum }
        for i in visible..<p.columns { x[i] = 0 }
      }
      blas.multiply(p, by: part(v, head / groupSize), into: part(out, head))
    }
  }

  /// With `dp = dout · vᵀ`: `dv += pᵀ · dout`, `ds = p ⊙ (dp − Σ p ⊙ dp)`, `dq = ds · k / √width` and
  /// `dk += dsᵀ · q / √width`. `scratch` is [n, n].
  package func backward(
    _ blas: BLAS, _ dout: Matrix, _ q: Matrix, _ k: Matrix, _ v: Matrix, weights: Matrix,
    scratch: Matrix, query dq: Matrix, key dk: Matrix, value dv: Matrix
  ) {
    dk.clear()
    dv.clear()
    let scale = 1 / Float(headWidth).squareRoot()
    let ds = scratch.prefix(q.rows).columns(0..<q.rows)
    for head in 0..<headCount {
      let shared = head / groupSize
      let p = weights.rows(head * q.rows..<(head + 1) * q.rows).columns(0..<q.rows)
      blas.multiply(transposed: p, by: part(dout, head), adding: true, into: part(dv, shared))
      blas.multiply(part(dout, head), byTransposed: part(v, shared), into: ds)
      for row in 0..<p.rows {
        let (x, y) = (p[row], ds[row])
        let mean = Sum.ofProducts(x, y, count: row + 1)
        for i in 0...row { y[i] = x[i] * (y[i] - mean) }
        for i in row + 1..<max(p.columns, row + 1) { y[i] = 0 }
      }
      blas.multiply(ds, by: part(k, shared), factor: scale, into: part(dq, head))
      blas.multiply(
        transposed: ds, by: part(q, head), factor: scale, adding: true, into: part(dk, shared))
    }
  }

  private func part(_ x: Matrix, _ head: Int) -> Matrix {
    x.columns(head * headWidth..<(head + 1) * headWidth)
  }
}
