import CKernels

/// A matrix of split codes by its upper five bits alone, and how far that can be from the whole.
///
/// With codes c = 8 u + l, the coarse matrix has 8 u + 3.5 in their place. By Cauchy and Schwarz a
/// whole product of row r with x differs from the coarse one by at most R · ‖x‖, where
/// R² = Σ scale² (l − 3.5)² over the row. So a cheap look at all rows leaves only few whose whole
/// product can be among the largest; these are read from the matrix as its file holds it, where a row
/// lies in one piece.
package struct CoarseView: Sendable, BitwiseCopyable {
  /// The upper five bits with their scales.
  package let matrix: MatrixView
  /// For each output row an upper bound of R, rounding included, as a float16, [16 · panels].
  nonisolated(unsafe) fileprivate let bounds: UnsafePointer<UInt16>

  init(matrix: MatrixView, bounds: UnsafePointer<UInt16>) {
    self.matrix = matrix
    self.bounds = bounds
  }

  /// Bytes that one look at all rows reads.
  package var byteCount: Int { matrix.byteCount + matrix.panelCount * 16 * 2 }

  /// Bytes of a whole row in its file: per group a float16 and 32 bytes.
  package var rowByteCount: Int { matrix.columns / 32 * 34 }

  /// What the whole matrix takes in memory beyond the bytes that a whole product reads.
  package var surplusByteCount: Int { matrix.codeBytes / 5 + matrix.panelCount * 16 * 2 }
}

/// What bounds the difference of whole and coarse products of the 16 rows of a panel.
package struct CoarseBounds {
  /// Per row Σ scale² (l − 3.5)² and Σ scale² (c − 128)².
  private var remainder = SIMD16<Double>.zero
  private var whole = SIMD16<Double>.zero
  private var groups = 0

  /// Bounds of nothing.
  package init() {}

  /// Takes in the next group: 16 rows of 32 codes, and what scales each row.
  package mutating func add(
    codes: UnsafePointer<UInt8>, scales: UnsafePointer<PackedMatrix.GroupScales>
  ) {
    groups += 1
    withUnsafeTemporaryAllocation(of: Int32.self, capacity: 32) { sums in
      guard let low = sums.baseAddress else { return }
      let all = low + 16
      ck_squares(codes, low, all)
      for r in 0..<16 {
        let scale = Double(scales[r].scale)
        remainder[r] += scale * scale * Double(low[r]) / 4
        whole[r] += scale * scale * Double(all[r])
      }
    }
  }

  /// The bound of a row, rounded up.
  ///
  /// A whole product as it is computed differs from the sum of its terms by at most
  /// (groups + 3) · 2⁻²⁴ · W · ‖x‖, with W² the second sum: an integer becomes a float, two scales are
  /// multiplied, the term is added. So does a coarse one, with W + R in place of W; its limit is
  /// rounded once more.
  package func bound(row: Int) -> UInt16 {
    let distance = remainder[row].squareRoot()
    let rounding = Double(groups + 8) * 0x1p-23 * (whole[row].squareRoot() + distance)
    let bound = Float(distance * (1 + 0x1p-20) + rounding).nextUp
    guard bound.isFinite else { return Self.infinite }
    let half = ck_to_half(bound)
    return ck_from_half(half) < bound ? half + 1 : half
  }

  /// A bound that says nothing.
  static let infinite: UInt16 = 0x7c00
}

extension PackedMatrix {
  /// Writes the bounds of the rows of `panel`.
  package func store(panel: Int, bounds: CoarseBounds) {
    for r in 0..<16 { boundTarget?[panel * 16 + r] = bounds.bound(row: r) }
  }
}

/// Whole rows that rescore coarse products: where they lie, and one row of activations for them.
package struct WholeRows: Sendable, BitwiseCopyable {
  nonisolated(unsafe) private let layout: ck_whole
  /// The activations as 16-bit numbers, [columns], and their scales by group.
  nonisolated(unsafe) private let values: UnsafePointer<Int16>
  nonisolated(unsafe) private let scales: UnsafePointer<Float>
  /// An upper bound of ‖x‖, the activations' norm.
  private let norm: Float

  /// The rows of the matrix of `coarse` at `rows`, in blocks of Q8_0, for row `index` of `x`; `values`
  /// has room for a row, and is written.
  package init(
    _ coarse: CoarseView, at rows: UnsafeRawPointer, for x: ActivationRows, row index: Int,
    values: UnsafeMutablePointer<Int16>, kernels: KernelSet
  ) {
    layout = ck_whole(
      rows: rows, bounds: coarse.bounds, count: Int32(coarse.matrix.rows),
      columns: Int32(coarse.matrix.columns))
    var codes = x.codes(from: index)
    ck_widen(&codes, values)
    self.values = UnsafePointer(values)
    scales = UnsafePointer(codes.scales)
    norm = Self.norm(values, scales, count: coarse.matrix.columns)
  }

  /// ‖x‖ rounded up; infinite where a float could not tell small terms apart, or hold large ones.
  private static func norm(
    _ values: UnsafePointer<Int16>, _ scales: UnsafePointer<Float>, count: Int
  ) -> Float {
    var sum = 0.0
    for group in 0..<count / 32 {
      var squares: Int64 = 0
      for k in 32 * group..<32 * group + 32 { squares &+= Int64(values[k]) &* Int64(values[k]) }
      sum += Double(scales[group]) * Double(scales[group]) * Double(squares)
    }
    let norm = sum.squareRoot()
    guard norm > 0x1p-60, norm < 0x1p60 else { return .infinity }
    return Float(norm * (1 + 0x1p-30)).nextUp
  }

  /// For each of `panels` the largest of the coarse products `y`, and an upper bound of its rows' whole
  /// products.
  package func bounds(
    of y: UnsafePointer<Float>, panels: Range<Int>, largest: UnsafeMutablePointer<Float>,
    upper: UnsafeMutablePointer<Float>, kernels: KernelSet
  ) {
    var layout = layout
    ck_limits(
      kernels.pointer, &layout, y, norm, Int32(panels.lowerBound), Int32(panels.upperBound),
      largest, upper)
  }

  /// The whole product of one output row.
  package func product(_ row: Int, kernels: KernelSet) -> Float {
    var layout = layout
    return ck_product(kernels.pointer, &layout, Int32(row), values, scales)
  }

  /// Puts whole products in the place of those coarse ones in `y` that can reach `threshold`, and returns
  /// how many. `upper` holds the panels' upper bounds.
  package func rescore(
    _ y: UnsafeMutablePointer<Float>, panels: Range<Int>, upper: UnsafePointer<Float>,
    threshold: Float, kernels: KernelSet
  ) -> Int {
    var layout = layout
    return Int(
      ck_complete(
        kernels.pointer, &layout, values, scales, upper, norm, threshold,
        Int32(panels.lowerBound), Int32(panels.upperBound), y))
  }
}
