package import CKernels

/// A weight matrix [rows, columns], repacked for the kernels (layout: `ck_matrix`).
package struct PackedMatrix: Sendable {
  /// How the elements are coded, and what belongs to a code.
  package struct Coding: Hashable, Sendable {
    /// The element's storage.
    package var code: ck_code
    /// Subtracted from each code.
    package var zero: Int32 = 0
    /// Whether scales are float32 rather than float16.
    package var hasWideScales = false
    /// Whether there is a minimum beside the scale.
    package var hasMinimums = false
    /// Whether a scale serves 16 columns rather than 32.
    package var hasHalfGroups = false

    /// A coding without scales, or with the parts given.
    package init(
      _ code: ck_code, zero: Int32 = 0, wideScales: Bool = false, minimums: Bool = false,
      halfGroups: Bool = false
    ) {
      self.code = code
      self.zero = zero
      hasWideScales = wideScales
      hasMinimums = minimums
      hasHalfGroups = halfGroups
    }

    /// Whether the elements are floats.
    package var isFloat: Bool { code.rawValue >= CK_CODE_F16.rawValue }

    /// Bytes of the codes of 16 rows and 32 columns.
    package var groupBytes: Int {
      switch code {
      case CK_CODE_U4: 256
      case CK_CODE_U8: 512
      case CK_CODE_F32: 2048
      default: 1024
      }
    }
  }

  /// Output rows.
  package let rows: Int
  /// Inputs.
  package let columns: Int
  /// How the elements are coded.
  package let coding: Coding
  /// What a pass uses of it.
  package let view: MatrixView

  private let codes: AlignedBytes
  private let scales: AlignedBytes?
  private let minimums: AlignedBytes?
  /// The same memory without its owners, whose references would be counted for every value written.
  nonisolated(unsafe) private let codeTarget: UnsafeMutableRawPointer
  nonisolated(unsafe) private let scaleTarget: UnsafeMutableRawPointer?
  nonisolated(unsafe) private let minimumTarget: UnsafeMutableRawPointer?

  /// Memory for a matrix; the panels are filled by `Panel`s before the first product.
  package init(rows: Int, columns: Int, coding: Coding) {
    self.rows = rows
    self.columns = columns
    self.coding = coding
    let panels = (rows + CK_PANEL - 1) / CK_PANEL
    codes = AlignedBytes(count: panels * columns * coding.groupBytes / CK_GROUP)
    let values =
      panels * (columns / CK_GROUP) * CK_PANEL
      * (coding.hasHalfGroups ? 2 : 1) * (coding.hasWideScales ? 4 : 2)
    scales = coding.isFloat ? nil : AlignedBytes(count: values)
    minimums = coding.hasMinimums ? AlignedBytes(count: values) : nil
    codeTarget = codes.base
    scaleTarget = scales?.base
    minimumTarget = minimums?.base
    let layout = ck_matrix(
      codes: codes.base, scales: scales.map { UnsafeRawPointer($0.base) },
      minimums: minimums.map { UnsafeRawPointer($0.base) }, panels: Int32(panels),
      columns: Int32(columns), zero: coding.zero, code: Int32(coding.code.rawValue),
      wide_scales: coding.hasWideScales ? 1 : 0, half_groups: coding.hasHalfGroups ? 1 : 0)
    view = MatrixView(
      rows: rows, columns: columns, panelCount: panels, isFloat: coding.isFloat,
      byteCount: codes.count + (scales?.count ?? 0) + (minimums?.count ?? 0),
      codeBytes: codes.count,
      layout: layout)
  }
}

/// A packed matrix without its ownership: pointers and numbers, free to copy between threads while
/// the matrix lives.
package struct MatrixView: Sendable, BitwiseCopyable {
  /// Output rows.
  package let rows: Int
  /// Inputs.
  package let columns: Int
  /// Panels of 16 output rows.
  package let panelCount: Int
  /// Whether the elements are floats: then the input is not quantised.
  package let isFloat: Bool
  /// Bytes that one product reads.
  package let byteCount: Int
  /// Bytes of the codes, which lie panel by panel.
  let codeBytes: Int
  /// What the kernels read.
  nonisolated(unsafe) let layout: ck_matrix

  /// The codes of the first panel.
  var codes: UnsafeRawPointer { layout.codes }

  /// Multiply-accumulates of one product with one row.
  package var macs: Int { rows * columns }
}

extension PackedMatrix {
  /// Writes the 32 columns of group `group` of the 16 rows of `panel`.
  ///
  /// `source` holds 16 rows of 32 codes; `parameters` per row the scale, the second half's scale and
  /// the minimum, as the coding has them.
  package func store(
    panel: Int, group: Int, codes source: UnsafePointer<UInt8>,
    parameters: UnsafePointer<(scale: Float, second: Float, minimum: Float)>
  ) {
    let record = panel * (columns / 32) + group
    let words = UnsafeRawPointer(source).assumingMemoryBound(to: UInt32.self)
    let out = (codeTarget + record * coding.groupBytes).assumingMemoryBound(to: UInt32.self)
    if coding.code == CK_CODE_U4 {
      for v in 0..<4 {
        for r in 0..<16 { out[16 * v + r] = words[8 * r + v] | words[8 * r + 4 + v] << 4 }
      }
    } else {
      for v in 0..<8 {
        for r in 0..<16 { out[16 * v + r] = words[8 * r + v] }
      }
    }
    let halves = coding.hasHalfGroups ? 2 : 1
    for r in 0..<16 {
      put(parameters[r].scale, at: (record * halves) * 16 + r, in: scaleTarget)
      if halves == 2 { put(parameters[r].second, at: (record * 2 + 1) * 16 + r, in: scaleTarget) }
      put(parameters[r].minimum, at: record * 16 + r, in: minimumTarget)
    }
  }

  /// Writes the elements of a float coding: bit patterns of 16 rows at one column of `panel`.
  package func store<Bits: FixedWidthInteger>(
    panel: Int, column: Int, row: Int, bits: Bits
  ) {
    codeTarget.assumingMemoryBound(to: Bits.self)[(panel * columns + column) * 16 + row] = bits
  }

  private func put(_ value: Float, at index: Int, in target: UnsafeMutableRawPointer?) {
    guard let target else { return }
    if coding.hasWideScales {
      target.assumingMemoryBound(to: Float.self)[index] = value
    } else {
      target.assumingMemoryBound(to: UInt16.self)[index] = ck_to_half(value)
    }
  }
}
