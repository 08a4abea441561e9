/// A layout of numbers that stand by themselves, as floats of some width.
package protocol NumberLayout: TensorLayout {
  /// The bits of a number, as they lie in the file.
  associatedtype Bits: FixedWidthInteger
  /// The bits of the exponent. They are all set in infinities and in what is no number.
  static var exponent: Bits { get }
  /// The number of these bits.
  static func number(_ bits: Bits) -> Float
}

extension NumberLayout {
  package static var blockSize: Int { 1 }
  package static var blockBytes: Int { MemoryLayout<Bits>.size }

  package static func isFinite(_ block: UnsafeRawPointer) -> Bool {
    block.loadUnaligned(as: Bits.self) & exponent != exponent
  }

  package static func dequantize(
    _ source: UnsafeRawPointer, count: Int, into target: UnsafeMutablePointer<Float>
  ) {
    for index in 0..<count {
      target[index] = number(
        source.loadUnaligned(fromByteOffset: index * blockBytes, as: Bits.self))
    }
  }
}

/// IEEE 754 single precision.
enum F32: NumberLayout, WrittenLayout {
  static let name = "F32"
  static let exponent: UInt32 = 0x7F80_0000

  static func number(_ bits: UInt32) -> Float { Float(bitPattern: bits) }

  static func append(_ block: ArraySlice<Float>, to bytes: inout [UInt8]) {
    for value in block {
      withUnsafeBytes(of: value.bitPattern.littleEndian) { bytes.append(contentsOf: $0) }
    }
  }
}

/// IEEE 754 half precision.
enum F16: NumberLayout, WrittenLayout {
  static let name = "F16"
  static let exponent: UInt16 = 0x7C00

  @inline(__always)
  static func number(_ bits: UInt16) -> Float {
    let sign = UInt32(bits & 0x8000) << 16
    let exponent = UInt32(bits >> 10) & 0x1F
    let fraction = UInt32(bits & 0x3FF)
    switch exponent {
    case 0:
      // Subnormal: a multiple of 2^-24.
      let magnitude = Float(fraction) * 0x1p-24
      return sign == 0 ? magnitude : -magnitude
    case 31: return Float(bitPattern: sign | 0x7F80_0000 | fraction << 13)
    default: return Float(bitPattern: sign | (exponent + 112) << 23 | fraction << 13)
    }
  }

  static func append(_ block: ArraySlice<Float>, to bytes: inout [UInt8]) {
    for value in block { bytes.append(half: value) }
  }
}

/// The upper half of single precision.
enum BF16: NumberLayout {
  static let name = "BF16"
  static let exponent: UInt16 = 0x7F80

  static func number(_ bits: UInt16) -> Float { Float(bitPattern: UInt32(bits) << 16) }
}

extension [UInt8] {
  /// Appends the half-precision number nearest to `value`, ties to even; infinity beyond its range.
  mutating func append(half value: Float) {
    let bits = value.halfBits
    append(UInt8(truncatingIfNeeded: bits))
    append(UInt8(truncatingIfNeeded: bits >> 8))
  }
}

extension Float {
  /// The half-precision number nearest to this one.
  fileprivate var halfBits: UInt16 {
    let sign: UInt16 = self.sign == .minus ? 0x8000 : 0
    guard isFinite, magnitude < 65520 else { return sign | (isNaN ? 0x7E00 : 0x7C00) }
    // The unit of the last place: 2^-24 for subnormals, else ten places below the exponent.
    let exponent = self == 0 ? -14 : Swift.max(-14, Int(self.exponent))
    let units = (magnitude * Float(sign: .plus, exponent: 10 - exponent, significand: 1))
      .rounded(.toNearestOrEven)
    // A fraction that rounds up to the next power of two carries into the exponent by itself.
    return sign + UInt16(exponent + 14) << 10 + UInt16(units)
  }
}
