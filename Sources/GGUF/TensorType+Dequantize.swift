extension TensorType {
  /// Turns `count` stored numbers, a whole number of blocks at `source`, into `target`. Neither needs
  /// alignment beyond that of its own type.
  ///
  /// Layouts: `block_q4_0` ... `block_q6_K` of ggml-common.h, https://github.com/ggml-org/ggml. In a
  /// legacy block of 32 the low nibbles are the first half, the high ones the second.
  package func dequantize(
    _ source: UnsafeRawPointer, count: Int, into target: UnsafeMutablePointer<Float>
  ) {
    precondition(count % blockSize == 0, "dequantize takes whole blocks")
    let bytes = source.assumingMemoryBound(to: UInt8.self)
    for block in 0..<(count / blockSize) {
      let from = bytes + block * blockBytes
      let to = target + block * blockSize
      switch self {
      case .f32: to.pointee = UnsafeRawPointer(from).loadUnaligned(as: Float.self)
      case .f16: to.pointee = half(from)
      case .bf16: to.pointee = Float(bitPattern: UInt32(word(from)) << 16)
      case .q4_0: nibbles(from + 2, scale: half(from), bias: -8 * half(from), to)
      case .q4_1: nibbles(from + 4, scale: half(from), bias: half(from + 2), to)
      case .q5_0: quints(from + 2, scale: half(from), bias: -16 * half(from), to)
      case .q5_1: quints(from + 4, scale: half(from), bias: half(from + 2), to)
      case .q8_0:
        let scale = half(from)
        for i in 0..<32 { to[i] = Float(Int8(bitPattern: from[2 + i])) * scale }
      case .q4K: superblock4(from, to)
      case .q5K: superblock5(from, to)
      case .q6K: superblock6(from, to)
      }
    }
  }
}

/// Reads bytes, as of weights: pointers to `UInt8`.
private typealias Bytes = UnsafePointer<UInt8>
private typealias Floats = UnsafeMutablePointer<Float>

private func word(_ bytes: Bytes) -> UInt16 { UInt16(bytes[0]) | UInt16(bytes[1]) << 8 }

/// An IEEE 754 half-precision number.
private func half(_ bytes: Bytes) -> Float {
  let bits = word(bytes)
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

/// 32 four-bit numbers `q`: `scale · q + bias`.
private func nibbles(_ q: Bytes, scale: Float, bias: Float, _ to: Floats) {
  for i in 0..<16 {
    to[i] = Float(q[i] & 15) * scale + bias
    to[i + 16] = Float(q[i] >> 4) * scale + bias
  }
}

/// 32 five-bit numbers `q`, the fifth bits in the four bytes before the nibbles: `scale · q + bias`.
private func quints(_ bytes: Bytes, scale: Float, bias: Float, _ to: Floats) {
  let high = UInt32(word(bytes)) | UInt32(word(bytes + 2)) << 16
  let low = bytes + 4
  for i in 0..<16 {
    let first = low[i] & 15 | UInt8(truncatingIfNeeded: high >> i & 1) << 4
    let second = low[i] >> 4 | UInt8(truncatingIfNeeded: high >> (i + 16) & 1) << 4
    to[i] = Float(first) * scale + bias
    to[i + 16] = Float(second) * scale + bias
  }
}

/// Scale and minimum of sub-block `j` (0..<8), six bits each, packed into twelve bytes: the first four of
/// each kind in the low bits of bytes 0..<8; of the last four, the low nibbles in bytes 8..<12 and the
/// two high bits on top of the first eight bytes.
private func scaleAndMinimum(_ packed: Bytes, _ j: Int) -> (scale: Float, minimum: Float) {
  if j < 4 { return (Float(packed[j] & 63), Float(packed[j + 4] & 63)) }
  return (
    Float(packed[j + 4] & 15 | (packed[j - 4] >> 6) << 4),
    Float(packed[j + 4] >> 4 | (packed[j] >> 6) << 4)
  )
}

/// Q4_K: scale, scale of minima, 12 bytes of packed scales, 128 bytes of nibbles in four groups of 64
/// numbers.
private func superblock4(_ block: Bytes, _ to: Floats) {
  let scale = half(block)
  let minimum = half(block + 2)
  for group in 0..<4 {
    let q = block + 16 + group * 32
    let (s0, m0) = scaleAndMinimum(block + 4, 2 * group)
    let (s1, m1) = scaleAndMinimum(block + 4, 2 * group + 1)
    for i in 0..<32 {
      to[group * 64 + i] = scale * s0 * Float(q[i] & 15) - minimum * m0
      to[group * 64 + 32 + i] = scale * s1 * Float(q[i] >> 4) - minimum * m1
    }
  }
}

/// Q5_K: as Q4_K, with 32 bytes of fifth bits before the nibbles; bit `j` of byte `i` belongs to number
/// `i` of sub-block `j`.
private func superblock5(_ block: Bytes, _ to: Floats) {
  let scale = half(block)
  let minimum = half(block + 2)
  let high = block + 16
  for group in 0..<4 {
    let q = block + 48 + group * 32
    let (s0, m0) = scaleAndMinimum(block + 4, 2 * group)
    let (s1, m1) = scaleAndMinimum(block + 4, 2 * group + 1)
    for i in 0..<32 {
      let first = q[i] & 15 | (high[i] >> (2 * group) & 1) << 4
      let second = q[i] >> 4 | (high[i] >> (2 * group + 1) & 1) << 4
      to[group * 64 + i] = scale * s0 * Float(first) - minimum * m0
      to[group * 64 + 32 + i] = scale * s1 * Float(second) - minimum * m1
    }
  }
}

/// Q6_K: 128 bytes of low nibbles, 64 bytes of high bit pairs, 16 signed scales, one scale of scales;
/// numbers are 0..<64 with 32 as zero.
private func superblock6(_ block: Bytes, _ to: Floats) {
  let scale = half(block + 208)
  for part in 0..<2 {
    let low = block + part * 64
    let high = block + 128 + part * 32
    let scales = block + 192 + part * 8
    for i in 0..<32 {
      for quarter in 0..<4 {
        let pair = low[i + quarter % 2 * 32]
        let nibble = quarter < 2 ? pair & 15 : pair >> 4
        let number = nibble | (high[i] >> (2 * quarter) & 3) << 4
        let subscale = Float(Int8(bitPattern: scales[2 * quarter + i / 16]))
        to[part * 128 + quarter * 32 + i] = scale * subscale * Float(Int(number) - 32)
      }
    }
  }
}
