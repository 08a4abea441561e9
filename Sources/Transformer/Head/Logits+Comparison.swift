package import Dials
import Kernels

extension Logits {
  /// `ln Σ exp(logit)` over the vocabulary: what turns a logit of this row into a log-probability.
  package func logNormalizer(row: Int) -> Double {
    let values = UnsafeBufferPointer(self[row])
    let largest = kernels.top2(values).first
    return Double(largest) + kernels.softmaxSums(values, maximum: largest).sum.naturalLogarithm
  }

  /// `−ln p(token)` in nats: what the row loses when the text goes on with `token`.
  package func loss(row: Int, of token: TokenID) -> Double {
    logNormalizer(row: row) - Double(self[row][token.index])
  }

  /// `KL(p ‖ q) = Σ p · (ln p − ln q)` in nats: how far this row's distribution q is from p, another's.
  package func divergence(row: Int, from other: Logits, row otherRow: Int) -> Double {
    let q = self[row]
    let p = other[otherRow]
    let largest = other.top(row: otherRow).value
    var total = 0.0
    var weighted = 0.0
    for index in p.indices {
      let weight = Double(kernelExp(p[index] - largest))
      total += weight
      weighted += weight * Double(p[index] - q[index])
    }
    let shift = other.logNormalizer(row: otherRow) - logNormalizer(row: row)
    return max(0, weighted / total - shift)
  }
}
