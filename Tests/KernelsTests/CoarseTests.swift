import CKernels
import Foundation
import Kernels
import TestSupport
import Testing

/// Eight bits of which the upper five are a matrix of their own, and what finishes its products.
@Suite struct CoarseTests {
  /// Rows live as long as a test.
  private let arena = Arena()

  private static let shapes = [(16, 32), (33, 64), (70, 96), (5, 160), (200, 576)]

  @Test(arguments: Machine.sets)
  func `a product of a whole row has the bits of the split matrix, and of one that is not split`(
    set: KernelSet
  ) throws {
    var generator = SeededGenerator(seed: 120)
    for (rows, columns) in Self.shapes {
      let w = RandomMatrix(.split, rows: rows, columns: columns, using: &generator)
      let plain = w.unsplit
      let x = ActivationRows(count: 7, columns: columns, in: arena, using: &generator)
      try finishing(w, x, count: 7, set) { i, whole in
        let y = products(w.view, x, row: i, set)
        let z = products(plain.view, x, row: i, set)
        #expect(y.bits == z.bits, "\(rows) x \(columns), row \(i)")
        for r in 0..<rows {
          let product = whole.product(r, kernels: set)
          #expect(product.bitPattern == y[r].bitPattern, "\(rows) x \(columns), row \(i), \(r)")
        }
      }
      withExtendedLifetime((w, plain)) {}
    }
  }

  @Test(arguments: Machine.sets)
  func `no whole product is above its panel's limit, whatever the numbers`(set: KernelSet) throws {
    var generator = SeededGenerator(seed: 121)
    for (rows, columns) in Self.shapes {
      let w = RandomMatrix(.split, rows: rows, columns: columns, using: &generator)
      let kinds = RowKind.allCases.flatMap { [$0, $0] }
      let x = ActivationRows(
        count: kinds.count, columns: columns, kinds: kinds, in: arena, using: &generator)
      try finishing(w, x, count: kinds.count, set) { i, whole in
        let y = try coarse(w, x, row: i, set)
        let limits = limits(y, whole, set)
        for (p, highest) in limits.highest.enumerated() {
          for r in 16 * p..<min(16 * p + 16, rows) {
            let product = whole.product(r, kernels: set)
            #expect(product <= highest || product.isNaN, "\(kinds[i]), \(rows) x \(columns), \(r)")
          }
        }
      }
    }
  }

  /// Cauchy and Schwarz are equal where x points along what the coarse code leaves out. Eight bits of x
  /// turn it a little.
  @Test func `the limit is reached by an input that points where the coarse code is wrong`() throws
  {
    var generator = SeededGenerator(seed: 122)
    for columns in [32, 96, 576] {
      let w = RandomMatrix(.split, rows: 1, columns: columns, using: &generator)
      let view = try #require(w.packed.coarse)
      let rest = w.remainder
      let x = ActivationRows([rest, rest.map { -$0 }], in: arena)
      try finishing(w, x, count: 2, .best) { i, whole in
        let y = try coarse(w, x, row: i, .best)
        let limit = limits(y, whole, .best).highest[0]
        let share = (whole.product(0, kernels: .best) - y[0]) / (limit - y[0])
        #expect(i == 0 ? share > 0.99 && share <= 1 : share < -0.99, "\(columns) columns")
      }
      #expect(view.rowByteCount == w.wholeRows.count)
    }
  }

  @Test(arguments: Machine.vectorSets)
  func `every set finds the limits of the definition, and finishes the same rows`(
    set: KernelSet
  ) throws {
    var generator = SeededGenerator(seed: 123)
    let scalar = try Machine.scalar
    for (rows, columns) in Self.shapes {
      let w = RandomMatrix(.split, rows: rows, columns: columns, using: &generator)
      let x = ActivationRows(count: 7, columns: columns, in: arena, using: &generator)
      try finishing(w, x, count: 7, set) { i, whole in
        var y = try coarse(w, x, row: i, set)
        if i > 3 {
          y[Int.random(in: 0..<rows, using: &generator)] = .nan
          y[Int.random(in: 0..<rows, using: &generator)] = i > 5 ? -.infinity : .infinity
        }
        let limits = limits(y, whole, set)
        let expected = self.limits(y, whole, scalar)
        #expect(limits.largest.bits == expected.largest.bits)
        #expect(limits.highest.bits == expected.highest.bits)
        let sorted = y[..<rows].filter { $0.isFinite }.sorted()
        let middle = sorted.dropFirst(sorted.count / 2).first ?? 0
        for bar in [-.infinity, sorted.first ?? 0, middle, sorted.last ?? 0] {
          let a = finished(y, whole, bar: bar, limits.highest, set)
          let b = finished(y, whole, bar: bar, limits.highest, scalar)
          #expect(a.count == b.count)
          #expect(a.y.bits == b.y.bits, "\(rows) x \(columns), row \(i), bar \(bar)")
          #expect(bar > -.infinity || a.count == rows)
        }
      }
    }
  }

  /// Calls `body` with what finishes each of the `count` rows of `x`.
  private func finishing(
    _ w: RandomMatrix, _ x: ActivationRows, count: Int, _ set: KernelSet,
    _ body: (Int, WholeRows) throws -> Void
  ) throws {
    let view = try #require(w.packed.coarse)
    set.prepare(x, rows: 0..<count, for: w.view)
    let values = arena.take(w.columns, of: Int16.self)
    let bytes = w.wholeRows
    try bytes.withUnsafeBytes { source in
      let base = try #require(source.baseAddress)
      for i in 0..<count {
        try body(i, WholeRows(view, at: base, for: x, row: i, values: values, kernels: set))
      }
    }
    withExtendedLifetime(w) {}
  }

  private func products(
    _ w: MatrixView, _ x: ActivationRows, row: Int, _ set: KernelSet
  ) -> [Float] {
    let y = ActivationRows(capacity: row + 1, columns: w.panelCount * 16, in: arena)
    set.multiply(w, by: x, rows: row..<row + 1, panels: 0..<w.panelCount, into: y)
    return (0..<w.panelCount * 16).map { y.row(row)[$0] }
  }

  private func coarse(
    _ w: RandomMatrix, _ x: ActivationRows, row: Int, _ set: KernelSet
  ) throws -> [Float] {
    products(try #require(w.packed.coarse).matrix, x, row: row, set)
  }

  private func limits(
    _ y: [Float], _ whole: WholeRows, _ set: KernelSet
  ) -> (largest: [Float], highest: [Float]) {
    let panels = y.count / 16
    var largest = Array(repeating: Float(0), count: panels)
    var highest = largest
    whole.bounds(of: y, panels: 0..<panels, largest: &largest, upper: &highest, kernels: set)
    return (largest, highest)
  }

  private func finished(
    _ y: [Float], _ whole: WholeRows, bar: Float, _ highest: [Float], _ set: KernelSet
  ) -> (y: [Float], count: Int) {
    var y = y
    let panels = 0..<y.count / 16
    let count = whole.rescore(
      &y, panels: panels, upper: highest, threshold: bar, kernels: set)
    return (y, count)
  }
}
