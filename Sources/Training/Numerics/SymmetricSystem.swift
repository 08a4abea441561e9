import Foundation

/// A square or rectangular table of doubles, row after row: what closed forms are worked out in.
package struct DoubleMatrix: Hashable, Sendable {
  /// Rows.
  package let rows: Int
  /// Numbers in a row.
  package let columns: Int
  /// The numbers, row after row.
  package var values: [Double]

  /// Zeros.
  package init(_ rows: Int, _ columns: Int) {
    self.init(rows, columns, Array(repeating: 0, count: rows * columns))
  }

  /// These numbers, row after row.
  package init(_ rows: Int, _ columns: Int, _ values: [Double]) {
    precondition(values.count == rows * columns, "as many numbers as there are places")
    self.rows = rows
    self.columns = columns
    self.values = values
  }

  /// One number.
  package subscript(row: Int, column: Int) -> Double {
    get { values[row * columns + column] }
    set { values[row * columns + column] = newValue }
  }

  /// The part of these rows and columns.
  package func part(_ rowIndices: [Int], _ columnIndices: [Int]) -> DoubleMatrix {
    var result = DoubleMatrix(rowIndices.count, columnIndices.count)
    for (i, row) in rowIndices.enumerated() {
      for (j, column) in columnIndices.enumerated() { result[i, j] = self[row, column] }
    }
    return result
  }

  /// The same with rows as columns.
  package var transposed: DoubleMatrix {
    var result = DoubleMatrix(columns, rows)
    for row in 0..<rows {
      for column in 0..<columns { result[column, row] = self[row, column] }
    }
    return result
  }

  /// Adds the numbers of a float matrix of the same shape.
  mutating func add(_ other: Matrix) {
    precondition(rows == other.rows && columns == other.columns, "a sum has the same shape")
    values.withUnsafeMutableBufferPointer { values in
      for row in 0..<rows {
        let source = other[row]
        for column in 0..<columns { values[row * columns + column] += Double(source[column]) }
      }
    }
  }

  /// `self + factor · a · b`.
  package func adding(_ a: DoubleMatrix, times b: DoubleMatrix, factor: Double = 1) -> DoubleMatrix
  {
    precondition(
      a.columns == b.rows && a.rows == rows && b.columns == columns, "the shapes of a product fit")
    var result = values
    let width = columns
    result.withUnsafeMutableBufferPointer { y in
      b.values.withUnsafeBufferPointer { b in
        for row in 0..<a.rows {
          for k in 0..<a.columns {
            let weight = factor * a.values[row * a.columns + k]
            if weight == 0 { continue }
            for column in 0..<width { y[row * width + column] += weight * b[k * width + column] }
          }
        }
      }
    }
    return DoubleMatrix(rows, columns, result)
  }

  /// `a · b`.
  package static func * (a: DoubleMatrix, b: DoubleMatrix) -> DoubleMatrix {
    DoubleMatrix(a.rows, b.columns).adding(a, times: b)
  }
}

/// A symmetric positive definite matrix as `L · Lᵀ` (Cholesky), to solve systems with it.
package struct SymmetricSystem: Sendable {
  /// L, whose upper triangle means nothing.
  private let factor: DoubleMatrix

  /// Factors `matrix` after its diagonal was multiplied by `1 + ridge`, so that no direction is trusted that
  /// hardly occurs; a diagonal of zero counts as one. Where rounding takes a pivot below zero, its unknown
  /// is left at zero.
  package init(_ matrix: DoubleMatrix, ridge: Double) {
    precondition(matrix.rows == matrix.columns, "a system is square")
    var l = matrix
    let n = matrix.rows
    l.values.withUnsafeMutableBufferPointer { l in
      for i in 0..<n {
        let own = l[i * n + i]
        l[i * n + i] = own > 0 ? own * (1 + ridge) : 1
      }
      for i in 0..<n {
        for j in 0...i {
          var sum = l[i * n + j]
          for k in 0..<j { sum -= l[i * n + k] * l[j * n + k] }
          if i > j {
            l[i * n + j] = sum * l[j * n + j]
          } else {
            // Its reciprocal: what solutions need.
            l[i * n + i] = sum > 1e-12 * l[i * n + i] ? 1 / sum.squareRoot() : 0
          }
        }
      }
    }
    factor = l
  }

  /// The matrix `x` with `matrix · x = b`, whose columns are solutions.
  package func solve(_ b: DoubleMatrix) -> DoubleMatrix {
    var x = forward(b)
    let (n, m) = (factor.rows, b.columns)
    x.values.withUnsafeMutableBufferPointer { x in
      factor.values.withUnsafeBufferPointer { l in
        for i in (0..<n).reversed() {
          for column in 0..<m { x[i * m + column] *= l[i * n + i] }
          for k in 0..<i {
            let weight = l[i * n + k]
            for column in 0..<m { x[k * m + column] -= weight * x[i * m + column] }
          }
        }
      }
    }
    return x
  }

  /// `L⁻¹ · b`.
  package func forward(_ b: DoubleMatrix) -> DoubleMatrix {
    precondition(b.rows == factor.rows, "a right side has a row for each equation")
    var x = b
    let (n, m) = (factor.rows, b.columns)
    x.values.withUnsafeMutableBufferPointer { x in
      factor.values.withUnsafeBufferPointer { l in
        for i in 0..<n {
          for k in 0..<i {
            let weight = l[i * n + k]
            for column in 0..<m { x[i * m + column] -= weight * x[k * m + column] }
          }
          for column in 0..<m { x[i * m + column] *= l[i * n + i] }
        }
      }
    }
    return x
  }
}

extension DoubleMatrix {
  /// The `count` eigenvectors of the greatest eigenvalues of this symmetric matrix, as orthonormal columns,
  /// nearly: by subspace iteration from a fixed beginning.
  package func leadingEigenvectors(_ count: Int, rounds: Int = 24) -> DoubleMatrix {
    let width = min(rows, count + max(8, count / 4))
    var generator = CounterGenerator(seed: 1, .initialValues)
    var basis = DoubleMatrix(
      rows, width, (0..<rows * width).map { _ in Double(generator.nextNormal()) })
    for _ in 0..<rounds {
      basis = (self * basis).orthonormalized.orthonormalized
    }
    return basis.part(Array(0..<rows), Array(0..<min(count, width)))
  }

  /// Orthonormal columns that span the same; each is in the span of those up to it.
  private var orthonormalized: DoubleMatrix {
    let system = SymmetricSystem(transposed * self, ridge: 0)
    return system.forward(transposed).transposed
  }
}
