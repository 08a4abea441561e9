import Foundation

/// KL(teacher ‖ student) in nats, the teacher known by its most probable tokens and the mass that is
/// left.
///
/// The tokens that are not named count as one: `Σ p log(p/q) + p' log(p'/q')` over the named ones and
/// the rest. By the data processing inequality that is never more than the whole divergence, and it
/// is the whole when every token is named.
package enum Divergence {
  /// A rest of the student below this counts as this, so that its logarithm stays finite.
  private static let leastRest = 1e-6

  /// Puts the slope of `weight · Σ_rows KL` in the place of the student's logits `z`, and returns the
  /// sum of the divergences, without the weight.
  ///
  /// `columns` says for each row and each named token its column in z, [n · named]; `probabilities` are
  /// the teacher's, in the same order.
  package static func slope(
    _ z: Matrix, columns: UnsafePointer<Int32>, probabilities: UnsafePointer<Float>, named: Int,
    weight: Float
  ) -> Double {
    var total = 0.0
    for row in 0..<z.rows {
      let x = z[row]
      let sum = Sum.ofExponentials(
        x, count: z.columns, largest: Sum.largest(x, count: z.columns), into: x)
      guard sum.isFinite else { return .nan }
      let (ids, p) = (columns + row * named, probabilities + row * named)
      var (loss, teacherRest, studentRest) = (0.0, 1.0, 1.0)
      for i in 0..<named where p[i] > 0 {
        let q = Double(max(x[Int(ids[i])] / sum, .leastNormalMagnitude))
        loss += Double(p[i]) * (log(Double(p[i])) - log(q))
        teacherRest -= Double(p[i])
        studentRest -= q
      }
      teacherRest = max(0, teacherRest)
      studentRest = max(leastRest, studentRest)
      if teacherRest > 0 { loss += teacherRest * (log(teacherRest) - log(studentRest)) }
      total += loss
      setSlope(
        x, count: z.columns, scale: weight / sum,
        rest: Float(1 - teacherRest / studentRest), columns: ids, probabilities: p, named: named,
        weight: weight)
    }
    return total
  }

  /// `q − p` for a named token, `q · (1 − p'/q')` for the others.
  @inline(__always)
  private static func setSlope(
    _ x: UnsafeMutablePointer<Float>, count: Int, scale: Float, rest: Float,
    columns: UnsafePointer<Int32>, probabilities p: UnsafePointer<Float>, named: Int, weight: Float
  ) {
    withUnsafeTemporaryAllocation(of: Float.self, capacity: named) { own in
      for i in 0..<named where p[i] > 0 { own[i] = x[Int(columns[i])] * scale - weight * p[i] }
      let factor = scale * rest
      for i in 0..<count { x[i] *= factor }
      for i in 0..<named where p[i] > 0 { x[Int(columns[i])] = own[i] }
    }
  }
}
