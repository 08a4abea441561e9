import Foundation

/// KL(teacher ‖ student) in nats, where the teacher is known by its top-k tokens and the remaining mass.
///
/// All tokens outside the top k count as one event: `Σ p log(p/q) + p' log(p'/q')` over the top k and
/// the rest. By the data processing inequality that is never more than the whole divergence, and it is
/// the whole divergence when k is the size of the vocabulary.
package enum Divergence {
  /// The student's remaining mass counts as this at least, so that its logarithm is finite.
  private static let leastRest = 1e-6

  /// Replaces the student's logits `z`, [n, columns], with the gradient of `Σ weights[row] · KL(row)`,
  /// and returns the unweighted sum of the divergences.
  ///
  /// `columns` says for each row and each of the teacher's top k its column in z, [n · k];
  /// `probabilities` are the teacher's, in the same order. NaN comes back when a row of z has no finite
  /// softmax.
  package static func gradient(
    _ z: Matrix, columns: [Int32], probabilities: [Float], weights: [Float]
  ) -> Double {
    precondition(
      weights.count == z.rows && columns.count == probabilities.count, "one weight for each row")
    let k = z.rows == 0 ? 0 : columns.count / z.rows
    var total = 0.0
    for row in 0..<z.rows {
      let x = z[row]
      let sum = Sum.ofExponentials(
        x, count: z.columns, largest: Sum.largest(x, count: z.columns), into: x)
      guard sum.isFinite else { return .nan }
      let top = row * k..<(row + 1) * k
      let (ids, p) = (columns[top], probabilities[top])
      var (loss, teacherRest, studentRest) = (0.0, 1.0, 1.0)
      for i in top where p[i] > 0 {
        let q = Double(max(x[Int(ids[i])] / sum, .leastNormalMagnitude))
        loss += Double(p[i]) * (log(Double(p[i])) - log(q))
        teacherRest -= Double(p[i])
        studentRest -= q
      }
      teacherRest = max(0, teacherRest)
      studentRest = max(leastRest, studentRest)
      if teacherRest > 0 { loss += teacherRest * (log(teacherRest) - log(studentRest)) }
      total += loss
      setGradient(
        x, count: z.columns, scale: weights[row] / sum,
        rest: Float(1 - teacherRest / studentRest), columns: ids, probabilities: p,
        weight: weights[row])
    }
    return total
  }

  /// `q − p` for a top-k token, `q · (1 − p'/q')` for the others, times `weight`.
  @inline(__always)
  private static func setGradient(
    _ x: UnsafeMutablePointer<Float>, count: Int, scale: Float, rest: Float,
    columns: ArraySlice<Int32>, probabilities p: ArraySlice<Float>, weight: Float
  ) {
    withUnsafeTemporaryAllocation(of: Float.self, capacity: p.count) { own in
      let first = p.startIndex
      for i in p.indices where p[i] > 0 {
        own[i - first] = x[Int(columns[i])] * scale - weight * p[i]
      }
      let factor = scale * rest
      for i in 0..<count { x[i] *= factor }
      for i in p.indices where p[i] > 0 { x[Int(columns[i])] = own[i - first] }
    }
  }
}

extension Divergence {
  /// KL(p ‖ q) in nats of the distributions that these logits give.
  static func between(
    _ p: UnsafeBufferPointer<Float>, _ q: UnsafeBufferPointer<Float>
  ) -> Double {
    guard let x = p.baseAddress, let y = q.baseAddress else { return 0 }
    let count = p.count
    let (largestP, largestQ) = (Sum.largest(x, count: count), Sum.largest(y, count: count))
    var (sumP, sumQ) = (SIMD8<Float>(repeating: 0), SIMD8<Float>(repeating: 0))
    var weighted = SIMD8<Float>(repeating: 0)
    var (restP, restQ, restWeighted) = (0.0, 0.0, 0.0)
    var index = 0
    while index + 8 <= count {
      let (a, b) = (Sum.load(x, index) - largestP, Sum.load(y, index) - largestQ)
      let power = a.exponential
      sumP += power
      sumQ += b.exponential
      weighted += power * (a - b)
      index += 8
    }
    while index < count {
      let (a, b) = (Double(x[index] - largestP), Double(y[index] - largestQ))
      restP += exp(a)
      restQ += exp(b)
      restWeighted += exp(a) * (a - b)
      index += 1
    }
    let (totalP, totalQ) = (Double(sumP.sum()) + restP, Double(sumQ.sum()) + restQ)
    let mean = (Double(weighted.sum()) + restWeighted) / totalP
    return max(0, mean - log(totalP) + log(totalQ))
  }
}
