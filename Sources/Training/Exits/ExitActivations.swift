/// Memory for rows that pass through an exit's module forward and backward.
package struct ExitActivations {
  /// The residual stream `h`, [rows, width].
  package let stream: Matrix
  /// `u = rms(h)`, and the reciprocal roots.
  let normed: Matrix
  let streamScales: Matrix
  /// `n = u ⊙ inputNorm` and its gradient.
  let input: Matrix
  let inputGradient: Matrix
  /// `h'` and its gradient.
  let changed: Matrix
  let changedGradient: Matrix
  /// `rms(h') ⊙ outputNorm`, which the head reads, and the reciprocal roots.
  package let output: Matrix
  let outputScales: Matrix
  /// The gradient of `output`.
  package let outputGradient: Matrix
  /// `ffnGate · n` and `ffnUp · n`, [rows, inner], and their gradients.
  let gate: Matrix
  let gateGradient: Matrix
  let up: Matrix
  let upGradient: Matrix
  /// What the last factor reads, `loraA · n` or `silu(gate) ⊙ up`, [rows, inner], and its gradient.
  let inner: Matrix
  let innerGradient: Matrix

  /// Memory for `rows` rows in `slab`, which holds `size` numbers at least.
  package init(rows: Int, width: Int, inner: Int, in slab: Matrix) {
    precondition(Self.size(rows: rows, width: width, inner: inner) <= slab.count, "there is room")
    var next = slab.base
    func take(_ columns: Int) -> Matrix {
      defer { next += rows * columns }
      return Matrix(rows, columns, at: next)
    }
    stream = take(width)
    normed = take(width)
    input = take(width)
    inputGradient = take(width)
    changed = take(width)
    changedGradient = take(width)
    output = take(width)
    outputGradient = take(width)
    gate = take(inner)
    gateGradient = take(inner)
    up = take(inner)
    upGradient = take(inner)
    self.inner = take(inner)
    innerGradient = take(inner)
    streamScales = take(1)
    outputScales = take(1)
  }

  /// The numbers that `rows` rows take.
  package static func size(rows: Int, width: Int, inner: Int) -> Int {
    rows * (8 * width + 6 * inner + 2)
  }
}
