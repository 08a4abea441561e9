extension UnsafeRawPointer {
  /// The float16 at a byte offset.
  @inline(__always)
  func half(_ offset: Int) -> Float {
    F16.number(loadUnaligned(fromByteOffset: offset, as: UInt16.self))
  }

  /// The byte at an offset.
  @inline(__always)
  func byte(_ offset: Int) -> UInt8 { load(fromByteOffset: offset, as: UInt8.self) }

  /// The signed byte at an offset.
  @inline(__always)
  func signed(_ offset: Int) -> Float { Float(load(fromByteOffset: offset, as: Int8.self)) }

  /// Splits 16 bytes at `offset` into 16 low and 16 high nibbles.
  @inline(__always)
  func nibbles(_ offset: Int, into codes: UnsafeMutablePointer<UInt8>) {
    for j in 0..<16 {
      codes[j] = byte(offset + j) & 15
      codes[16 + j] = byte(offset + j) >> 4
    }
  }

  /// Adds 16 where a bit of the 32 at `offset` is set.
  @inline(__always)
  func fifthBits(_ offset: Int, into codes: UnsafeMutablePointer<UInt8>) {
    let bits = loadUnaligned(fromByteOffset: offset, as: UInt32.self)
    for j in 0..<32 { codes[j] |= UInt8(truncatingIfNeeded: bits >> UInt32(j) & 1) << 4 }
  }
}
