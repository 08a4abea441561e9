package import Dials
import Foundation

/// `−log softmax(z)[target]`, row by row.
package enum CrossEntropy {
  /// Puts the slope of `weight · Σ_rows loss` in the place of the logits `z`, [n, vocabulary], and
  /// returns the sum of the losses in nats, without the weight.
  package static func slope(_ z: Matrix, targets: [TokenID], weight: Float) -> Double {
    var loss = 0.0
    for (row, target) in targets.enumerated() {
      let x = z[row]
      let largest = Sum.largest(x, count: z.columns)
      let own = x[target.index] - largest
      let sum = Sum.ofExponentials(x, count: z.columns, largest: largest, into: x)
      loss += log(Double(sum)) - Double(own)
      let factor = weight / sum
      for i in 0..<z.columns { x[i] *= factor }
      x[target.index] -= weight
    }
    return loss
  }
}
