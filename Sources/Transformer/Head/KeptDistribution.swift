package import Dials
import Kernels

/// A distribution over the vocabulary that outlives the logits it was made of, so that others can be
/// compared with it.
package struct KeptDistribution {
  /// What another distribution is worth beside it.
  package typealias Comparison = (loss: Double, divergence: Double, agrees: Bool)

  /// The most probable token.
  package let top: TokenID
  private let logits: [Float]
  /// The probabilities to the precision of a float; they are weights of a mean.
  private let probabilities: [Float]
  private let logNormalizer: Double

  /// The distribution of a row.
  package init(_ logits: Logits, row: Int) {
    self.logits = Array(logits[row])
    let best = logits.top(row: row)
    top = best.token
    logNormalizer = logits.logNormalizer(row: row)
    let weights = self.logits.map { kernelExp($0 - best.value) }
    let total = Float(weights.reduce(0.0) { $0 + Double($1) })
    probabilities = weights.map { $0 / total }
  }

  /// What another row says of `target`: `−ln q(target)` in nats, `KL(this ‖ q)` in nats over the whole
  /// vocabulary, and whether its most probable token is the same.
  package func comparison(with other: Logits, row: Int, target: TokenID) -> Comparison {
    let q = UnsafeBufferPointer(other[row])
    let best = other.kernels.top2(q)
    let sum = other.kernels.softmaxSums(q, maximum: best.first).sum
    let normalizer = Double(best.first) + sum.naturalLogarithm
    return (
      loss: normalizer - Double(q[target.index]),
      divergence: max(0, meanGap(to: q) - (logNormalizer - normalizer)),
      agrees: best.index == top.index
    )
  }

  /// `Σ p · (x_p − x_q)` over the logits x: floats within a piece of the vocabulary, doubles beyond.
  private func meanGap(to q: UnsafeBufferPointer<Float>) -> Double {
    guard let base = q.baseAddress else { return 0 }
    return logits.withUnsafeBufferPointer { own in
      probabilities.withUnsafeBufferPointer { weights in
        guard let x = own.baseAddress, let p = weights.baseAddress else { return 0 }
        var total = 0.0
        for first in stride(from: 0, to: q.count, by: Self.piece) {
          let end = min(first + Self.piece, q.count)
          let whole = first + (end - first) / 16 * 16
          var lanes = SIMD16<Float>(repeating: 0)
          for index in stride(from: first, to: whole, by: 16) {
            lanes += Self.load(p + index) * (Self.load(x + index) - Self.load(base + index))
          }
          var sum = lanes.sum()
          for index in whole..<end { sum += p[index] * (x[index] - base[index]) }
          total += Double(sum)
        }
        return total
      }
    }
  }

  private static let piece = 1024

  @inline(__always)
  private static func load(_ place: UnsafePointer<Float>) -> SIMD16<Float> {
    UnsafeRawPointer(place).loadUnaligned(as: SIMD16<Float>.self)
  }
}
