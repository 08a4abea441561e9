import CKernels
package import GGUF
package import Kernels

extension PackedMatrix {
  /// Repacks a tensor of a file; the pool shares the panels.
  package init(repacking tensor: TensorInfo, of file: GGUFFile, pool: ThreadPool) {
    self.init(repacking: tensor, bytes: file.bytes(of: tensor), pool: pool)
  }

  /// Repacks a tensor, or the rows of it that are named, in their order; the pool shares the panels.
  /// With `split`, codes of Q8_0 are split, so that there is a coarse form; what completes that reads rows of
  /// Q8_0 from the file.
  package init(
    repacking tensor: TensorInfo, rows: [Int32]? = nil, split: Bool = false, bytes: TensorBytes,
    pool: ThreadPool
  ) {
    var coding = tensor.type.coding
    if split && tensor.type == .q8_0 { coding.code = CK_CODE_SPLIT }
    self.init(rows: rows?.count ?? tensor.rowCount, columns: tensor.rowLength, coding: coding)
    let rowBytes = max(1, tensor.byteCount / max(1, tensor.rowCount))
    let slice = max(1, Self.bytesHeld / (16 * rowBytes))
    for first in stride(from: 0, to: view.panelCount, by: slice) {
      let panels = first..<min(first + slice, view.panelCount)
      bytes.withBytes { source in
        guard let base = source.baseAddress else { return }
        pool.run(
          Repacking(matrix: self, type: tensor.type, source: base, rows: rows, panels: panels))
      }
      // A large tensor is never whole in memory twice.
      if panels.upperBound < view.panelCount { bytes.releasePages() }
    }
  }

  /// Bytes of a file that are held until they are let go of.
  static let bytesHeld = 1 << 25
}

extension TensorType {
  /// How the kernels keep matrices of this type.
  var coding: PackedMatrix.Coding {
    guard let layout = layout as? any BlockLayout.Type else {
      return PackedMatrix.Coding(
        self == .f32 ? CK_CODE_F32 : self == .bf16 ? CK_CODE_BF16 : CK_CODE_F16)
    }
    let code =
      switch layout.codeBits {
      case ...4: CK_CODE_U4
      case 5: CK_CODE_U5
      case 6: CK_CODE_U6
      default: CK_CODE_U8
      }
    return PackedMatrix.Coding(code, zero: Int32(layout.zero), scaling: layout.scaling.ofKernels)
  }
}

extension BlockScaling {
  /// The kernels' name of it.
  fileprivate var ofKernels: ck_scaling {
    switch self {
    case .plain: CK_SCALING_PLAIN
    case .affine: CK_SCALING_AFFINE
    case .nested: CK_SCALING_NESTED
    case .halves: CK_SCALING_HALVES
    case .pairs: CK_SCALING_PAIRS
    case .power: CK_SCALING_POWER
    }
  }
}

/// The work of repacking one tensor, shared by a pool.
private final class Repacking: PoolTask {
  let matrix: PackedMatrix
  let layout: any TensorLayout.Type
  let source: UnsafeRawPointer
  let rowBytes: Int
  /// Which row of the tensor each row of the matrix is; nil when they are the same.
  let rows: [Int32]?
  /// The panels that are made.
  let panels: Range<Int>

  init(
    matrix: PackedMatrix, type: TensorType, source: UnsafeRawPointer, rows: [Int32]?,
    panels: Range<Int>
  ) {
    self.rows = rows
    self.panels = panels
    self.matrix = matrix
    self.source = source
    layout = type.layout
    rowBytes = matrix.columns / type.blockSize * type.blockBytes
  }

  func run(as worker: inout PoolWorker, of pool: ThreadPool) {
    let nibbles = layout as? any NibbleLayout.Type
    let blocks = layout as? any BlockLayout.Type
    pool.share(panels.count, chunk: 8, by: &worker) { part in
      for panel in part.shifted(by: panels.lowerBound) {
        if let nibbles {
          copyNibbles(panel, nibbles)
        } else if let blocks {
          pack(panel, blocks)
        } else if layout.blockBytes == 4 {
          copy(panel, of: UInt32.self)
        } else {
          copy(panel, of: UInt16.self)
        }
      }
    }
  }

  /// Where a row of the matrix begins in the tensor.
  private func row(_ index: Int) -> UnsafeRawPointer {
    source + Int(rows?[index] ?? Int32(index)) * rowBytes
  }

  /// Groups that are read from a row at once.
  private static let stretch = 8

  /// Codes and scales of 16 rows; rows beyond the last are zero.
  private func pack(_ panel: Int, _ layout: any BlockLayout.Type) {
    let count = Self.stretch * 16
    withUnsafeTemporaryAllocation(of: UInt8.self, capacity: count * 32) { codes in
      withUnsafeTemporaryAllocation(of: GroupScales.self, capacity: count) { scales in
        codes.initialize(repeating: layout.zero)
        scales.initialize(repeating: .zero)
        guard let codes = codes.baseAddress, let scales = scales.baseAddress else { return }
        var bounds = CoarseBounds()
        let groups = matrix.columns / 32
        for first in stride(from: 0, to: groups, by: Self.stretch) {
          let taken = first..<min(first + Self.stretch, groups)
          for r in 0..<min(16, matrix.rows - panel * 16) {
            layout.read(
              row: row(panel * 16 + r), groups: taken, codes: codes + 32 * r, codeStride: 512,
              scales: scales + r, scaleStride: 16)
          }
          for (index, group) in taken.enumerated() {
            store(panel, group, codes + 512 * index, scales + 16 * index, &bounds)
          }
        }
        if matrix.coarse != nil { matrix.store(panel: panel, bounds: bounds) }
      }
    }
  }

  /// Stores one group of 16 rows.
  private func store(
    _ panel: Int, _ group: Int, _ codes: UnsafePointer<UInt8>,
    _ scales: UnsafePointer<GroupScales>, _ bounds: inout CoarseBounds
  ) {
    withUnsafeTemporaryAllocation(of: PackedMatrix.GroupScales.self, capacity: 16) { packed in
      for r in 0..<16 { packed[r] = PackedMatrix.GroupScales(scales[r]) }
      guard let packed = packed.baseAddress else { return }
      matrix.store(panel: panel, group: group, codes: codes, scales: packed)
      if matrix.coarse != nil { bounds.add(codes: codes, scales: packed) }
    }
  }

  /// Blocks whose nibbles lie in the order of a panel's.
  private func copyNibbles(_ panel: Int, _ layout: any NibbleLayout.Type) {
    let blockBytes = layout.blockBytes
    let (scale, minimum, nibbles) = (layout.scalePlace, layout.minimumPlace, layout.nibblePlace)
    for group in 0..<matrix.columns / 32 {
      for r in 0..<min(16, matrix.rows - panel * 16) {
        let block = row(panel * 16 + r) + group * blockBytes
        matrix.store(
          panel: panel, group: group, row: r, nibbles: block + nibbles, scale: block + scale,
          minimum: minimum.map { block + $0 })
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

extension PackedMatrix.GroupScales {
  /// What scales a group of a file's block.
  fileprivate init(_ scales: GroupScales) {
    self.init(
      scales.scale, second: scales.secondScale, minimum: scales.minimum,
      secondMinimum: scales.secondMinimum, outerScale: scales.outerScale,
      outerMinimum: scales.outerMinimum)
  }
}
