package import CKernels

/// Scratch for rows of activations and their quantised form (layout: `ck_rows`): pointers into an
/// arena, free to copy between threads while the arena lives.
package struct ActivationRows: Sendable, BitwiseCopyable {
  /// Inputs per row.
  package let columns: Int
  /// Floats between rows: the columns rounded up to whole panels.
  package let stride: Int
  /// The floats, [capacity, stride].
  nonisolated(unsafe) package let values: UnsafeMutablePointer<Float>
  /// The quantised rows.
  nonisolated(unsafe) private let codes: ck_rows

  /// Room for `capacity` rows of `columns` floats; with their quantised form only if asked.
  package init(capacity: Int, columns: Int, quantized: Bool = true, in arena: Arena) {
    self.columns = columns
    stride = (columns + 15) / 16 * 16
    values = arena.take(capacity * stride, of: Float.self)
    let groups = quantized ? capacity * ((columns + 31) / 32) : 0
    codes = ck_rows(
      codes: arena.take(groups * 32, of: Int8.self),
      residuals: arena.take(groups * 32, of: Int8.self), fine: arena.take(groups, of: UInt8.self),
      scales: arena.take(groups, of: Float.self), weighted: arena.take(groups, of: Float.self),
      sums: arena.take(groups * 2, of: Int32.self), columns: Int32(columns))
  }

  /// The floats of one row.
  package func row(_ index: Int) -> UnsafeMutablePointer<Float> { values + index * stride }

  /// These rows with the quantised form of `other`, which is as large.
  package func quantized(in other: ActivationRows) -> ActivationRows {
    ActivationRows(columns: columns, stride: stride, values: values, codes: other.codes)
  }

  /// The first `columns` inputs of these rows.
  package func prefix(columns: Int) -> ActivationRows {
    ActivationRows(
      columns: columns, stride: stride, values: values,
      codes: ck_rows(
        codes: codes.codes, residuals: codes.residuals, fine: codes.fine, scales: codes.scales,
        weighted: codes.weighted, sums: codes.sums, columns: Int32(columns)))
  }

  /// The inputs of these rows from column `first` on, as floats alone.
  package func suffix(from first: Int) -> ActivationRows {
    ActivationRows(
      columns: columns - first, stride: stride, values: values + first, codes: ck_rows())
  }

  private init(
    columns: Int, stride: Int, values: UnsafeMutablePointer<Float>, codes: ck_rows
  ) {
    self.columns = columns
    self.stride = stride
    self.values = values
    self.codes = codes
  }

  /// The quantised rows from row `first` on.
  package func codes(from first: Int) -> ck_rows {
    let groups = columns / 32
    return ck_rows(
      codes: codes.codes + first * columns, residuals: codes.residuals + first * columns,
      fine: codes.fine + first * groups, scales: codes.scales + first * groups,
      weighted: codes.weighted + first * groups, sums: codes.sums + first * groups * 2,
      columns: codes.columns)
  }
}

/// Memory that lives as long as its owner, handed out in pieces.
package final class Arena {
  /// The memory handed out: who keeps these keeps what was taken.
  package private(set) var pieces: [AlignedBytes] = []

  /// An arena with nothing handed out.
  package init() {}

  /// `count` zeroed values.
  package func take<T: BitwiseCopyable>(_ count: Int, of type: T.Type) -> UnsafeMutablePointer<T> {
    let piece = AlignedBytes(count: count * MemoryLayout<T>.stride, zeroed: true)
    pieces.append(piece)
    return piece.values(type)
  }
}

extension KernelSet {
  /// Quantises rows `rows` of `x`, if `matrix` takes quantised rows.
  package func prepare(_ x: ActivationRows, rows: Range<Int>, for matrix: MatrixView) {
    guard !matrix.isFloat, !rows.isEmpty else { return }
    var target = x.codes(from: rows.lowerBound)
    ck_quantize(pointer, x.row(rows.lowerBound), x.stride, Int32(rows.count), &target)
  }

  /// `y[i, r] = Σ_k w[r, k] · x[i, k]` for rows `rows` of `x` and the output rows of `panels`.
  ///
  /// `y` is indexed by row of `x` and output row. `x` must be prepared.
  package func multiply(
    _ w: MatrixView, by x: ActivationRows, rows: Range<Int>, panels: Range<Int>,
    into y: ActivationRows
  ) {
    var layout = w.layout
    let target = y.row(rows.lowerBound)
    if w.isFloat {
      ck_matmul_float(
        pointer, &layout, x.row(rows.lowerBound), x.stride, Int32(rows.count),
        Int32(panels.lowerBound), Int32(panels.upperBound), target, y.stride)
    } else {
      var source = x.codes(from: rows.lowerBound)
      ck_matmul(
        pointer, &layout, &source, Int32(rows.count), Int32(panels.lowerBound),
        Int32(panels.upperBound), target, y.stride)
    }
  }
}
