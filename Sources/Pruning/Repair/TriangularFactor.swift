import Foundation
import Kernels

/// A symmetric positive definite matrix as `Tᵀ · T`, T being lower triangular: for systems with it, and for
/// rounding that lets later numbers make up for the errors of earlier ones.
package struct TriangularFactor {
  /// Unknowns.
  package let count: Int
  /// T, row after row; what is above its diagonal means nothing.
  private let values: [Double]

  /// Factors `matrix`, [count, count], after `ridge` times the mean of its diagonal was added to the
  /// diagonal, so that no direction is trusted that hardly occurs.
  package init(_ matrix: [Double], count n: Int, ridge: Double) {
    precondition(matrix.count == n * n, "a system is square")
    count = n
    var t = matrix
    t.withUnsafeMutableBufferPointer { t in
      guard let base = t.baseAddress else { return }
      let mean = (0..<n).reduce(0) { $0 + base[$1 * n + $1] } / Double(max(1, n))
      let added = max(ridge * mean, .leastNormalMagnitude)
      for k in 0..<n { base[k * n + k] += added }
      for k in (0..<n).reversed() {
        let row = base + k * n
        // Rounding may take a pivot below what was added.
        let pivot = max(row[k], added).squareRoot()
        row[k] = pivot
        for i in 0..<k { row[i] /= pivot }
        for i in 0..<k {
          let (weight, target) = (row[i], base + i * n)
          for j in 0...i { target[j] -= weight * row[j] }
        }
      }
    }
    values = t
  }

  /// The row `x` with `x · matrix = row`.
  package func solve(_ row: [Double]) -> [Double] {
    var x = row
    values.withUnsafeBufferPointer { t in
      x.withUnsafeMutableBufferPointer { x in
        guard let t = t.baseAddress, let x = x.baseAddress else { return }
        for k in (0..<count).reversed() {
          let line = t + k * count
          x[k] /= line[k]
          let weight = x[k]
          for i in 0..<k { x[i] -= weight * line[i] }
        }
        for k in 0..<count {
          let line = t + k * count
          x[k] = (x[k] - Self.product(line, x, k)) / line[k]
        }
      }
    }
    return x
  }

  /// The numbers of `row` as `round` stores them, `size` at a time, such that the length of
  /// `(row − result) · Tᵀ` stays small: each number makes up for what rounding did to those before it.
  /// `round` gets the numbers that are wished for and says which number is stored for one of them.
  package func rounded(
    _ row: [Float], by size: Int, _ round: (ArraySlice<Float>) -> (Float) -> Float
  ) -> [Float] {
    var (result, errors) = (row, [Double](repeating: 0, count: count))
    values.withUnsafeBufferPointer { t in
      errors.withUnsafeMutableBufferPointer { errors in
        guard let t = t.baseAddress, let errors = errors.baseAddress else { return }
        func wish(_ k: Int, before end: Int) -> Float {
          row[k] + Float(Self.product(t + k * count, errors, end) / t[k * count + k])
        }
        for first in stride(from: 0, to: count, by: size) {
          let group = first..<min(first + size, count)
          let wishes = group.map { wish($0, before: first) }
          let stored = round(wishes[...])
          for k in group {
            result[k] = stored(wish(k, before: k))
            errors[k] = Double(row[k]) - Double(result[k])
          }
        }
      }
    }
    return result
  }

  /// `Σ a · b`, in eight lanes.
  private static func product(
    _ a: UnsafePointer<Double>, _ b: UnsafePointer<Double>, _ count: Int
  ) -> Double {
    var lanes = SIMD8<Double>(repeating: 0)
    var index = 0
    while index + 8 <= count {
      lanes +=
        UnsafeRawPointer(a + index).loadUnaligned(as: SIMD8<Double>.self)
        * UnsafeRawPointer(b + index).loadUnaligned(as: SIMD8<Double>.self)
      index += 8
    }
    var sum = lanes.sum()
    while index < count {
      sum += a[index] * b[index]
      index += 1
    }
    return sum
  }
}
