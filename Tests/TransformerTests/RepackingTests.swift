import Dials
import GGUF
import Kernels
import TestSupport
import Testing
import Transformer

/// A tensor as the kernels read it is the tensor as it lies in the file.
@Suite struct RepackingTests {
  /// Rows live as long as a test.
  private let arena = Arena()

  /// Columns and rows: whole panels, surplus rows, less than a panel.
  private static let shapes = [(256, 48), (512, 37), (1024, 5)]

  /// The activations' eight bits bound the error: each is off by half a step of a 127th of its
  /// group's largest (see QuantizeTests), times the weight's magnitude. What floats add is at most
  /// 40 roundings of terms no larger than three times the group's largest weight, since a minimum
  /// and a scaled code may cancel.
  @Test(arguments: TensorType.allCases)
  func `a product is that of the file's numbers, within what eight bits allow`(
    type: TensorType
  ) throws {
    var generator = SeededGenerator(seed: 110)
    for (columns, rows) in Self.shapes {
      let file = try file(type, columns, rows, using: &generator)
      let tensor = try #require(file.tensor(named: "w"))
      let weights = file.dequantize(tensor)
      let x = rows3(columns, using: &generator)
      let y = try product(tensor, file, x, .best)
      for i in 0..<3 {
        for r in 0..<rows {
          var (value, bound) = (0.0, 0.0)
          for g in stride(from: 0, to: columns, by: 32) {
            let w = weights[r * columns + g..<r * columns + g + 32].map { Double($0) }
            let inputs = (g..<g + 32).map { Double(x.row(i)[$0]) }
            let largest = w.map(\.magnitude).max() ?? 0
            let step = type.isFloat ? 0 : (inputs.map(\.magnitude).max() ?? 0) / 127
            for k in 0..<32 {
              value += w[k] * inputs[k]
              bound += w[k].magnitude * step * 0.501
              bound += 3 * largest * inputs[k].magnitude * 40 * 0x1p-24
            }
          }
          #expect(abs(Double(y[i][r]) - value) <= bound, "\(columns) x \(rows), row \(i), \(r)")
        }
      }
    }
  }

  /// An input of one 127 among zeros is exact in eight bits, and a product of its weight alone. A weight
  /// without a minimum is one product of a code and a scale, so only the product with 127 is rounded; one
  /// with a minimum is rounded in the file's form and twice here, each time by 2^-24 of no more than three
  /// times the group's largest.
  @Test(arguments: TensorType.allCases)
  func `every number of a matrix is the file's, however bad its scales are`(
    type: TensorType
  ) throws {
    var generator = SeededGenerator(seed: 112)
    let (columns, rows) = (512, 19)
    let bytes = type.wildBytes(count: columns * rows, using: &generator)
    let file = try file(type, columns, rows, bytes: bytes)
    let tensor = try #require(file.tensor(named: "w"))
    let weights = file.dequantize(tensor)
    let hasMinimums = (type.layout as? any BlockLayout.Type)?.scaling.hasMinimums ?? false
    let x = ActivationRows(capacity: columns, columns: columns, in: arena)
    for k in 0..<columns { for i in 0..<columns { x.row(k)[i] = i == k ? 127 : 0 } }
    let y = try product(tensor, file, x, .best, count: columns)
    for r in 0..<rows {
      for k in 0..<columns {
        let (w, found) = (weights[r * columns + k], y[k][r])
        guard hasMinimums else {
          #expect(found == w * 127, "\(r), \(k)")
          continue
        }
        let group = weights[r * columns + k / 32 * 32..<r * columns + k / 32 * 32 + 32]
        let largest = group.map(\.magnitude).max() ?? 0
        #expect(abs(found - w * 127) <= 3 * 3 * largest * 127 * 0x1p-24, "\(r), \(k)")
      }
    }
  }

  @Test(arguments: TensorType.allCases)
  func `every set of kernels and every pool gives the same product`(type: TensorType) throws {
    var generator = SeededGenerator(seed: 111)
    for (columns, rows) in Self.shapes {
      let file = try file(type, columns, rows, using: &generator)
      let tensor = try #require(file.tensor(named: "w"))
      let x = rows3(columns, using: &generator)
      let expected = try product(tensor, file, x, .best).map { $0.map(\.bitPattern) }
      for kernels in kernelSets {
        for workers in 1...3 {
          let y = try product(tensor, file, x, kernels, workers: workers)
          #expect(y.map { $0.map(\.bitPattern) } == expected, "\(kernels), pool of \(workers)")
        }
      }
    }
  }

  private func file(
    _ type: TensorType, _ columns: Int, _ rows: Int, using generator: inout SeededGenerator
  ) throws -> GGUFFile {
    let bytes = type.randomBytes(count: columns * rows, deviation: 1, using: &generator)
    return try self.file(type, columns, rows, bytes: bytes)
  }

  private func file(
    _ type: TensorType, _ columns: Int, _ rows: Int, bytes: [UInt8]
  ) throws -> GGUFFile {
    var writer = GGUFWriter()
    writer.add(name: "w", shape: [columns, rows], type: type, bytes: bytes)
    return try GGUFFile(bytes: writer.bytes())
  }

  private func rows3(_ columns: Int, using generator: inout SeededGenerator) -> ActivationRows {
    let x = ActivationRows(capacity: 3, columns: columns, in: arena)
    for row in 0..<3 {
      for k in 0..<columns {
        x.row(row)[k] = generator.nextNormal() * (row == 2 && k % 100 == 7 ? 300 : 1)
      }
    }
    return x
  }

  private func product(
    _ tensor: TensorInfo, _ file: GGUFFile, _ x: ActivationRows, _ kernels: KernelSet,
    workers: Int = 1, count rowCount: Int = 3
  ) throws -> [[Float]] {
    let pool = ThreadPool(count: workers)
    defer { pool.dismiss() }
    let w = PackedMatrix(repacking: tensor, of: file, pool: pool)
    #expect(w.rows == tensor.rowCount)
    #expect(w.columns == tensor.rowLength)
    return withExtendedLifetime(w) {
      let count = w.view.panelCount * 16
      let y = ActivationRows(capacity: rowCount, columns: count, in: arena)
      kernels.prepare(x, rows: 0..<rowCount, for: w.view)
      kernels.multiply(w.view, by: x, rows: 0..<rowCount, panels: 0..<count / 16, into: y)
      return (0..<rowCount).map { row in (0..<count).map { y.row(row)[$0] } }
    }
  }
}
