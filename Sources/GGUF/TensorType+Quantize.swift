extension TensorType {
  /// The stored form of `values`, a whole number of blocks, for the types that this package writes:
  /// F32, F16, Q8_0 and Q4_1. Nil for the others.
  ///
  /// As llama.cpp rounds them. Q8_0: the scale is a 127th of the block's largest magnitude. Q4_1: sixteen
  /// even steps from the least number to the greatest.
  package func quantize(_ values: [Float]) -> [UInt8]? {
    precondition(values.count % blockSize == 0, "quantize takes whole blocks")
    var bytes: [UInt8] = []
    bytes.reserveCapacity(values.count / blockSize * blockBytes)
    switch self {
    case .f32:
      for value in values {
        withUnsafeBytes(of: value.bitPattern.littleEndian) { bytes.append(contentsOf: $0) }
      }
    case .f16: for value in values { bytes.append(half: value) }
    case .q8_0:
      for start in stride(from: 0, to: values.count, by: 32) {
        let block = values[start..<start + 32]
        let scale = (block.map(\.magnitude).max() ?? 0) / 127
        bytes.append(half: scale)
        for value in block {
          let code = scale > 0 ? (value / scale).rounded(.toNearestOrAwayFromZero) : 0
          bytes.append(UInt8(bitPattern: Int8(max(-127, min(127, code)))))
        }
      }
    case .q4_1:
      for start in stride(from: 0, to: values.count, by: 32) {
        bytes.append(fourBitBlock: values[start..<start + 32])
      }
    default: return nil
    }
    return bytes
  }
}

extension [UInt8] {
  /// Appends a block of Q4_1: scale, least number, and a byte for the codes of numbers k and 16 + k.
  fileprivate mutating func append(fourBitBlock values: ArraySlice<Float>) {
    let (low, high) = (values.min() ?? 0, values.max() ?? 0)
    let scale = (high - low) / 15
    append(half: scale)
    append(half: low)
    let codes = values.map { value in
      scale > 0 ? UInt8(Swift.max(0, Swift.min(15, (value - low) / scale + 0.5))) : 0
    }
    for k in 0..<16 { append(codes[k] | codes[16 + k] << 4) }
  }

  /// Appends the half-precision number nearest to `value`, ties to even; infinity beyond its range.
  fileprivate mutating func append(half value: Float) {
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
