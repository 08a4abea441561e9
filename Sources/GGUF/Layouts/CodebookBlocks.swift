// Blocks whose nibbles choose one of sixteen values that are not evenly spaced. Codes are the values themselves.

/// Sixteen values, as codes.
private struct Codebook: Sendable {
  private let codes: [UInt8]

  /// Values, which codes of that zero stand for.
  init(zero: UInt8, _ values: [Int]) { codes = values.map { UInt8($0 + Int(zero)) } }

  /// The codes that 16 bytes of nibbles choose, first the low ones.
  @inline(__always)
  func read(_ nibbles: UnsafeRawPointer, into target: UnsafeMutablePointer<UInt8>) {
    codes.withUnsafeBufferPointer { codes in
      for j in 0..<16 {
        target[j] = codes[Int(nibbles.byte(j) & 15)]
        target[16 + j] = codes[Int(nibbles.byte(j) >> 4)]
      }
    }
  }

  /// Finer steps near zero, as weights are spread (`kvalues_iq4nl` of ggml).
  static let fineNearZero = Self(
    zero: 128, [-127, -104, -83, -65, -49, -35, -22, -10, 1, 13, 25, 38, 53, 69, 89, 113])

  /// Floats of four bits, two of them for the exponent and one for the fraction, in halves (E2M1 of the OCP
  /// Microscaling Formats, v1.0).
  static let tinyFloats = Self(
    zero: 12, [0, 1, 2, 3, 4, 6, 8, 12, 0, -1, -2, -3, -4, -6, -8, -12])
}

/// d f16, 16 bytes of nibbles.
enum IQ4NL: BlockLayout {
  static let name = "IQ4_NL"
  static let blockSize = 32
  static let blockBytes = 2 + 16
  static let codeBits = 8
  static let scaling = BlockScaling.plain
  static let zero: UInt8 = 128

  @inline(__always)
  static func read(
    _ block: UnsafeRawPointer, group: Int, codes: UnsafeMutablePointer<UInt8>
  ) -> GroupScales {
    Codebook.fineNearZero.read(block + 2, into: codes)
    return GroupScales(floats(block).scale)
  }
}

/// d f16, eight high pairs and eight low nibbles of six-bit scales with a zero of 32, 128 bytes of nibbles: 256
/// columns.
enum IQ4XS: BlockLayout {
  static let name = "IQ4_XS"
  static let blockSize = 256
  static let blockBytes = 2 + 2 + 4 + 128
  static let codeBits = 8
  static let scaling = BlockScaling.halves
  static let zero: UInt8 = 128

  @inline(__always)
  static func read(
    _ block: UnsafeRawPointer, group: Int, codes: UnsafeMutablePointer<UInt8>
  ) -> GroupScales {
    Codebook.fineNearZero.read(block + 8 + 16 * group, into: codes)
    let high = block.byte(2 + group / 4) >> UInt8(group % 4 * 2) & 3
    let low = block.byte(4 + group / 2) >> UInt8(group % 2 * 4) & 15
    return GroupScales(Float(Int32(low | high << 4) - 32), outerScale: floats(block).scale)
  }
}

/// A byte e, 16 bytes of nibbles; the scale is 2^(e − 127), half of that for codes in halves.
enum MXFP4: BlockLayout {
  static let name = "MXFP4"
  static let blockSize = 32
  static let blockBytes = 1 + 16
  static let codeBits = 5
  static let scaling = BlockScaling.power
  static let zero: UInt8 = 12

  /// From 253 on the largest code is no float any more; 255 is how the format writes NaN.
  static func isFinite(_ block: UnsafeRawPointer) -> Bool { block.byte(0) < 253 }

  @inline(__always)
  static func read(
    _ block: UnsafeRawPointer, group: Int, codes: UnsafeMutablePointer<UInt8>
  ) -> GroupScales {
    Codebook.tinyFloats.read(block + 1, into: codes)
    let exponent = UInt32(block.byte(0))
    return GroupScales(
      // The two least are subnormal.
      Float(bitPattern: exponent < 2 ? 0x20_0000 << exponent : (exponent - 1) << 23))
  }
}
