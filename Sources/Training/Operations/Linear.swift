/// `y = x · wᵀ`: a projection, whose matrix has a row for each output.
package enum Linear {
  /// x is [n, inputs], w is [outputs, inputs], y is [n, outputs]; with `adding` the product is
  /// added to y.
  package static func forward(
    _ blas: BLAS, _ x: Matrix, _ w: Matrix, adding: Bool = false, into y: Matrix
  ) {
    blas.multiply(x, byTransposed: w, adding: adding, into: y)
  }

  /// `dx = dy · w`, or `dx += dy · w` with `adding`.
  package static func backward(
    _ blas: BLAS, _ dy: Matrix, _ w: Matrix, adding: Bool = false, input dx: Matrix
  ) {
    blas.multiply(dy, by: w, adding: adding, into: dx)
  }

  /// `dw += dyᵀ · x`.
  package static func backward(_ blas: BLAS, _ dy: Matrix, _ x: Matrix, weight dw: Matrix) {
    blas.multiply(transposed: dy, by: x, adding: true, into: dw)
  }
}
