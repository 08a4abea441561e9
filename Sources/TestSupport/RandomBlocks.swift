package import GGUF

extension TensorType {
  /// `count` random numbers, a whole number of blocks, of mean 0 and about the given standard deviation,
  /// as stored.
  package func randomBytes(
    count: Int, deviation: Float, using generator: inout SeededGenerator
  ) -> [UInt8] {
    precondition(count % blockSize == 0, "random numbers come in whole blocks")
    var bytes: [UInt8] = []
    bytes.reserveCapacity(count / blockSize * blockBytes)
    for _ in 0..<(count / blockSize) {
      bytes += randomBlock(deviation: deviation, using: &generator)
    }
    return bytes
  }

  /// `count` numbers of random bytes, a whole number of blocks, with scales as bad as a file may hold them:
  /// zero, subnormal, the largest, of either sign. They are finite.
  package func wildBytes(count: Int, using generator: inout SeededGenerator) -> [UInt8] {
    precondition(count % blockSize == 0, "random numbers come in whole blocks")
    return (0..<count / blockSize).flatMap { _ in wildBlock(using: &generator) }
  }

  private func wildBlock(using generator: inout SeededGenerator) -> [UInt8] {
    let worst: [UInt16] = [0, 0x8000, 1, 0x83FF, 0x0400, 0x7BFF, 0xFBFF]
    while true {
      var block = (0..<blockBytes).map { _ in UInt8.random(in: 0...255, using: &generator) }
      if let layout = layout as? any BlockLayout.Type, layout.scaling != .power {
        for place in [layout.scalePlace, layout.minimumPlace].compactMap(\.self) {
          guard Bool.random(using: &generator), let scale = worst.randomElement(using: &generator)
          else { continue }
          block.replaceSubrange(place..<place + 2, with: littleEndian(scale))
        }
      }
      let isFinite = block.withUnsafeBytes { bytes in
        bytes.baseAddress.map { areFinite($0, count: blockSize) } ?? false
      }
      if isFinite { return block }
    }
  }

  /// One block. Quantised numbers are uniform over their codes, so a scale of deviation over the codes'
  /// own deviation gives the right spread; types with a minimum shift the codes' mean to zero with it.
  private func randomBlock(
    deviation: Float, using generator: inout SeededGenerator
  ) -> [UInt8] {
    let size = deviation * .random(in: 0.75...1.25, using: &generator)
    func codes(_ count: Int) -> [UInt8] {
      (0..<count).map { _ in .random(in: 0...255, using: &generator) }
    }
    switch self {
    case .f32: return littleEndian((generator.nextNormal() * deviation).bitPattern)
    case .bf16:
      let bits = (generator.nextNormal() * deviation).bitPattern
      return littleEndian(UInt16(truncatingIfNeeded: bits >> 16))
    case .f16: return half(generator.nextNormal() * deviation)
    case .q4_0: return half(size / 4.61) + codes(16)
    case .q4_1: return half(size / 4.61) + half(-7.5 * size / 4.61) + codes(16)
    case .q5_0: return half(size / 9.23) + codes(20)
    case .q5_1: return half(size / 9.23) + half(-15.5 * size / 9.23) + codes(20)
    case .q8_0: return half(size / 73.9) + codes(32)
    case .q2K:
      // Codes 0...3 with a minimum of half as much times the same four-bit scale.
      let scale = size / 1.118 / 11.7
      let scales = (0..<16).map { _ in UInt8.random(in: 8..<16, using: &generator) * 17 }
      return scales + codes(64) + half(scale) + half(scale * 1.5)
    case .q3K: return codes(108) + half(size / 18.5 / 2.35)
    case .q4K, .q5K:
      // Codes 0...15 or 0...31 with a minimum of half as much times the same six-bit scale.
      let scale = size / (self == .q4K ? 4.61 : 9.23) / 48
      let scales = (0..<8).map { _ in UInt8.random(in: 32..<64, using: &generator) }
      return half(scale) + half(scale * (self == .q4K ? 7.5 : 15.5))
        + packed(scales: scales, minima: scales) + codes(blockBytes - 16)
    case .q6K:
      let scales = (0..<16).map { _ in
        UInt8(
          bitPattern: .random(in: 32..<64, using: &generator)
            * (.random(using: &generator) ? 1 : -1))
      }
      return codes(192) + scales + half(size / 18.5 / 48)
    case .iq4_NL: return half(.random(using: &generator) ? size / 67.4 : -size / 67.4) + codes(16)
    case .iq4_XS: return half(size / 18.5 / 67.4) + codes(134)
    case .mxfp4:
      // The powers of two on both sides, so that the mean of the squares is right.
      let power = (deviation / 5.85).binade
      let ratio = deviation / 5.85 / power
      let isUpper = Float.random(in: 0..<1, using: &generator) < (ratio * ratio - 1) / 3
      return [UInt8(Int(power.exponent) + 128 + (isUpper ? 1 : 0))] + codes(16)
    }
  }
}

private func littleEndian<Value: FixedWidthInteger>(_ value: Value) -> [UInt8] {
  (0..<MemoryLayout<Value>.size).map { UInt8(truncatingIfNeeded: value >> ($0 * 8)) }
}

/// The half-precision number nearest to `value`, whose magnitude is below 65520.
private func half(_ value: Float) -> [UInt8] {
  let sign: UInt16 = value < 0 ? 0x8000 : 0
  // The unit of the last place: 2^-24 for subnormals, else ten places below the exponent.
  let exponent = max(-14, value == 0 ? -14 : Int(value.exponent))
  let units = (value.magnitude * Float(sign: .plus, exponent: 10 - exponent, significand: 1))
    .rounded(.toNearestOrEven)
  // A fraction that rounds up to the next power of two carries into the exponent by itself.
  return littleEndian(sign + UInt16(exponent + 14) << 10 + UInt16(units))
}

/// Eight six-bit scales and minima in twelve bytes, as Q4_K and Q5_K hold them.
private func packed(scales: [UInt8], minima: [UInt8]) -> [UInt8] {
  (0..<4).map { scales[$0] | (scales[$0 + 4] >> 4) << 6 }
    + (0..<4).map { minima[$0] | (minima[$0 + 4] >> 4) << 6 }
    + (0..<4).map { scales[$0 + 4] & 15 | (minima[$0 + 4] & 15) << 4 }
}
