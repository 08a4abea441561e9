import CKernels
import Kernels
import TestSupport
import Testing

@Suite struct MatmulTests {
  /// Rows live as long as a test.
  private let arena = Arena()

  /// Rows that share a call: every remainder of the kernels' blocks of eight, and some of those of sixteen.
  static let rowCounts = Array(1...17) + [21, 35]
  private static let mostRows = 35

  @Test(arguments: IntegerCoding.all)
  func `every set and every company of rows gives the bits of a row alone by definition`(
    kind: IntegerCoding
  ) throws {
    var generator = SeededGenerator(seed: 10)
    for (rows, columns) in kind.shapes {
      let w = RandomMatrix(kind, rows: rows, columns: columns, using: &generator)
      let x = ActivationRows(
        count: Self.mostRows, columns: columns, in: arena, using: &generator)
      try withExtendedLifetime(w) { try expectSameBits(w.view, x, "\(rows) x \(columns)") }
    }
  }

  /// Sums of sixteen bits are fullest where every code is the largest and every number of a group too, residuals
  /// included: the group stands out of its row, so it has some.
  @Test(arguments: IntegerCoding.all)
  func `the largest codes times the largest numbers overflow nothing`(kind: IntegerCoding) throws {
    var generator = SeededGenerator(seed: 14)
    let columns = 768
    let w = RandomMatrix(
      kind, rows: 16, columns: columns, code: kind.largestCode, using: &generator)
    let rows = (0..<Self.mostRows).map { row in
      let group = row % (columns / 32)
      let sign: Float = row % 2 == 0 ? 1 : -1
      return (0..<columns).map { k in
        k / 32 == group ? sign * (k % 32 == 0 ? 127 : 126.4985) : 0
      }
    }
    let x = ActivationRows(rows, in: arena)
    try withExtendedLifetime(w) { try expectSameBits(w.view, x, "largest") }
    let codes = x.codes(from: 0)
    #expect(codes.codes[0] == 127 && codes.codes[1] == 126 && codes.residuals[1] == 127)
  }

  @Test(arguments: RandomFloatMatrix.codings.map { Int($0.rawValue) })
  func `float weights too, with columns that fill no vector`(code: Int) throws {
    let code = RandomFloatMatrix.codings[code - Int(CK_CODE_F16.rawValue)]
    var generator = SeededGenerator(seed: 11)
    for (rows, columns) in [(16, 32), (33, 7), (100, 50), (5, 1), (80, 172)] {
      let w = RandomFloatMatrix(code, rows: rows, columns: columns, using: &generator).packed
      let x = ActivationRows(
        count: Self.mostRows, columns: columns, kinds: [.plain, .outliers, .zeros, .tiny],
        in: arena,
        using: &generator)
      try withExtendedLifetime(w) { try expectSameBits(w.view, x, "\(rows) x \(columns)") }
    }
  }

  /// Each row alone by the scalar kernels is what any set must give, for any number of rows at once,
  /// from any row on, and for any range of panels; outputs of other panels stay as they are.
  private func expectSameBits(_ w: MatrixView, _ x: ActivationRows, _ what: String) throws {
    let most = Self.mostRows
    let scalar = try Machine.scalar
    scalar.prepare(x, rows: 0..<most, for: w)
    let count = w.panelCount * 16
    let y = ActivationRows(capacity: most, columns: count, in: arena)
    for i in 0..<most {
      scalar.multiply(w, by: x, rows: i..<i + 1, panels: 0..<count / 16, into: y)
    }
    let expected = (0..<most).map { y.bits($0, count: count) }
    let untouched = Array(repeating: Float(-7).bitPattern, count: count)
    for set in Machine.sets {
      for n in Self.rowCounts {
        let rows = (most - n) / 2..<(most - n) / 2 + n
        let first = n % (count / 16)
        for panels in [0..<count / 16, first..<min(first + 3, count / 16)] {
          y.values.update(repeating: -7, count: most * y.stride)
          set.multiply(w, by: x, rows: rows, panels: panels, into: y)
          let outputs = panels.lowerBound * 16..<panels.upperBound * 16
          for i in 0..<most {
            var row = untouched
            if rows.contains(i) { row.replaceSubrange(outputs, with: expected[i][outputs]) }
            guard y.bits(i, count: count) != row else { continue }
            Issue.record("\(set), \(what), row \(i) of rows \(rows), panels \(panels)")
          }
        }
      }
    }
  }

  /// Integer sums are exact. What is left is float rounding: each of the terms (one per scale, and
  /// one per minimum) is rounded when the sum becomes a float, when its scales are multiplied, and
  /// when it is added, so an output is wrong by at most (terms + 4) · 2^-24 times the sum of their
  /// magnitudes. Scales that are subnormal are wrong by 2^-150, and sums are below 2^25.
  @Test(arguments: IntegerCoding.all)
  func `a product of quantised rows is exact up to the rounding of floats`(
    kind: IntegerCoding
  ) throws {
    let scalar = try Machine.scalar
    var generator = SeededGenerator(seed: 12)
    for (rows, columns) in kind.shapes + [(16, 1536)] {
      let w = RandomMatrix(kind, rows: rows, columns: columns, using: &generator)
      let x = ActivationRows(
        count: 6, columns: columns, kinds: [.plain, .outliers, .sparse], in: arena,
        using: &generator)
      let y = ActivationRows(capacity: 6, columns: w.view.panelCount * 16, in: arena)
      withExtendedLifetime(w.packed) {
        let view = w.view
        scalar.prepare(x, rows: 0..<6, for: view)
        scalar.multiply(view, by: x, rows: 0..<6, panels: 0..<view.panelCount, into: y)
      }
      for i in 0..<6 {
        for r in 0..<rows {
          let (value, magnitude) = definition(w, row: r, x.codes(from: i))
          let termsOfGroup =
            switch kind.coding.scaling {
            case CK_SCALING_PLAIN, CK_SCALING_POWER: 1
            case CK_SCALING_PAIRS: 4
            default: 2
            }
          let terms = Double(columns / 32 * termsOfGroup)
          let bound = (terms + 4) * 0x1p-24 * magnitude + terms * 0x1p-125
          #expect(abs(Double(y.row(i)[r]) - value) <= bound, "row \(i), output \(r)")
        }
        #expect((rows..<y.columns).allSatisfy { y.row(i)[$0] == 0 })
      }
    }
  }

  /// Output `row` in double precision, and the sum of the magnitudes of its terms.
  private func definition(
    _ w: RandomMatrix, row: Int, _ x: ck_rows
  ) -> (value: Double, magnitude: Double) {
    var (value, magnitude) = (0.0, 0.0)
    let width = w.packed.coding.hasHalves ? 16 : 32
    for g in 0..<w.columns / 32 {
      let (weights, minimums) = w.weights(row: row, group: g)
      let inputs = (0..<32).map {
        Double(x.scales[g])
          * Double(256 * Int(x.codes[32 * g + $0]) + Int(x.residuals[32 * g + $0]))
      }
      for start in stride(from: 0, to: 32, by: width) {
        let term = (start..<start + width).reduce(0) { $0 + weights[$1] * inputs[$1] }
        value += term
        magnitude += abs(term)
      }
      for start in stride(from: 0, to: 32, by: width) {
        let term = minimums[start / 16] * inputs[start..<start + width].reduce(0, +)
        value += term
        magnitude += abs(term)
      }
    }
    return (value, magnitude)
  }

  /// One rounding per fma: at most columns · 2^-24 times the sum of the terms' magnitudes.
  @Test(arguments: RandomFloatMatrix.codings.map { Int($0.rawValue) })
  func `a product of float weights is exact up to the rounding of floats`(code: Int) throws {
    let code = RandomFloatMatrix.codings[code - Int(CK_CODE_F16.rawValue)]
    var generator = SeededGenerator(seed: 13)
    let w = RandomFloatMatrix(code, rows: 37, columns: 300, using: &generator)
    let x = ActivationRows(
      count: 4, columns: 300, kinds: [.plain, .outliers], in: arena, using: &generator)
    let y = ActivationRows(capacity: 4, columns: w.packed.view.panelCount * 16, in: arena)
    let scalar = try Machine.scalar
    withExtendedLifetime(w.packed) {
      let view = w.packed.view
      scalar.multiply(view, by: x, rows: 0..<4, panels: 0..<view.panelCount, into: y)
    }
    for i in 0..<4 {
      for (r, weights) in w.weights.enumerated() {
        let terms = weights.indices.map { weights[$0] * Double(x.row(i)[$0]) }
        let bound = 300 * 0x1p-24 * terms.reduce(0) { $0 + abs($1) }
        #expect(abs(Double(y.row(i)[r]) - terms.reduce(0, +)) <= bound, "row \(i), output \(r)")
      }
    }
  }
}
