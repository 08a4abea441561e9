// Blocks of 256 columns: a float16 scale d of scales, perhaps a float16 scale e of minimums, whole numbers that
// these multiply, and the codes.

/// 16 bytes, whose low nibbles are scales and whose high ones minimums of 16 columns each; 64 bytes of pairs of
/// bits; d; e.
enum Q2K: BlockLayout {
  static let name = "Q2_K"
  static let blockSize = 256
  static let blockBytes = 16 + 64 + 2 + 2
  static let codeBits = 2
  static let scaling = BlockScaling.pairs
  static let scalePlace = 80
  static let minimumPlace: Int? = 82

  @inline(__always)
  static func read(
    _ block: UnsafeRawPointer, group: Int, codes: UnsafeMutablePointer<UInt8>
  ) -> GroupScales {
    block.pairs(16, group: group, into: codes)
    let (first, second) = (block.byte(2 * group), block.byte(2 * group + 1))
    let outer = floats(block)
    return GroupScales(
      (Float(first & 15), Float(second & 15)), minimums: (Float(first >> 4), Float(second >> 4)),
      outerScale: outer.scale, outerMinimum: outer.minimum)
  }
}

/// 32 bytes of third bits, bit g of byte j being that of column j of group g; 64 bytes of pairs of bits; 12
/// bytes of six-bit scales; d. Codes have a zero of 4, scales one of 32.
enum Q3K: BlockLayout {
  static let name = "Q3_K"
  static let blockSize = 256
  static let blockBytes = 32 + 64 + 12 + 2
  static let codeBits = 3
  static let scaling = BlockScaling.halves
  static let zero: UInt8 = 4
  static let scalePlace = 108

  @inline(__always)
  static func read(
    _ block: UnsafeRawPointer, group: Int, codes: UnsafeMutablePointer<UInt8>
  ) -> GroupScales {
    block.pairs(32, group: group, into: codes)
    let shift = UInt8(group)
    for j in 0..<32 { codes[j] |= (block.byte(j) >> shift & 1) << 2 }
    return GroupScales(
      (scale(block + 96, 2 * group), scale(block + 96, 2 * group + 1)),
      outerScale: floats(block).scale)
  }

  /// Scale `index` (0..<16): its low nibble is in the first eight bytes, those of scales from 8 on above the
  /// others; its high pair in the last four, those of four scales to a byte.
  @inline(__always)
  private static func scale(_ packed: UnsafeRawPointer, _ index: Int) -> Float {
    let low = packed.byte(index % 8) >> UInt8(index / 8 * 4) & 15
    let high = packed.byte(8 + index % 4) >> UInt8(index / 4 * 2) & 3
    return Float(Int32(low | high << 4) - 32)
  }
}

/// d, e, 12 bytes of six-bit scales and minimums, 128 bytes of nibbles.
enum Q4K: BlockLayout {
  static let name = "Q4_K"
  static let blockSize = 256
  static let blockBytes = 2 + 2 + 12 + 128
  static let codeBits = 4
  static let scaling = BlockScaling.nested
  static let minimumPlace: Int? = 2

  @inline(__always)
  static func read(
    _ block: UnsafeRawPointer, group: Int, codes: UnsafeMutablePointer<UInt8>
  ) -> GroupScales {
    block.sharedNibbles(16, group: group, into: codes)
    return sixBitScales(block, group)
  }
}

/// As Q4_K, with 32 bytes of fifth bits before the nibbles: bit g of byte j is that of column j of group g.
enum Q5K: BlockLayout {
  static let name = "Q5_K"
  static let blockSize = 256
  static let blockBytes = 2 + 2 + 12 + 32 + 128
  static let codeBits = 5
  static let scaling = BlockScaling.nested
  static let minimumPlace: Int? = 2

  @inline(__always)
  static func read(
    _ block: UnsafeRawPointer, group: Int, codes: UnsafeMutablePointer<UInt8>
  ) -> GroupScales {
    block.sharedNibbles(48, group: group, into: codes)
    let shift = UInt8(group)
    for j in 0..<32 { codes[j] |= (block.byte(16 + j) >> shift & 1) << 4 }
    return sixBitScales(block, group)
  }
}

/// 128 bytes of low nibbles, 64 of high pairs, 16 signed scales, d.
enum Q6K: BlockLayout {
  static let name = "Q6_K"
  static let blockSize = 256
  static let blockBytes = 128 + 64 + 16 + 2
  static let codeBits = 6
  static let scaling = BlockScaling.halves
  static let zero: UInt8 = 32
  static let scalePlace = 208

  @inline(__always)
  static func read(
    _ block: UnsafeRawPointer, group: Int, codes: UnsafeMutablePointer<UInt8>
  ) -> GroupScales {
    let half = group / 4
    let part = group % 4
    let low = block + half * 64 + (part & 1) * 32
    let high = block + 128 + half * 32
    let lowShift = UInt8(part / 2) * 4
    let highShift = UInt8(part) * 2
    for j in 0..<32 {
      codes[j] = low.byte(j) >> lowShift & 15 | (high.byte(j) >> highShift & 3) << 4
    }
    return GroupScales(
      (block.signed(192 + group * 2), block.signed(193 + group * 2)),
      outerScale: floats(block).scale)
  }
}

extension UnsafeRawPointer {
  /// The pairs of bits of one group: four groups share 32 bytes, the first the lowest pairs.
  @inline(__always)
  fileprivate func pairs(_ offset: Int, group: Int, into codes: UnsafeMutablePointer<UInt8>) {
    let shift = UInt8(group % 4) * 2
    let source = self + offset + group / 4 * 32
    for j in 0..<32 { codes[j] = source.byte(j) >> shift & 3 }
  }

  /// The nibbles of one group: two groups share 32 bytes, the first the low ones.
  @inline(__always)
  fileprivate func sharedNibbles(
    _ offset: Int, group: Int, into codes: UnsafeMutablePointer<UInt8>
  ) {
    let shift = UInt8(group & 1) * 4
    let source = self + offset + group / 2 * 32
    for j in 0..<32 { codes[j] = source.byte(j) >> shift & 15 }
  }
}

extension BlockLayout {
  /// What scales one group of a Q4_K or Q5_K block, by the 12 bytes at 4. The first four scales and the first
  /// four minimums are the low bits of bytes 0..<8; of the others, the low nibbles are in bytes 8..<12 and the
  /// two high bits on top of the first eight bytes.
  @inline(__always)
  fileprivate static func sixBitScales(_ block: UnsafeRawPointer, _ group: Int) -> GroupScales {
    let s = block + 4
    let scale: UInt8
    let minimum: UInt8
    if group < 4 {
      scale = s.byte(group) & 63
      minimum = s.byte(group + 4) & 63
    } else {
      scale = s.byte(group + 4) & 15 | (s.byte(group - 4) >> 6) << 4
      minimum = s.byte(group + 4) >> 4 | (s.byte(group) >> 6) << 4
    }
    let outer = floats(block)
    return GroupScales(
      Float(scale), minimum: Float(minimum), outerScale: outer.scale, outerMinimum: outer.minimum)
  }
}
