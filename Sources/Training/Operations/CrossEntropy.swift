package import Dials
import Foundation

/// `−log softmax(z)[target]`, row by row.
package enum CrossEntropy {
  /// Replaces the logits `z`, [n, vocabulary], with the gradient of `Σ weights[row] · loss(row)`, and
  /// returns the unweighted sum of the losses in nats.
  package static func gradient(_ z: Matrix, targets: [TokenID], weights: [Float]) -> Double {
    precondition(targets.count == z.rows && weights.count == z.rows, "one target for each row")
    var loss = 0.0
    for (row, target) in targets.enumerated() {
      let x = z[row]
      let largest = Sum.largest(x, count: z.columns)
      let own = x[target.index] - largest
      let sum = Sum.ofExponentials(x, count: z.columns, largest: largest, into: x)
      loss += log(Double(sum)) - Double(own)
      let factor = weights[row] / sum
      for i in 0..<z.columns { x[i] *= factor }
      x[target.index] -= weights[row]
    }
    return loss
  }
}
