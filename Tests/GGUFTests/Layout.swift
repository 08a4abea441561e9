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
    case .q4K: superblock(i, Double(pairedNibble(i, from: 16)))
    case .q5K: superblock(i, Double(pairedNibble(i, from: 48) + 16 * fifthBit(i)))
    case .q6K: sixBits(i)
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

  /// Four low bits and two high bits less 32, a signed scale for each 16 numbers.
  private func sixBits(_ i: Int) -> Double {
    let half128 = i / 128
    let low = bits(from: half128 * 64 + i % 64, bit: i % 128 / 64 * 4, count: 4)
    let high = bits(from: 128 + half128 * 32 + i % 32, bit: i % 128 / 32 * 2, count: 2)
    return half(208) * signed(192 + i / 16) * Double(low + 16 * high - 32)
  }
}
