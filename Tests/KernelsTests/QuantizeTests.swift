import CKernels
import Kernels
import TestSupport
import Testing

@Suite struct QuantizeTests {
  /// Rows live as long as a test.
  private let arena = Arena()

  @Test(arguments: Machine.vectorSets)
  func `every set quantises to the same bits`(set: KernelSet) throws {
    let scalar = try Machine.scalar
    var generator = SeededGenerator(seed: 1)
    for columns in [32, 64, 160, 576, 1536] {
      let x = ActivationRows(count: 21, columns: columns, in: arena, using: &generator)
      let expected = Quantized(x, 0..<21, by: scalar)
      #expect(Quantized(x, 0..<21, by: set) == expected, "\(columns) columns")
      let alone = Quantized(x, 5..<6, by: set)
      #expect(alone.fine == Array(expected.fine[5 * columns / 32..<6 * columns / 32]))
      #expect(alone.codes == Array(expected.codes[5 * columns..<6 * columns]))
    }
  }

  /// The step of `codes` is the group's largest magnitude over 127, that of `residuals` a 256th of
  /// it. Rounding is wrong by half a step at most, but a residual of ±128 is cut to ±127, which
  /// doubles that; and `x * inverse` is rounded to a float, which may move it by 127 · 2^-23 steps.
  @Test(arguments: Machine.sets)
  func `no value is further from its quantised form than rounding allows`(set: KernelSet) {
    var generator = SeededGenerator(seed: 2)
    for kind in RowKind.allCases {
      let columns = 256
      let x = ActivationRows(
        count: 8, columns: columns, kinds: [kind], in: arena, using: &generator)
      let q = Quantized(x, 0..<8, by: set)
      for i in 0..<8 {
        for g in 0..<columns / 32 {
          let group = (0..<32).map { Double(x.row(i)[32 * g + $0]) }
          let step = (group.map(\.magnitude).max() ?? 0) / 127
          let share = q.fine[8 * i + g] == 1 ? 1.0 / 256 : 0.5
          // A group without a magnitude of 2^-100 counts as zero.
          let bound = step * (step * 127 < 0x1p-100 ? 127 : share + 127 * 0x1p-22)
          for (k, value) in group.enumerated() {
            let back = q.value(columns * i + 32 * g + k, group: 8 * i + g)
            #expect(abs(back - value) <= bound, "\(kind), row \(i), column \(32 * g + k)")
          }
        }
      }
    }
  }

  @Test(arguments: Machine.sets)
  func `what is no number has the code of zero and hides no other`(set: KernelSet) {
    for place in 0..<32 {
      var row = [Float](repeating: 1, count: 64)
      (row[(place + 16) % 32], row[place]) = (254, .nan)
      let q = Quantized(ActivationRows([row], in: arena), 0..<1, by: set)
      var codes = [Int8](repeating: 0, count: 32)
      for k in 0..<32 where k != place { codes[k] = k == (place + 16) % 32 ? 127 : 0 }
      #expect(Array(q.codes[..<32]) == codes)
    }
    let infinite = ActivationRows([[Float](repeating: .infinity, count: 32)], in: arena)
    #expect(Quantized(infinite, 0..<1, by: set).codes.allSatisfy { $0 == 0 })
  }

  @Test func `a group is fine where its largest value stands out of its row`() throws {
    var generator = SeededGenerator(seed: 3)
    let x = ActivationRows(
      count: 6, columns: 1024, kinds: [.outliers, .plain], in: arena, using: &generator)
    let q = Quantized(x, 0..<6, by: try Machine.scalar)
    for i in 0..<6 {
      let square = (0..<1024).reduce(0.0) { $0 + Double(x.row(i)[$1]) * Double(x.row(i)[$1]) }
      for g in 0..<32 {
        let largest = (0..<32).map { abs(x.row(i)[32 * g + $0]) }.max() ?? 0
        // The header's CK_FINE.
        let ratio = Double(largest) / 127 / (square / 1024).squareRoot() / 0.03
        guard abs(ratio - 1) > 1e-3 else { continue }
        #expect((q.fine[32 * i + g] == 1) == (ratio > 1), "row \(i), group \(g)")
      }
    }
    let fineGroups = (0..<6).map { i in q.fine[32 * i..<32 * i + 32].count { $0 == 1 } }
    #expect(fineGroups[0] > 0 && fineGroups[0] < 32)
    #expect(fineGroups[1] == 0)
  }

  @Test(arguments: Machine.sets)
  func `the largest magnitude of a group is code 127, of either sign`(set: KernelSet) {
    var generator = SeededGenerator(seed: 4)
    let x = ActivationRows(count: 4, columns: 96, kinds: [.extremes], in: arena, using: &generator)
    let q = Quantized(x, 0..<4, by: set)
    for group in 0..<12 {
      let codes = q.codes[32 * group..<32 * group + 32]
      #expect(codes.max() == 127)
      #expect(codes.min() == -127)
    }
  }

  @Test(arguments: Machine.sets)
  func `sums are those of codes and residuals`(set: KernelSet) {
    var generator = SeededGenerator(seed: 5)
    let x = ActivationRows(count: 14, columns: 192, in: arena, using: &generator)
    let q = Quantized(x, 0..<14, by: set)
    for half in q.sums.indices {
      let range = 16 * half..<16 * half + 16
      let sum = range.reduce(0) { $0 + 256 * Int32(q.codes[$1]) + Int32(q.residuals[$1]) }
      #expect(q.sums[half] == sum)
    }
    for group in q.scales.indices {
      let weighted =
        Float(bitPattern: q.scales[group]) * Float(q.sums[2 * group] + q.sums[2 * group + 1])
      #expect(q.weighted[group] == weighted.bitPattern)
      if q.fine[group] == 0 {
        #expect(q.residuals[32 * group..<32 * group + 32].allSatisfy { $0 == 0 })
      }
    }
  }
}

extension QuantizeTests {
  @Test(arguments: Machine.sets)
  func `what is no number stays none, in its own group`(set: KernelSet) {
    var generator = SeededGenerator(seed: 6)
    for columns in [32, 96, 160] {
      for fault in [Float.nan, .infinity, -.infinity, -.nan] {
        for place in [0, 7, 31, columns - 1, columns / 2] {
          let x = ActivationRows(count: 3, columns: columns, in: arena, using: &generator)
          x.row(1)[place] = fault
          let scales = Quantized(x, 0..<3, by: set).scales.map(Float.init(bitPattern:))
          let groups = columns / 32
          for (index, scale) in scales.enumerated() {
            #expect(scale.isNaN == (index == groups + place / 32), "\(fault) at \(place): \(index)")
          }
        }
      }
    }
  }
}

/// The quantised form of some rows, copied out of scratch.
private struct Quantized: Equatable {
  let codes: [Int8]
  let residuals: [Int8]
  let fine: [UInt8]
  let scales: [UInt32]
  let weighted: [UInt32]
  let sums: [Int32]

  init(_ x: ActivationRows, _ rows: Range<Int>, by set: KernelSet) {
    let count = rows.count * x.columns
    var q = x.codes(from: rows.lowerBound)
    q.codes.update(repeating: 99, count: count)
    q.residuals.update(repeating: 99, count: count)
    ck_quantize(set.pointer, x.row(rows.lowerBound), x.stride, Int32(rows.count), &q)
    codes = Array(UnsafeBufferPointer(start: q.codes, count: count))
    residuals = Array(UnsafeBufferPointer(start: q.residuals, count: count))
    fine = Array(UnsafeBufferPointer(start: q.fine, count: count / 32))
    scales = UnsafeBufferPointer(start: q.scales, count: count / 32).bits
    weighted = UnsafeBufferPointer(start: q.weighted, count: count / 32).bits
    sums = Array(UnsafeBufferPointer(start: q.sums, count: count / 16))
  }

  func value(_ index: Int, group: Int) -> Double {
    Double(Float(bitPattern: scales[group]))
      * Double(256 * Int(codes[index]) + Int(residuals[index]))
  }
}
