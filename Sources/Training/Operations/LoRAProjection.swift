/// `y = x · (W + factor · B · A)ᵀ`: a projection W with a LoRA delta (Hu et al. 2021, arXiv 2106.09685),
/// or W alone where there is no A and B.
package struct LoRAProjection {
  /// The matrix, [outputs, inputs].
  package let w: Matrix
  /// [rank, inputs].
  package let a: Matrix?
  /// [outputs, rank].
  package let b: Matrix?
  /// α / rank.
  package let factor: Float

  /// A projection with its delta.
  package init(_ w: Matrix, a: Matrix?, b: Matrix?, factor: Float) {
    self.w = w
    self.a = a
    self.b = b
    self.factor = factor
  }

  /// x is [n, inputs], y is [n, outputs]; `scratch` holds n · rank numbers.
  package func forward(_ blas: BLAS, _ x: Matrix, into y: Matrix, scratch: Matrix) {
    Linear.forward(blas, x, w, into: y)
    guard let a, let b else { return }
    let inner = scratch.shaped(x.rows, a.rows)
    Linear.forward(blas, x, a, into: inner)
    blas.multiply(inner, byTransposed: b, factor: factor, adding: true, into: y)
  }

  /// `dx += dy · W + t · A`, `dw += dyᵀ · x` where W is trained, `db += factor · dyᵀ · (x · Aᵀ)` and
  /// `da += tᵀ · x`, with `t = factor · dy · B`. The scratch holds 2 · n · rank numbers.
  package func backward(
    _ blas: BLAS, _ dy: Matrix, _ x: Matrix, input dx: Matrix, weight dw: Matrix? = nil,
    a da: Matrix?, b db: Matrix?, scratch: Matrix
  ) {
    Linear.backward(blas, dy, w, adding: true, input: dx)
    if let dw { Linear.backward(blas, dy, x, weight: dw) }
    guard let a, let b, let da, let db else { return }
    let both = scratch.shaped(2 * x.rows, a.rows)
    let (inner, t) = (both.rows(0..<x.rows), both.rows(x.rows..<2 * x.rows))
    Linear.forward(blas, x, a, into: inner)
    blas.multiply(transposed: dy, by: inner, factor: factor, adding: true, into: db)
    blas.multiply(dy, by: b, factor: factor, into: t)
    blas.multiply(transposed: t, by: x, adding: true, into: da)
    blas.multiply(t, by: a, adding: true, into: dx)
  }
}
