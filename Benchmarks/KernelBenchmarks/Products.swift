import CKernels
import Kernels

/// A coding and the type of tensor that uses it.
private let codings: [(name: String, coding: PackedMatrix.Coding)] = [
  ("Q4_1", .init(CK_CODE_U4, minimums: true)),
  ("Q4_K", .init(CK_CODE_U4, wideScales: true, minimums: true)),
  ("Q8_0", .init(CK_CODE_U8, zero: 128)),
  ("Q6_K", .init(CK_CODE_U8, zero: 32, wideScales: true, halfGroups: true)),
  ("F16", .init(CK_CODE_F16)),
]

/// Matrix products of 1, 4, 8 and 32 rows: with a matrix that is read from memory, as most of a
/// model's are for each token, and with one that stays in the caches.
func productBenchmarks() {
  for (name, coding) in codings {
    for (place, size) in [(Place.memory, 96 << 20), (.cache, 1 << 20)] {
      for count in [1, 4, 8, 32] {
        measure("product \(name), \(count) rows", from: place) {
          let product = Product(coding: coding, bytes: size, count: count)
          return Work(bytes: product.matrix.view.byteCount) { Machine.crew.run(product) }
        }
      }
    }
  }
}

/// `y = w · x` for some rows, shared by the crew as a pass does it.
private final class Product: CrewTask {
  let matrix: PackedMatrix
  private let count: Int
  private let arena = Arena()
  private let x: ActivationRows
  private let y: ActivationRows

  /// A matrix of about `bytes`, 576 columns or a power of two of them where the type asks for it.
  init(coding: PackedMatrix.Coding, bytes: Int, count: Int) {
    let columns = 768
    let panelBytes = PackedMatrix(rows: 16, columns: columns, coding: coding).view.byteCount
    matrix = PackedMatrix(rows: bytes / panelBytes * 16, columns: columns, coding: coding)
    self.count = count
    x = ActivationRows(capacity: count, columns: columns, in: arena)
    y = ActivationRows(capacity: count, columns: matrix.rows, quantized: false, in: arena)
    for row in 0..<count { x.fill(row) }
    matrix.fill()
    Machine.kernels.prepare(x, rows: 0..<count, for: matrix.view)
  }

  func run(as member: inout CrewMember, of crew: WorkCrew) {
    let panels = matrix.view.panelCount
    crew.share(panels, chunk: crew.chunk(of: panels), by: &member) { part in
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

extension PackedMatrix {
  /// Fills every panel with the same few codes; the time of a product does not depend on them.
  fileprivate func fill() {
    if coding.isFloat {
      for panel in 0..<view.panelCount {
        for column in 0..<columns {
          for row in 0..<16 {
            store(panel: panel, column: column, row: row, bits: UInt16(0x2c00 + row))
          }
        }
      }
      return
    }
    let limit = coding.code == CK_CODE_U4 ? 15 : coding.hasHalfGroups ? 63 : 255
    let codes = (0..<512).map { UInt8($0 * 7 % (limit + 1)) }
    let parameters = (0..<16).map { _ in
      (scale: Float(0.01), second: Float(0.01), minimum: Float(-0.05))
    }
    for panel in 0..<view.panelCount {
      for group in 0..<columns / 32 {
        store(panel: panel, group: group, codes: codes, parameters: parameters)
      }
    }
  }
}
