package import CKernels

/// Scratch for rows of activations and their quantised form (layout: `ck_rows`).
package struct ActivationRows: Sendable {
  /// Inputs per row.
  package let columns: Int
  /// Floats between rows: the columns rounded up to whole panels.
  package let stride: Int
  /// The floats, [capacity, stride].
  nonisolated(unsafe) package let values: UnsafeMutablePointer<Float>
  /// The quantised rows.
  nonisolated(unsafe) package let quantized: ck_rows

  private let storage: AlignedBytes

  /// Room for `capacity` rows of `columns` floats.
  package init(capacity: Int, columns: Int) {
    self.columns = columns
    stride = (columns + 15) / 16 * 16
    let padded = (columns + 31) / 32 * 32
    let groups = padded / 32
    let floats = capacity * padded * 4
    storage = AlignedBytes(count: floats + capacity * (2 * padded + groups * 17), zeroed: true)
    values = storage.values(Float.self)
    var next = storage.base + floats
    func carve<T>(_ count: Int, _ type: T.Type) -> UnsafeMutablePointer<T> {
      defer { next += count * MemoryLayout<T>.stride }
      return next.assumingMemoryBound(to: type)
    }
    let scales = carve(capacity * groups, Float.self)
    let weighted = carve(capacity * groups, Float.self)
    let sums = carve(capacity * groups * 2, Int32.self)
    quantized = ck_rows(
      codes: carve(capacity * padded, Int8.self), residuals: carve(capacity * padded, Int8.self),
      fine: carve(capacity * groups, UInt8.self), scales: scales, weighted: weighted, sums: sums,
      columns: Int32(columns))
  }

  /// The floats of one row.
  package func row(_ index: Int) -> UnsafeMutablePointer<Float> { values + index * stride }

  /// The quantised rows from row `first` on.
  package func quantized(from first: Int) -> ck_rows {
    let groups = columns / 32
    return ck_rows(
      codes: quantized.codes + first * columns, residuals: quantized.residuals + first * columns,
      fine: quantized.fine + first * groups, scales: quantized.scales + first * groups,
      weighted: quantized.weighted + first * groups, sums: quantized.sums + first * groups * 2,
      columns: quantized.columns)
  }
}

extension KernelSet {
  /// Quantises rows `rows` of `x`, if `matrix` takes quantised rows.
  package func prepare(_ x: ActivationRows, rows: Range<Int>, for matrix: PackedMatrix) {
    guard !matrix.coding.isFloat, !rows.isEmpty else { return }
    var target = x.quantized(from: rows.lowerBound)
    ck_quantize(pointer, x.row(rows.lowerBound), x.stride, Int32(rows.count), &target)
  }

  /// `y[i, r] = Σ_k w[r, k] · x[i, k]` for rows `rows` of `x` and the output rows of `panels`.
  ///
  /// `y` [*, stride] is indexed by row of `x` and output row. `x` must be prepared.
  package func multiply(
    _ w: PackedMatrix, by x: ActivationRows, rows: Range<Int>, panels: Range<Int>,
    into y: UnsafeMutablePointer<Float>, stride: Int
  ) {
    var layout = w.layout
    let target = y + rows.lowerBound * stride
    if w.coding.isFloat {
      ck_matmul_float(
        pointer, &layout, x.row(rows.lowerBound), x.stride, Int32(rows.count),
        Int32(panels.lowerBound), Int32(panels.upperBound), target, stride)
    } else {
      var source = x.quantized(from: rows.lowerBound)
      ck_matmul(
        pointer, &layout, &source, Int32(rows.count), Int32(panels.lowerBound),
        Int32(panels.upperBound), target, stride)
    }
  }
}
