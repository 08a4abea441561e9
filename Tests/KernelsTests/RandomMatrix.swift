import CKernels
import Kernels
import TestSupport

/// A coding that kernels exist for, and how large its codes may get.
struct IntegerCoding: Sendable, CustomStringConvertible {
  let description: String
  let coding: PackedMatrix.Coding
  let largestCode: UInt8

  /// All that `ck_matmul` takes, named by the type that needs them.
  static let all = [
    Self("Q4_0", PackedMatrix.Coding(CK_CODE_U4, zero: 8), 15),
    Self("Q4_1", PackedMatrix.Coding(CK_CODE_U4, minimums: true), 15),
    Self("Q4_K", PackedMatrix.Coding(CK_CODE_U4, wideScales: true, minimums: true), 15),
    Self("Q5_0", PackedMatrix.Coding(CK_CODE_U8, zero: 16), 31),
    Self("Q5_1", PackedMatrix.Coding(CK_CODE_U8, minimums: true), 31),
    Self("Q5_K", PackedMatrix.Coding(CK_CODE_U8, wideScales: true, minimums: true), 31),
    Self("Q6_K", PackedMatrix.Coding(CK_CODE_U8, zero: 32, wideScales: true, halfGroups: true), 63),
    Self("Q8_0", PackedMatrix.Coding(CK_CODE_U8, zero: 128), 255),
    // As far as unsigned codes may go without a zero of 128: see avx2.c.
    Self("seven bits", PackedMatrix.Coding(CK_CODE_U8, zero: 64), 127),
  ]

  private init(_ name: String, _ coding: PackedMatrix.Coding, _ largestCode: UInt8) {
    description = name
    self.coding = coding
    self.largestCode = largestCode
  }
}

/// A random matrix of an integer coding: what it was made of, and as the kernels read it.
struct RandomMatrix {
  typealias Parameters = (scale: Float, second: Float, minimum: Float)

  let packed: PackedMatrix
  let columns: Int
  /// By panel, group and row of the panel.
  private var codes: [UInt8] = []
  private var parameters: [Parameters] = []

  /// Codes anywhere in their range, the two ends often; scales of both signs.
  init(
    _ kind: IntegerCoding, rows: Int, columns: Int, using generator: inout SeededGenerator
  ) {
    self.columns = columns
    packed = PackedMatrix(rows: rows, columns: columns, coding: kind.coding)
    func code() -> UInt8 {
      switch UInt8.random(in: 0..<8, using: &generator) {
      case 0: 0
      case 1: kind.largestCode
      default: .random(in: 0...kind.largestCode, using: &generator)
      }
    }
    for panel in 0..<packed.view.panelCount {
      for group in 0..<columns / 32 {
        var block: [UInt8] = []
        var scales: [Parameters] = []
        for row in 0..<16 {
          let isSurplus = panel * 16 + row >= rows
          block += (0..<32).map { _ in isSurplus ? 0 : code() }
          scales.append(
            isSurplus
              ? (0, 0, 0)
              : (generator.nextNormal(), generator.nextNormal(), generator.nextNormal()))
        }
        packed.store(panel: panel, group: group, codes: block, parameters: scales)
        codes += block
        parameters += scales
      }
    }
  }

  /// The terms of output `row` in group `group`: columns of the group, code less zero times scale,
  /// and the minimum.
  func weights(row: Int, group: Int) -> (scaled: [Double], minimum: Double) {
    let record = (row / 16 * (columns / 32) + group) * 16 + row % 16
    let p = parameters[record]
    let scaled = (0..<32).map { k in
      let scale = packed.coding.hasHalfGroups && k >= 16 ? p.second : p.scale
      return kept(scale) * Double(Int(codes[record * 32 + k]) - Int(packed.coding.zero))
    }
    return (scaled, packed.coding.hasMinimums ? kept(p.minimum) : 0)
  }

  private func kept(_ x: Float) -> Double {
    Double(packed.coding.hasWideScales ? x : ck_from_half(ck_to_half(x)))
  }
}

/// A random matrix of a float coding.
struct RandomFloatMatrix {
  static let codings = [CK_CODE_F32, CK_CODE_F16, CK_CODE_BF16]

  let packed: PackedMatrix
  /// [rows, columns], as the coding keeps them.
  private(set) var weights: [[Double]] = []

  init(_ code: ck_code, rows: Int, columns: Int, using generator: inout SeededGenerator) {
    packed = PackedMatrix(rows: rows, columns: columns, coding: PackedMatrix.Coding(code))
    for row in 0..<packed.view.panelCount * 16 {
      var values: [Double] = []
      for column in 0..<columns {
        let x = row < rows ? generator.nextNormal() : 0
        let (panel, r) = (row / 16, row % 16)
        switch code {
        case CK_CODE_F32:
          packed.store(panel: panel, column: column, row: r, bits: x.bitPattern)
          values.append(Double(x))
        case CK_CODE_F16:
          packed.store(panel: panel, column: column, row: r, bits: ck_to_half(x))
          values.append(Double(ck_from_half(ck_to_half(x))))
        default:
          let bits = UInt16(truncatingIfNeeded: x.bitPattern >> 16)
          packed.store(panel: panel, column: column, row: r, bits: bits)
          values.append(Double(Float(bitPattern: UInt32(bits) << 16)))
        }
      }
      if row < rows { weights.append(values) }
    }
  }
}
