import Foundation
package import Kernels

/// Rotates adjacent pairs of each head by the angle of the row's position (Su et al. 2021,
/// arXiv 2104.09864), in the order in which GGUF stores them.
package struct RotaryEmbedding {
  /// [positions, pairs]
  private let cosines: Matrix
  private let sines: Matrix
  private let pairs: Int

  /// The rotations of positions 0..<`count`; `angles` holds each pair's angle per position in radians.
  package init(angles: [Double], count: Int, in arena: Arena) {
    cosines = Matrix(count, max(1, angles.count), in: arena)
    sines = Matrix(count, max(1, angles.count), in: arena)
    for position in 0..<count {
      for (pair, angle) in angles.enumerated() {
        cosines[position][pair] = Float(cos(angle * Double(position)))
        sines[position][pair] = Float(sin(angle * Double(position)))
      }
    }
    pairs = angles.count
  }

  /// Rotates the heads of width `width` in the rows of `x`, [n, heads · width], in place; row i stands
  /// at position i.
  package func forward(_ x: Matrix, width: Int) { rotate(x, width: width, direction: 1) }

  /// The gradient rotates back by the same angles.
  package func backward(_ dx: Matrix, width: Int) { rotate(dx, width: width, direction: -1) }

  private func rotate(_ x: Matrix, width: Int, direction: Float) {
    for row in 0..<x.rows {
      let (c, s) = (cosines[row], sines[row])
      for head in Swift.stride(from: x[row], to: x[row] + x.columns, by: width) {
        for pair in 0..<pairs {
          let (a, b) = (head[2 * pair], head[2 * pair + 1])
          let sine = s[pair] * direction
          head[2 * pair] = a * c[pair] - b * sine
          head[2 * pair + 1] = a * sine + b * c[pair]
        }
      }
    }
  }
}
