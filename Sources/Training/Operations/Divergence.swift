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
