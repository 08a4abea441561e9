import CKernels
package import GGUF
package import Kernels

extension PackedMatrix {
  /// Repacks a tensor of a file; the pool shares the panels.
  package init(repacking tensor: TensorInfo, of file: GGUFFile, pool: ThreadPool) {
    self.init(repacking: tensor, bytes: file.bytes(of: tensor), pool: pool)
  }

  /// Repacks a tensor, or the rows of it that are named, in their order; the pool shares the panels.
  /// With `split`, codes of eight bits are split, so that there is a coarse form.
  package init(
    repacking tensor: TensorInfo, rows: [Int32]? = nil, split: Bool = false, bytes: TensorBytes,
    pool: ThreadPool
  ) {
    var coding = tensor.type.coding
    if split && coding.code == CK_CODE_U8 { coding.code = CK_CODE_SPLIT }
    self.init(rows: rows?.count ?? tensor.rowCount, columns: tensor.rowLength, coding: coding)
    bytes.withBytes { source in
      guard let base = source.baseAddress else { return }
      pool.run(Repacking(matrix: self, type: tensor.type, source: base, rows: rows))
    }
  }
}

extension TensorType {
  /// How the kernels keep matrices of this type.
  var coding: PackedMatrix.Coding {
    switch self {
    case .f32: PackedMatrix.Coding(CK_CODE_F32)
    case .f16: PackedMatrix.Coding(CK_CODE_F16)
    case .bf16: PackedMatrix.Coding(CK_CODE_BF16)
    case .q4_0: PackedMatrix.Coding(CK_CODE_U4, zero: 8)
    case .q4_1: PackedMatrix.Coding(CK_CODE_U4, scaling: CK_SCALING_AFFINE)
    case .q5_0: PackedMatrix.Coding(CK_CODE_U5, zero: 16)
    case .q5_1: PackedMatrix.Coding(CK_CODE_U5, scaling: CK_SCALING_AFFINE)
    case .q8_0: PackedMatrix.Coding(CK_CODE_U8, zero: 128)
    case .q4K: PackedMatrix.Coding(CK_CODE_U4, scaling: CK_SCALING_NESTED)
    case .q5K: PackedMatrix.Coding(CK_CODE_U5, scaling: CK_SCALING_NESTED)
    case .q6K: PackedMatrix.Coding(CK_CODE_U6, zero: 32, scaling: CK_SCALING_HALVES)
    }
  }
}

/// The work of repacking one tensor, shared by a pool.
private final class Repacking: PoolTask {
  let matrix: PackedMatrix
  let type: TensorType
  let source: UnsafeRawPointer
  let rowBytes: Int
  /// Which row of the tensor each row of the matrix is; nil when they are the same.
  let rows: [Int32]?

  init(matrix: PackedMatrix, type: TensorType, source: UnsafeRawPointer, rows: [Int32]?) {
    self.rows = rows
    self.matrix = matrix
    self.type = type
    self.source = source
    rowBytes = matrix.columns / type.blockSize * type.blockBytes
  }

  func run(as worker: inout PoolWorker, of pool: ThreadPool) {
    pool.share(matrix.view.panelCount, chunk: 8, by: &worker) { panels in
      for panel in panels {
        switch type {
        case .f32: copy(panel, of: UInt32.self)
        case .f16, .bf16: copy(panel, of: UInt16.self)
        case .q4_0, .q4_1: copyNibbles(panel)
        case .q5_0: pack(panel, Q5_0.self)
        case .q5_1: pack(panel, Q5_1.self)
        case .q8_0: pack(panel, Q8_0.self)
        case .q4K: pack(panel, Q4K.self)
        case .q5K: pack(panel, Q5K.self)
        case .q6K: pack(panel, Q6K.self)
        }
      }
    }
  }

  /// Where a row of the matrix begins in the tensor.
  private func row(_ index: Int) -> UnsafeRawPointer {
    source + Int(rows?[index] ?? Int32(index)) * rowBytes
  }

  /// Codes and parameters of 16 rows, group by group; rows beyond the last are zero.
  @inline(__always)
  private func pack<Format: GroupFormat>(_ panel: Int, _: Format.Type) {
    let groupsPerBlock = type.blockSize / 32
    withUnsafeTemporaryAllocation(of: UInt8.self, capacity: 512) { codes in
      withUnsafeTemporaryAllocation(of: PackedMatrix.GroupScales.self, capacity: 16) { scales in
        guard let codeBase = codes.baseAddress, let scaleBase = scales.baseAddress else {
          return
        }
        var bounds = CoarseBounds()
        for group in 0..<matrix.columns / 32 {
          for r in 0..<16 {
            let row = panel * 16 + r
            let target = codeBase + 32 * r
            guard row < matrix.rows else {
              target.update(repeating: 0, count: 32)
              scaleBase[r] = PackedMatrix.GroupScales(0)
              continue
            }
            let block = self.row(row) + group / groupsPerBlock * type.blockBytes
            scaleBase[r] = Format.read(block, group: group % groupsPerBlock, codes: target)
          }
          matrix.store(panel: panel, group: group, codes: codeBase, scales: scaleBase)
          if matrix.coarse != nil { bounds.add(codes: codeBase, scales: scaleBase) }
        }
        if matrix.coarse != nil { matrix.store(panel: panel, bounds: bounds) }
      }
    }
  }

  /// Blocks whose nibbles lie in the order of a panel's.
  private func copyNibbles(_ panel: Int) {
    let rows = panel * 16..<min(panel * 16 + 16, matrix.rows)
    for group in 0..<matrix.columns / 32 {
      for row in rows {
        matrix.store(
          panel: panel, group: group, row: row % 16,
          nibbleBlock: self.row(row) + group * type.blockBytes)
      }
    }
  }

  @inline(__always)
  private func copy<Bits: FixedWidthInteger>(_ panel: Int, of _: Bits.Type) {
    for r in 0..<16 {
      let row = panel * 16 + r
      let values = row < matrix.rows ? self.row(row) : source
      for column in 0..<matrix.columns {
        let bits =
          row < matrix.rows
          ? values.loadUnaligned(fromByteOffset: column * MemoryLayout<Bits>.size, as: Bits.self)
          : 0
        matrix.store(panel: panel, column: column, row: r, bits: bits)
      }
    }
  }
}
