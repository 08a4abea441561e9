import CKernels
import Kernels

/// One quantised block layout of GGUF, read 32 columns at a time as unsigned codes.
///
/// The layouts are those of ggml (ggml-common.h). w = scale · (code − zero) + minimum, with the zero
/// of `TensorType.coding`.
protocol GroupFormat {
  /// Writes the 32 codes of group `group` of a block and returns what scales them.
  static func read(
    _ block: UnsafeRawPointer, group: Int, codes: UnsafeMutablePointer<UInt8>
  ) -> PackedMatrix.GroupScales
}

extension UnsafeRawPointer {
  /// The float16 at a byte offset.
  fileprivate func half(_ offset: Int) -> Float {
    ck_from_half(loadUnaligned(fromByteOffset: offset, as: UInt16.self))
  }

  /// The byte at an offset.
  fileprivate func byte(_ offset: Int) -> UInt8 { load(fromByteOffset: offset, as: UInt8.self) }

  /// Splits 16 bytes at `offset` into 16 low and 16 high nibbles.
  @inline(__always)
  fileprivate func nibbles(_ offset: Int, into codes: UnsafeMutablePointer<UInt8>) {
    for j in 0..<16 {
      codes[j] = byte(offset + j) & 15
      codes[16 + j] = byte(offset + j) >> 4
    }
  }

  /// Adds 16 where a bit of the 32 at `offset` is set.
  @inline(__always)
  fileprivate func fifthBits(_ offset: Int, into codes: UnsafeMutablePointer<UInt8>) {
    let bits = loadUnaligned(fromByteOffset: offset, as: UInt32.self)
    for j in 0..<32 { codes[j] |= UInt8(truncatingIfNeeded: bits >> UInt32(j) & 1) << 4 }
  }
}

/// d f16, 32 fifth bits, 16 bytes of nibbles.
enum Q5_0: GroupFormat {
  static func read(
    _ block: UnsafeRawPointer, group: Int, codes: UnsafeMutablePointer<UInt8>
  ) -> PackedMatrix.GroupScales {
    block.nibbles(6, into: codes)
    block.fifthBits(2, into: codes)
    return PackedMatrix.GroupScales(block.half(0))
  }
}

/// d f16, m f16, 32 fifth bits, 16 bytes of nibbles.
enum Q5_1: GroupFormat {
  static func read(
    _ block: UnsafeRawPointer, group: Int, codes: UnsafeMutablePointer<UInt8>
  ) -> PackedMatrix.GroupScales {
    block.nibbles(8, into: codes)
    block.fifthBits(4, into: codes)
    return PackedMatrix.GroupScales(block.half(0), minimum: block.half(2))
  }
}

/// d f16, 32 signed bytes.
enum Q8_0: GroupFormat {
  static func read(
    _ block: UnsafeRawPointer, group: Int, codes: UnsafeMutablePointer<UInt8>
  ) -> PackedMatrix.GroupScales {
    let target = UnsafeMutableRawPointer(codes)
    for offset in stride(from: 0, to: 32, by: 8) {
      let word = block.loadUnaligned(fromByteOffset: 2 + offset, as: UInt64.self)
      target.storeBytes(of: word ^ 0x8080_8080_8080_8080, toByteOffset: offset, as: UInt64.self)
    }
    return PackedMatrix.GroupScales(block.half(0))
  }
}

/// The six-bit scales and minimums of the eight groups of a Q4_K or Q5_K block, 12 bytes at offset 4.
@inline(__always)
private func sixBitScales(_ block: UnsafeRawPointer, _ group: Int) -> PackedMatrix.GroupScales {
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
  return PackedMatrix.GroupScales(
    Float(scale), minimum: Float(minimum), outerScale: block.half(0), outerMinimum: block.half(2))
}

/// d, dmin f16, 12 bytes of six-bit scales, 128 bytes of nibbles: 256 columns.
enum Q4K: GroupFormat {
  static func read(
    _ block: UnsafeRawPointer, group: Int, codes: UnsafeMutablePointer<UInt8>
  ) -> PackedMatrix.GroupScales {
    let quants = block + 16 + group / 2 * 32
    let shift = UInt8(group & 1) * 4
    for j in 0..<32 { codes[j] = quants.byte(j) >> shift & 15 }
    return sixBitScales(block, group)
  }
}

/// As Q4_K, with 32 bytes of fifth bits before the nibbles.
enum Q5K: GroupFormat {
  static func read(
    _ block: UnsafeRawPointer, group: Int, codes: UnsafeMutablePointer<UInt8>
  ) -> PackedMatrix.GroupScales {
    let high = block + 16
    let quants = block + 48 + group / 2 * 32
    let shift = UInt8(group & 1) * 4
    for j in 0..<32 {
      codes[j] = quants.byte(j) >> shift & 15 | (high.byte(j) >> UInt8(group) & 1) << 4
    }
    return sixBitScales(block, group)
  }
}

/// 128 bytes of low nibbles, 64 of high pairs, 16 signed scales, d f16: 256 columns.
enum Q6K: GroupFormat {
  static func read(
    _ block: UnsafeRawPointer, group: Int, codes: UnsafeMutablePointer<UInt8>
  ) -> PackedMatrix.GroupScales {
    let half = group / 4
    let part = group % 4
    let low = block + half * 64 + (part & 1) * 32
    let high = block + 128 + half * 32
    let lowShift = UInt8(part / 2) * 4
    let highShift = UInt8(part) * 2
    for j in 0..<32 {
      codes[j] = low.byte(j) >> lowShift & 15 | (high.byte(j) >> highShift & 3) << 4
    }
    let scales = block + 192 + group * 2
    return PackedMatrix.GroupScales(
      Float(Int8(bitPattern: scales.byte(0))), second: Float(Int8(bitPattern: scales.byte(1))),
      outerScale: block.half(208))
  }
}
