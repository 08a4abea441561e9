import GGUF

/// The meaning of one block, one number at a time and in double precision: slow, and close to the words
/// of the format.
struct Layout {
  let block: [UInt8]

  /// Number `i` of the block.
  func number(_ i: Int, of type: TensorType) -> Double {
    switch type {
    case .f32: Double(Float(bitPattern: UInt32(bits(from: 0, count: 32))))
    case .f16: half(0)
    case .bf16: Double(Float(bitPattern: UInt32(bits(from: 0, count: 16)) << 16))
    case .q4_0: half(0) * Double(nibble(i, from: 2) - 8)
    case .q4_1: half(0) * Double(nibble(i, from: 4)) + half(2)
    case .q5_0: half(0) * Double(nibble(i, from: 6) + 16 * bit(i, from: 2) - 16)
    case .q5_1: half(0) * Double(nibble(i, from: 8) + 16 * bit(i, from: 4)) + half(2)
    case .q8_0: half(0) * signed(2 + i)
    case .q2K: twoBits(i)
    case .q3K: threeBits(i)
    case .q4K: superblock(i, Double(pairedNibble(i, from: 16)))
    case .q5K: superblock(i, Double(pairedNibble(i, from: 48) + 16 * fifthBit(i)))
    case .q6K: sixBits(i)
    case .iq4_NL: half(0) * Self.fineNearZero[nibble(i, from: 2)]
    case .iq4_XS:
      half(0) * Double(splitScale(i / 32))
        * Self.fineNearZero[nibble(i % 32, from: 8 + i / 32 * 16)]
    case .mxfp4:
      Double(sign: .plus, exponent: bits(from: 0, count: 8) - 127, significand: 1)
        * Self.tinyFloats[nibble(i, from: 1)]
    }
  }

  /// `count` bits as a number, the first bit the least.
  private func bits(from byte: Int, bit: Int = 0, count: Int) -> Int {
    (0..<count).reduce(0) { sum, index in
      let place = byte * 8 + bit + index
      return sum | Int(block[place / 8] >> (place % 8) & 1) << index
    }
  }

  private func half(_ byte: Int) -> Double {
    let fraction = Double(bits(from: byte, count: 10))
    let exponent = bits(from: byte, bit: 10, count: 5)
    let sign: Double = bits(from: byte, bit: 15, count: 1) == 1 ? -1 : 1
    return exponent == 0
      ? sign * fraction * 0x1p-24
      : sign * (1 + fraction / 1024) * Double(sign: .plus, exponent: exponent - 15, significand: 1)
  }

  private func signed(_ byte: Int) -> Double { Double(Int8(bitPattern: block[byte])) }

  /// Of 32 numbers the first half are low nibbles, the second half high ones.
  private func nibble(_ i: Int, from byte: Int) -> Int {
    bits(from: byte + i % 16, bit: i / 16 * 4, count: 4)
  }

  private func bit(_ i: Int, from byte: Int) -> Int { bits(from: byte, bit: i, count: 1) }

  /// Of 256 numbers each 64 share 32 bytes: the first half are low nibbles, the second half high ones.
  private func pairedNibble(_ i: Int, from byte: Int) -> Int {
    bits(from: byte + i / 64 * 32 + i % 32, bit: i % 64 / 32 * 4, count: 4)
  }

  private func fifthBit(_ i: Int) -> Int { bits(from: 16 + i % 32, bit: i / 32, count: 1) }

  /// `d · scale · q - dmin · minimum`, scale and minimum of sub-block `i / 32` being packed in bytes 4 to
  /// 15.
  private func superblock(_ i: Int, _ q: Double) -> Double {
    let j = i / 32
    let (scale, minimum) =
      if j < 4 {
        (bits(from: 4 + j, count: 6), bits(from: 8 + j, count: 6))
      } else {
        (
          bits(from: 8 + j, count: 4) + 16 * bits(from: j, bit: 6, count: 2),
          bits(from: 8 + j, bit: 4, count: 4) + 16 * bits(from: 4 + j, bit: 6, count: 2)
        )
      }
    return half(0) * Double(scale) * q - half(2) * Double(minimum)
  }

  /// Of 256 numbers each 128 share 32 bytes, 32 numbers the same bits of these.
  private func pair(_ i: Int, from byte: Int) -> Int {
    bits(from: byte + i / 128 * 32 + i % 32, bit: i % 128 / 32 * 2, count: 2)
  }

  /// Two bits, a nibble of scale and one of minimum for each 16 numbers.
  private func twoBits(_ i: Int) -> Double {
    let scale = bits(from: i / 16, count: 4)
    let minimum = bits(from: i / 16, bit: 4, count: 4)
    return half(80) * Double(scale * pair(i, from: 16)) - half(82) * Double(minimum)
  }

  /// Two low bits, and one that takes four off where it is not set; a six-bit scale less 32 for each 16 numbers.
  private func threeBits(_ i: Int) -> Double {
    let number = pair(i, from: 32) - (bits(from: i % 32, bit: i / 32, count: 1) == 1 ? 0 : 4)
    let j = i / 16
    let low = bits(from: 96 + j % 8, bit: j / 8 * 4, count: 4)
    let high = bits(from: 104 + j % 4, bit: j / 4 * 2, count: 2)
    return half(108) * Double((low + 16 * high - 32) * number)
  }

  /// The six-bit scale less 32 of sub-block `j` of IQ4_XS: two high bits in a word, four low ones after it.
  private func splitScale(_ j: Int) -> Int {
    bits(from: 4, bit: 4 * j, count: 4) + 16 * bits(from: 2, bit: 2 * j, count: 2) - 32
  }

  private static let fineNearZero: [Double] = [
    -127, -104, -83, -65, -49, -35, -22, -10, 1, 13, 25, 38, 53, 69, 89, 113,
  ]

  /// A sign, two bits of exponent and one of fraction; the least exponent is subnormal.
  private static let tinyFloats: [Double] = (0..<16).map { code in
    let (exponent, fraction) = (code / 2 % 4, Double(code % 2))
    let magnitude =
      exponent == 0
      ? fraction / 2 : Double(sign: .plus, exponent: exponent - 1, significand: 1 + fraction / 2)
    return code < 8 ? magnitude : -magnitude
  }

  /// Four low bits and two high bits less 32, a signed scale for each 16 numbers.
  private func sixBits(_ i: Int) -> Double {
    let half128 = i / 128
    let low = bits(from: half128 * 64 + i % 64, bit: i % 128 / 64 * 4, count: 4)
    let high = bits(from: 128 + half128 * 32 + i % 32, bit: i % 128 / 32 * 2, count: 2)
    return half(208) * signed(192 + i / 16) * Double(low + 16 * high - 32)
  }
}
