import Kernels
import Training

/// What least squares needs to know of some rows: `Σ w a aᵀ` and `Σ w e aᵀ` for inputs a, errors e and a
/// weight w of each row.
struct RepairSums {
  /// `Σ w a aᵀ`, [inputs, inputs].
  private(set) var inputs: [Double]
  /// `Σ w e aᵀ`, [outputs, inputs].
  private(set) var errors: [Double]
  /// Numbers of an input.
  let inputCount: Int
  /// Numbers of an error.
  let outputCount: Int

  /// In how many parts rows are summed, whatever the threads: so sums are the same on every machine.
  private static let partCount = 4

  /// The sums over the rows of `a`, [n, inputs], and `target − output`, [n, outputs] each, divided by
  /// `scale`. A row weighs as much as any other: its target's length does not count, since norms divide
  /// by it.
  init(
    _ a: Matrix, output: Matrix, target: Matrix, scale: Float, blas: BLAS, pool: ThreadPool
  ) {
    (inputCount, outputCount) = (a.columns, output.columns)
    let size = (a.rows + Self.partCount - 1) / Self.partCount
    let parts = pool.map(Self.partCount) { part in
      let rows = min(part * size, a.rows)..<min((part + 1) * size, a.rows)
      return Part(
        a.rows(rows), output: output.rows(rows), target: target.rows(rows), scale: scale, blas: blas
      )
    }
    inputs = [Double](repeating: 0, count: inputCount * inputCount)
    errors = [Double](repeating: 0, count: outputCount * inputCount)
    for part in parts {
      for (index, value) in part.inputs.enumerated() { inputs[index] += Double(value) }
      for (index, value) in part.errors.enumerated() { errors[index] += Double(value) }
    }
  }

  /// The sums of some rows, in floats.
  private struct Part {
    let inputs: [Float]
    let errors: [Float]

    init(_ a: Matrix, output: Matrix, target: Matrix, scale: Float, blas: BLAS) {
      let arena = Arena()
      let (weighted, error) = (
        Matrix(a.rows, a.columns, in: arena), Matrix(a.rows, output.columns, in: arena)
      )
      for row in 0..<a.rows {
        let (wanted, found) = (target[row], output[row])
        var square: Float = 0
        for i in 0..<output.columns { square += wanted[i] * wanted[i] }
        let weight = Float(output.columns) / max(square, .leastNormalMagnitude)
        for i in 0..<output.columns { error[row][i] = weight / scale * (wanted[i] - found[i]) }
        for i in 0..<a.columns { weighted[row][i] = weight * a[row][i] }
      }
      let (own, across) = (
        Matrix(a.columns, a.columns, in: arena), Matrix(output.columns, a.columns, in: arena)
      )
      Linear.backward(blas, weighted, a, weight: own)
      Linear.backward(blas, error, a, weight: across)
      (inputs, errors) = (own.values, across.values)
    }
  }
}

extension RepairSums {
  /// What is to be added to a matrix, [outputs, inputs], so that its products miss their targets least.
  func change(_ factor: TriangularFactor, pool: ThreadPool) -> [Float] {
    let width = inputCount
    let rows = pool.map(outputCount) { row in
      factor.solve(Array(errors[row * width..<(row + 1) * width])).map { Float($0) }
    }
    return Array(rows.joined())
  }

  /// The same where only a map of the matrix's outputs, [outputs, outputs], may be multiplied to it.
  func change(byMapping matrix: [Float], ridge: Double, pool: ThreadPool) -> [Float] {
    let (n, width) = (outputCount, inputCount)
    let w = DoubleMatrix(n, width, matrix.map { Double($0) })
    let transposed = w.transposed
    let products = w * DoubleMatrix(width, width, inputs) * transposed
    let across = DoubleMatrix(n, width, errors) * transposed
    let factor = TriangularFactor(products.values, count: n, ridge: ridge)
    let rows = pool.map(n) { row in
      factor.solve(Array(across.values[row * n..<(row + 1) * n]))
    }
    return (DoubleMatrix(n, n, Array(rows.joined())) * w).values.map { Float($0) }
  }
}
