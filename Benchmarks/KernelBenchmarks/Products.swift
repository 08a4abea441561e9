import GGUF
import Kernels
import Transformer

/// The types of tensor that people's files are made of.
private let types: [TensorType] = [.q4_1, .q4K, .q8_0, .q6K, .f16]

/// Matrix products of 1, 4, 8 and 32 rows: with a matrix that is read from memory, as most of a
/// model's are for each token, and with one that stays in the caches.
func productBenchmarks() {
  for type in types {
    for (place, size) in [(Place.memory, 96 << 20), (.cache, 1 << 20)] {
      for count in [1, 4, 8, 32] {
        measure("product \(type.name), \(count) rows", from: place) {
          let product = try Product(type: type, bytes: size, count: count)
          return Work(bytes: product.matrix.view.byteCount) { Machine.pool.run(product) }
        }
      }
    }
  }
}

/// `y = w · x` for some rows, shared by the pool as a pass does it.
private final class Product: PoolTask {
  let matrix: PackedMatrix
  private let count: Int
  private let arena = Arena()
  private let x: ActivationRows
  private let y: ActivationRows

  /// A tensor of about `bytes`, repacked as a model's are.
  init(type: TensorType, bytes: Int, count: Int) throws {
    let columns = 768
    let rowBytes = columns / type.blockSize * type.blockBytes
    let rows = bytes / rowBytes / 16 * 16
    var writer = GGUFWriter()
    // The same byte everywhere is a small number in every format, scale or code; the time of a
    // product does not depend on it.
    writer.add(
      name: "w", shape: [columns, rows], type: type,
      bytes: [UInt8](repeating: 0x2c, count: rows * rowBytes))
    let file = try GGUFFile(bytes: writer.bytes())
    matrix = PackedMatrix(repacking: file.tensors[0], of: file, pool: Machine.pool)
    self.count = count
    x = ActivationRows(capacity: count, columns: columns, in: arena)
    y = ActivationRows(capacity: count, columns: rows, quantized: false, in: arena)
    for row in 0..<count { x.fill(row) }
    Machine.kernels.prepare(x, rows: 0..<count, for: matrix.view)
  }

  func run(as worker: inout PoolWorker, of pool: ThreadPool) {
    let panels = matrix.view.panelCount
    pool.share(panels, chunk: pool.chunk(of: panels), by: &worker) { part in
      Machine.kernels.multiply(matrix.view, by: x, rows: 0..<count, panels: part, into: y)
    }
  }
}

extension ActivationRows {
  /// Numbers between -1 and 1, and one large one in each fourth group, as the streams of real models
  /// have them.
  func fill(_ index: Int) {
    for column in 0..<columns {
      let bits = UInt32(truncatingIfNeeded: (column &+ 977 &* index) &* 2_654_435_761) >> 16
      let isLarge = column % 128 == 5
      row(index)[column] = (Float(bits) / 32768 - 1) * (isLarge ? 30 : 1)
    }
  }
}
