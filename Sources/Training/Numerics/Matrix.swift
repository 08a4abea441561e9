package import Kernels

/// Floats in rows: a view of memory that an arena keeps. Copies of the view are views of the same
/// numbers.
package struct Matrix {
  /// Rows.
  package let rows: Int
  /// Numbers in a row.
  package let columns: Int
  /// Numbers from the beginning of a row to that of the next.
  let stride: Int
  /// The first number.
  let base: UnsafeMutablePointer<Float>

  /// A view of numbers that lie at `base`, one row after the other unless a stride is given.
  init(_ rows: Int, _ columns: Int, stride: Int? = nil, at base: UnsafeMutablePointer<Float>) {
    self.rows = rows
    self.columns = columns
    self.stride = stride ?? columns
    self.base = base
  }

  /// Zeros, kept by `arena`.
  package init(_ rows: Int, _ columns: Int, in arena: Arena) {
    self.init(rows, columns, at: arena.take(rows * columns, of: Float.self))
  }

  /// A copy of `values`, row after row, kept by `arena`.
  package init(_ values: [Float], columns: Int, in arena: Arena) {
    self.init(values.count / columns, columns, in: arena)
    base.update(from: values, count: count)
  }

  /// How many numbers there are.
  package var count: Int { rows * columns }

  /// The numbers of one row.
  package subscript(row: Int) -> UnsafeMutablePointer<Float> { base + row * stride }

  /// The rows of `range`.
  package func rows(_ range: Range<Int>) -> Matrix {
    precondition(range.lowerBound >= 0 && range.upperBound <= rows, "the rows are there")
    return Matrix(range.count, columns, stride: stride, at: self[range.lowerBound])
  }

  /// The first `count` rows.
  package func prefix(_ count: Int) -> Matrix { rows(0..<count) }

  /// The columns of `range`.
  func columns(_ range: Range<Int>) -> Matrix {
    precondition(range.lowerBound >= 0 && range.upperBound <= columns, "the columns are there")
    return Matrix(rows, range.count, stride: stride, at: base + range.lowerBound)
  }

  /// The memory of this matrix, whose rows follow one another, as rows of another length.
  func shaped(_ rows: Int, _ columns: Int) -> Matrix {
    precondition(stride == self.columns && rows * columns <= count, "the memory is there")
    return Matrix(rows, columns, at: base)
  }

  /// Makes every number zero.
  package func clear() { for row in 0..<rows { self[row].update(repeating: 0, count: columns) } }

  /// Copies the numbers of a matrix of the same shape.
  package func copy(_ other: Matrix) {
    precondition(rows == other.rows && columns == other.columns, "a copy has the same shape")
    for row in 0..<rows { self[row].update(from: other[row], count: columns) }
  }

  /// Copies those rows of a matrix of the same width that `indices` name, in this order.
  func gather(_ other: Matrix, _ indices: some Collection<Int>) {
    precondition(rows == indices.count && columns == other.columns, "a row for each index")
    for (row, index) in indices.enumerated() {
      self[row].update(from: other[index], count: columns)
    }
  }

  /// Adds the rows of a matrix of the same width to the rows that `indices` name.
  func scatterAdd(_ other: Matrix, _ indices: some Collection<Int>) {
    precondition(other.rows == indices.count && columns == other.columns, "a row for each index")
    for (row, index) in indices.enumerated() {
      let (to, from) = (self[index], other[row])
      for column in 0..<columns { to[column] += from[column] }
    }
  }

  /// Adds the numbers of a matrix of the same shape.
  func add(_ other: Matrix) {
    precondition(rows == other.rows && columns == other.columns, "a sum has the same shape")
    for row in 0..<rows {
      let (to, from) = (self[row], other[row])
      for column in 0..<columns { to[column] += from[column] }
    }
  }

  /// The numbers, row after row.
  package var values: [Float] {
    (0..<rows).flatMap { UnsafeBufferPointer(start: self[$0], count: columns) }
  }
}
