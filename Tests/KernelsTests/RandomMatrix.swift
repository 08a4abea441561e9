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
    Self("Q2_K", PackedMatrix.Coding(CK_CODE_U4, scaling: CK_SCALING_PAIRS), 15),
    Self("Q3_K", PackedMatrix.Coding(CK_CODE_U4, zero: 4, scaling: CK_SCALING_HALVES), 15),
    Self("MXFP4", PackedMatrix.Coding(CK_CODE_U5, zero: 12, scaling: CK_SCALING_POWER), 31),
    Self("IQ4_XS", PackedMatrix.Coding(CK_CODE_U8, zero: 128, scaling: CK_SCALING_HALVES), 255),
    Self("Q4_0", PackedMatrix.Coding(CK_CODE_U4, zero: 8), 15),
    Self("Q4_1", PackedMatrix.Coding(CK_CODE_U4, scaling: CK_SCALING_AFFINE), 15),
    Self("Q4_K", PackedMatrix.Coding(CK_CODE_U4, scaling: CK_SCALING_NESTED), 15),
    Self("Q5_0", PackedMatrix.Coding(CK_CODE_U5, zero: 16), 31),
    Self("Q5_1", PackedMatrix.Coding(CK_CODE_U5, scaling: CK_SCALING_AFFINE), 31),
    Self("Q5_K", PackedMatrix.Coding(CK_CODE_U5, scaling: CK_SCALING_NESTED), 31),
    Self("Q6_K", PackedMatrix.Coding(CK_CODE_U6, zero: 32, scaling: CK_SCALING_HALVES), 63),
    Self("Q8_0", PackedMatrix.Coding(CK_CODE_U8, zero: 128), 255),
    split, Self("coarse", PackedMatrix.Coding(CK_CODE_COARSE, zero: 256), 255),
  ]
  /// Q8_0 with a coarse form.
  static let split = Self("split", PackedMatrix.Coding(CK_CODE_SPLIT, zero: 128), 255)

  /// Whether it is only a view of a split matrix.
  var isCoarse: Bool { coding.code == CK_CODE_COARSE }

  /// Shapes to try, [rows, columns]: nested scales come for 256 columns.
  var shapes: [(rows: Int, columns: Int)] {
    coding.isNested
      ? [(16, 256), (33, 512), (5, 768)] : [(16, 32), (33, 64), (70, 96), (5, 160), (48, 576)]
  }

  private init(_ name: String, _ coding: PackedMatrix.Coding, _ largestCode: UInt8) {
    description = name
    self.coding = coding
    self.largestCode = largestCode
  }
}

/// A random matrix of an integer coding: what it was made of, and as the kernels read it.
struct RandomMatrix {
  let packed: PackedMatrix
  /// The matrix, or its coarse form.
  let view: MatrixView
  let columns: Int
  let isCoarse: Bool
  /// By panel, group and row of the panel.
  private var codes: [UInt8] = []
  private var parameters: [PackedMatrix.GroupScales] = []

  /// Codes anywhere in their range, the two ends often, or all of them `code`; scales of both signs.
  init(
    _ kind: IntegerCoding, rows: Int, columns: Int, code only: UInt8? = nil,
    using generator: inout SeededGenerator
  ) {
    self.columns = columns
    isCoarse = kind.isCoarse
    let coding = isCoarse ? IntegerCoding.split.coding : kind.coding
    packed = PackedMatrix(rows: rows, columns: columns, coding: coding)
    view = isCoarse ? packed.coarse?.matrix ?? packed.view : packed.view
    func code() -> UInt8 {
      if let only { return only }
      return switch UInt8.random(in: 0..<8, using: &generator) {
      case 0: 0
      case 1: kind.largestCode
      default: .random(in: 0...kind.largestCode, using: &generator)
      }
    }
    var outer: [PackedMatrix.GroupScales] = []
    for panel in 0..<packed.view.panelCount {
      var bounds = CoarseBounds()
      for group in 0..<columns / 32 {
        if group % 8 == 0 { outer = (0..<16).map { _ in Self.scales(kind, using: &generator) } }
        var block: [UInt8] = []
        var scales: [PackedMatrix.GroupScales] = []
        for row in 0..<16 {
          let isSurplus = panel * 16 + row >= rows
          let zero = UInt8(clamping: coding.zero)
          block += (0..<32).map { _ in isSurplus ? zero : code() }
          var own = Self.scales(kind, using: &generator)
          if !kind.coding.hasWholeScales { own.scale = Float(kept(own.scale)) }
          own.outerScale = outer[row].outerScale
          own.outerMinimum = outer[row].outerMinimum
          scales.append(isSurplus ? PackedMatrix.GroupScales(0) : own)
        }
        packed.store(panel: panel, group: group, codes: block, scales: scales)
        bounds.add(codes: block, scales: scales)
        codes += block
        parameters += scales
      }
      packed.store(panel: panel, bounds: bounds)
    }
  }

  /// Scales as the kind has them.
  private static func scales(
    _ kind: IntegerCoding, using generator: inout SeededGenerator
  ) -> PackedMatrix.GroupScales {
    let outer = (generator.nextNormal(), generator.nextNormal())
    switch kind.coding.scaling {
    case CK_SCALING_NESTED:
      return PackedMatrix.GroupScales(
        Float(Int.random(in: 0...63, using: &generator)),
        minimum: Float(Int.random(in: 0...63, using: &generator)), outerScale: outer.0,
        outerMinimum: outer.1)
    case CK_SCALING_PAIRS:
      func nibble() -> Float { Float(Int.random(in: 0...15, using: &generator)) }
      return PackedMatrix.GroupScales(
        nibble(), second: nibble(), minimum: nibble(), secondMinimum: nibble(),
        outerScale: outer.0, outerMinimum: outer.1)
    case CK_SCALING_POWER:
      // The two least are subnormal.
      let exponent = Int.random(in: 0...3, using: &generator) == 0 ? -128...(-126) : -20...4
      return PackedMatrix.GroupScales(
        Float(
          sign: .plus, exponent: .random(in: exponent, using: &generator), significand: 1))
    case CK_SCALING_HALVES:
      return PackedMatrix.GroupScales(
        Float(Int.random(in: -128...127, using: &generator)),
        second: Float(Int.random(in: -128...127, using: &generator)), outerScale: outer.0)
    default:
      return PackedMatrix.GroupScales(outer.0, minimum: outer.1)
    }
  }

  /// The terms of output `row` in group `group`: columns of the group, code less zero times scale,
  /// and the minimums of both halves.
  func weights(row: Int, group: Int) -> (scaled: [Double], minimums: [Double]) {
    let record = (row / 16 * (columns / 32) + group) * 16 + row % 16
    let p = parameters[record]
    let isNested = packed.coding.isNested
    let outer = isNested ? kept(p.outerScale) : 1
    let scaled = (0..<32).map { k in
      let code = Int(codes[record * 32 + k])
      if isCoarse { return kept(p.scale) * (Double(code / 8 * 8) + 3.5 - 128) }
      let scale = packed.coding.hasHalves && k >= 16 ? p.second : p.scale
      return outer * (packed.coding.hasWholeScales ? Double(scale) : kept(scale))
        * Double(code - Int(packed.coding.zero))
    }
    switch packed.coding.scaling {
    case CK_SCALING_AFFINE: return (scaled, [kept(p.minimum), kept(p.minimum)])
    case CK_SCALING_NESTED, CK_SCALING_PAIRS:
      let second = packed.coding.hasHalves ? p.secondMinimum : p.minimum
      return (scaled, [p.minimum, second].map { -kept(p.outerMinimum) * Double($0) })
    default: return (scaled, [0, 0])
    }
  }

  /// The rows in blocks of Q8_0: a float16 scale, then 32 signed bytes.
  var wholeRows: [UInt8] {
    var bytes: [UInt8] = []
    for row in 0..<packed.rows {
      for group in 0..<columns / 32 {
        let record = (row / 16 * (columns / 32) + group) * 16 + row % 16
        let scale = ck_to_half(parameters[record].scale)
        bytes += [UInt8(truncatingIfNeeded: scale), UInt8(scale >> 8)]
        bytes += codes[record * 32..<record * 32 + 32].map { $0 ^ 0x80 }
      }
    }
    return bytes
  }
}

extension PackedMatrix.Coding {
  /// Whether the halves of a group have scales of their own.
  var hasHalves: Bool { scaling == CK_SCALING_HALVES || scaling == CK_SCALING_PAIRS }

  /// Whether scales are kept as they are, as whole numbers or powers, not as float16.
  var hasWholeScales: Bool { isNested || scaling == CK_SCALING_POWER }
}

extension RandomMatrix {
  /// The same codes and scales, not split.
  var unsplit: PackedMatrix {
    let plain = PackedMatrix(
      rows: packed.rows, columns: columns, coding: PackedMatrix.Coding(CK_CODE_U8, zero: 128))
    for record in stride(from: 0, to: codes.count / 32, by: 16) {
      plain.store(
        panel: record / 16 / (columns / 32), group: record / 16 % (columns / 32),
        codes: Array(codes[record * 32..<(record + 16) * 32]),
        scales: Array(parameters[record..<record + 16]))
    }
    return plain
  }

  /// What the coarse code leaves out of row 0.
  var remainder: [Float] {
    (0..<columns).map { k in
      let record = k / 32 * 16
      return parameters[record].scale * (Float(codes[record * 32 + k % 32] & 7) - 3.5)
    }
  }
}

/// A number as a float16 holds it.
private func kept(_ x: Float) -> Double { Double(ck_from_half(ck_to_half(x))) }

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
