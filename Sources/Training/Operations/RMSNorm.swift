/// `y = x / √(mean(x²) + ε) ⊙ gain`, row by row (Zhang and Sennrich 2019, arXiv 1910.07467).
package enum RMSNorm {
  /// - Parameters:
  ///   - x: [n, d]
  ///   - gain: [1, d]; nil is one everywhere.
  ///   - epsilon: added to the mean square.
  ///   - y: [n, d]; may be x.
  ///   - scales: [n, 1]; receives the reciprocal roots, which the backward pass needs.
  package static func forward(
    _ x: Matrix, gain: Matrix?, epsilon: Float, into y: Matrix, scales: Matrix
  ) {
    for row in 0..<x.rows {
      let (source, target) = (x[row], y[row])
      let mean = Sum.ofProducts(source, source, count: x.columns) / Float(x.columns)
      let scale = 1 / (mean + epsilon).squareRoot()
      scales[row][0] = scale
      if let gain = gain?.base {
        for i in 0..<x.columns { target[i] = source[i] * scale * gain[i] }
      } else {
        for i in 0..<x.columns { target[i] = source[i] * scale }
      }
    }
  }

  /// With `p = dy ⊙ gain`: `dx += scale · (p − x · scale² · mean(p ⊙ x))` and
  /// `dgain += Σ_rows dy ⊙ x · scale`. Either may be left out.
  package static func backward(
    _ dy: Matrix, _ x: Matrix, gain: Matrix?, scales: Matrix, input dx: Matrix?, gain dgain: Matrix?
  ) {
    let columns = x.columns
    for row in 0..<x.rows {
      let (gradient, source, scale) = (dy[row], x[row], scales[row][0])
      if let target = dgain?.base {
        for i in 0..<columns { target[i] += gradient[i] * source[i] * scale }
      }
      guard let target = dx?[row] else { continue }
      if let gain = gain?.base {
        let pull = Sum.ofProducts(gradient, source, gain, count: columns)
        let shrink = pull * scale * scale / Float(columns)
        for i in 0..<columns { target[i] += scale * (gradient[i] * gain[i] - source[i] * shrink) }
      } else {
        let pull = Sum.ofProducts(gradient, source, count: columns)
        let shrink = pull * scale * scale / Float(columns)
        for i in 0..<columns { target[i] += scale * (gradient[i] - source[i] * shrink) }
      }
    }
  }
}
