// Blocks of 32 columns: a float16 scale d, perhaps a float16 minimum m, and the codes.

/// Blocks whose 32 codes are 16 bytes of nibbles, the first half the low ones, and no more than
/// these.
package protocol NibbleLayout: BlockLayout {
  /// Where the nibbles are.
  static var nibblePlace: Int { get }
}

extension NibbleLayout {
  package static var blockSize: Int { 32 }
  package static var blockBytes: Int { nibblePlace + 16 }
  package static var codeBits: Int { 4 }

  @inline(__always)
  package static func read(
    _ block: UnsafeRawPointer, group: Int, codes: UnsafeMutablePointer<UInt8>
  ) -> GroupScales {
    block.nibbles(nibblePlace, into: codes)
    return scales(block)
  }
}

extension BlockLayout {
  /// The scale and the minimum of a block as those of its only group.
  @inline(__always)
  fileprivate static func scales(_ block: UnsafeRawPointer) -> GroupScales {
    let floats = floats(block)
    return GroupScales(floats.scale, minimum: floats.minimum)
  }
}

/// d, nibbles; d · (code − 8).
enum Q4_0: NibbleLayout {
  static let name = "Q4_0"
  static let scaling = BlockScaling.plain
  static let zero: UInt8 = 8
  static let nibblePlace = 2
}

/// d, m, nibbles; d · code + m.
enum Q4_1: NibbleLayout, WrittenLayout {
  static let name = "Q4_1"
  static let scaling = BlockScaling.affine
  static let minimumPlace: Int? = 2
  static let nibblePlace = 4

  /// Sixteen even steps from the least number to the greatest.
  static func append(_ block: ArraySlice<Float>, to bytes: inout [UInt8]) {
    let (low, high) = (block.min() ?? 0, block.max() ?? 0)
    let scale = (high - low) / 15
    bytes.append(half: scale)
    bytes.append(half: low)
    let codes = block.map { value in
      scale > 0 ? UInt8(max(0, min(15, (value - low) / scale + 0.5))) : 0
    }
    for k in 0..<16 { bytes.append(codes[k] | codes[16 + k] << 4) }
  }
}

/// d, 32 fifth bits, nibbles; d · (code − 16).
enum Q5_0: BlockLayout {
  static let name = "Q5_0"
  static let blockSize = 32
  static let blockBytes = 2 + 4 + 16
  static let codeBits = 5
  static let scaling = BlockScaling.plain
  static let zero: UInt8 = 16

  @inline(__always)
  static func read(
    _ block: UnsafeRawPointer, group: Int, codes: UnsafeMutablePointer<UInt8>
  ) -> GroupScales {
    block.nibbles(6, into: codes)
    block.fifthBits(2, into: codes)
    return scales(block)
  }
}

/// d, m, 32 fifth bits, nibbles; d · code + m.
enum Q5_1: BlockLayout {
  static let name = "Q5_1"
  static let blockSize = 32
  static let blockBytes = 2 + 2 + 4 + 16
  static let codeBits = 5
  static let scaling = BlockScaling.affine
  static let minimumPlace: Int? = 2

  @inline(__always)
  static func read(
    _ block: UnsafeRawPointer, group: Int, codes: UnsafeMutablePointer<UInt8>
  ) -> GroupScales {
    block.nibbles(8, into: codes)
    block.fifthBits(4, into: codes)
    return scales(block)
  }
}

/// d, 32 signed bytes; d · byte, the code being the byte and 128.
enum Q8_0: BlockLayout, WrittenLayout {
  static let name = "Q8_0"
  static let blockSize = 32
  static let blockBytes = 2 + 32
  static let codeBits = 8
  static let scaling = BlockScaling.plain
  static let zero: UInt8 = 128

  @inline(__always)
  static func read(
    _ block: UnsafeRawPointer, group: Int, codes: UnsafeMutablePointer<UInt8>
  ) -> GroupScales {
    let target = UnsafeMutableRawPointer(codes)
    for offset in stride(from: 0, to: 32, by: 8) {
      let word = block.loadUnaligned(fromByteOffset: 2 + offset, as: UInt64.self)
      target.storeBytes(of: word ^ 0x8080_8080_8080_8080, toByteOffset: offset, as: UInt64.self)
    }
    return scales(block)
  }

  /// The scale is a 127th of the block's largest magnitude.
  static func append(_ block: ArraySlice<Float>, to bytes: inout [UInt8]) {
    let scale = (block.map(\.magnitude).max() ?? 0) / 127
    bytes.append(half: scale)
    for value in block {
      let code = scale > 0 ? (value / scale).rounded(.toNearestOrAwayFromZero) : 0
      bytes.append(UInt8(bitPattern: Int8(max(-127, min(127, code)))))
    }
  }
}
