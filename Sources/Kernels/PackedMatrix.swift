package import CKernels

/// A weight matrix [rows, columns], repacked for the kernels (layout: `ck_matrix`).
package struct PackedMatrix: Sendable {
  /// How the elements are coded, and what belongs to a code.
  package struct Coding: Hashable, Sendable {
    /// The element's storage.
    package var code: ck_code
    /// Subtracted from each code.
    package var zero: Int32 = 0
    /// What scales a group's codes.
    package var scaling = CK_SCALING_PLAIN

    /// A coding with its parts; float codes have neither zero nor scales.
    package init(_ code: ck_code, zero: Int32 = 0, scaling: ck_scaling = CK_SCALING_PLAIN) {
      self.code = code
      self.zero = zero
      self.scaling = scaling
    }

    /// Whether the elements are floats.
    package var isFloat: Bool {
      code == CK_CODE_F16 || code == CK_CODE_BF16 || code == CK_CODE_F32
    }

    /// Whether scales come in two steps, the outer one for 256 columns.
    package var isNested: Bool {
      scaling == CK_SCALING_NESTED || scaling == CK_SCALING_HALVES || scaling == CK_SCALING_PAIRS
    }

    /// Bytes of the codes of 16 rows and 32 columns.
    package var groupBytes: Int {
      switch code {
      case CK_CODE_U4: 256
      case CK_CODE_U5, CK_CODE_SPLIT, CK_CODE_COARSE: 320
      case CK_CODE_U6: 384
      case CK_CODE_U8: 512
      case CK_CODE_F32: 2048
      default: 1024
      }
    }
  }

  /// What scales the codes of one row in one group.
  package struct GroupScales: Sendable, BitwiseCopyable {
    /// The scale, the one of the second half, the minimum, and the one of the second half; in nested codings
    /// these are whole numbers that the outer ones multiply, the minimums negatively.
    package var scale: Float, second: Float, minimum: Float, secondMinimum: Float
    /// The outer scale and minimum of nested codings, exact in float16.
    package var outerScale: Float, outerMinimum: Float

    /// Scales; what a coding does not have is left out.
    package init(
      _ scale: Float, second: Float = 0, minimum: Float = 0, secondMinimum: Float = 0,
      outerScale: Float = 0, outerMinimum: Float = 0
    ) {
      self.scale = scale
      self.second = second
      self.minimum = minimum
      self.secondMinimum = secondMinimum
      self.outerScale = outerScale
      self.outerMinimum = outerMinimum
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
  /// Of split codes the upper five bits, as a matrix of its own.
  package let coarse: CoarseView?

  private let codes: AlignedBytes
  private let scales: AlignedBytes?
  private let minimums: AlignedBytes?
  private let lower: AlignedBytes?
  private let bounds: AlignedBytes?
  /// The same memory without its owners, whose references would be counted for every value written.
  nonisolated(unsafe) let codeTarget: UnsafeMutableRawPointer
  nonisolated(unsafe) let scaleTarget: UnsafeMutableRawPointer?
  nonisolated(unsafe) let minimumTarget: UnsafeMutableRawPointer?
  nonisolated(unsafe) let lowerTarget: UnsafeMutableRawPointer?
  nonisolated(unsafe) let boundTarget: UnsafeMutablePointer<UInt16>?

  /// Memory for a matrix; the panels are filled by `Panel`s before the first product.
  package init(rows: Int, columns: Int, coding: Coding) {
    self.rows = rows
    self.columns = columns
    self.coding = coding
    let panels = (rows + CK_PANEL - 1) / CK_PANEL
    codes = AlignedBytes(count: panels * columns * coding.groupBytes / CK_GROUP, zeroed: true)
    let values = panels * columns / Int(CK_GROUP) * Int(CK_PANEL) * 2
    let supers = panels * columns / Int(CK_SUPER)
    precondition(!coding.isNested || columns % Int(CK_SUPER) == 0, "whole groups of 256 columns")
    scales =
      switch coding.scaling {
      case _ where coding.isFloat: nil
      case CK_SCALING_NESTED, CK_SCALING_PAIRS:
        AlignedBytes(count: supers * Self.nestedBytes, zeroed: true)
      case CK_SCALING_HALVES: AlignedBytes(count: supers * Self.halvesBytes, zeroed: true)
      case CK_SCALING_POWER: AlignedBytes(count: values / 2, zeroed: true)
      default: AlignedBytes(count: values, zeroed: true)
      }
    minimums = coding.scaling == CK_SCALING_AFFINE ? AlignedBytes(count: values, zeroed: true) : nil
    let isSplit = coding.code == CK_CODE_SPLIT
    lower =
      isSplit ? AlignedBytes(count: panels * columns * Self.nibbleBytes / 32, zeroed: true) : nil
    bounds = isSplit ? AlignedBytes(count: panels * 16 * 2, zeroed: true) : nil
    codeTarget = codes.base
    scaleTarget = scales?.base
    minimumTarget = minimums?.base
    lowerTarget = lower?.base
    boundTarget = bounds?.values(UInt16.self)
    var layout = ck_matrix(
      codes: codes.base, lower: UnsafeRawPointer(lowerTarget),
      scales: UnsafeRawPointer(scaleTarget), minimums: UnsafeRawPointer(minimumTarget),
      panels: Int32(panels), columns: Int32(columns), zero: coding.zero,
      code: Int32(coding.code.rawValue), scaling: Int32(coding.scaling.rawValue))
    // Of a split code the whole product leaves out the plane between the two halves.
    let read = isSplit ? 2 * (lower?.count ?? 0) : codes.count
    view = MatrixView(
      rows: rows, columns: columns, panelCount: panels, isFloat: coding.isFloat,
      byteCount: read + (scales?.count ?? 0) + (minimums?.count ?? 0),
      codeBytes: codes.count, layout: layout)
    layout.code = Int32(CK_CODE_COARSE.rawValue)
    layout.zero = 2 * coding.zero
    layout.lower = nil
    let matrix = MatrixView(
      rows: rows, columns: columns, panelCount: panels, isFloat: false,
      byteCount: codes.count + (scales?.count ?? 0), codeBytes: codes.count, layout: layout)
    coarse = boundTarget.map { CoarseView(matrix: matrix, bounds: UnsafePointer($0)) }
  }

  /// Bytes of the nested scales, or pairs, of a panel and 256 columns, and of those with halves.
  static let nestedBytes = 64 + 8 * 32
  static let halvesBytes = 32 + 8 * 32
  /// Bytes of four bits of 16 rows and 32 columns.
  static let nibbleBytes = 256
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
