extension TensorType {
  /// Whether `count` stored numbers, a whole number of blocks at `source`, are all finite: of a quantised
  /// type, whether the scales of its blocks are.
  package func areFinite(_ source: UnsafeRawPointer, count: Int) -> Bool {
    precondition(count % blockSize == 0, "whole blocks are looked at")
    switch self {
    case .f32: return hasNoFull(UInt32.self, exponent: 0x7F80_0000, source, 4, count)
    case .bf16: return hasNoFull(UInt16.self, exponent: 0x7F80, source, 2, count)
    case .f16: return hasNoFullHalf(source, 2, count)
    case .q4_0, .q5_0, .q8_0: return hasNoFullHalf(source, blockBytes, count / blockSize)
    case .q4_1, .q5_1, .q4K, .q5K:
      let blocks = count / blockSize
      return hasNoFullHalf(source, blockBytes, blocks)
        && hasNoFullHalf(source + 2, blockBytes, blocks)
    case .q6K: return hasNoFullHalf(source + blockBytes - 2, blockBytes, count / blockSize)
    }
  }
}

private func hasNoFullHalf(_ source: UnsafeRawPointer, _ stride: Int, _ count: Int) -> Bool {
  hasNoFull(UInt16.self, exponent: 0x7C00, source, stride, count)
}

/// Whether none of `count` floats, `stride` bytes apart, has an exponent of nothing but ones: that is how
/// infinities and NaN are written.
@inline(__always)
private func hasNoFull<Bits: FixedWidthInteger>(
  _: Bits.Type, exponent: Bits, _ source: UnsafeRawPointer, _ stride: Int, _ count: Int
) -> Bool {
  var full: Bits = 0
  for index in 0..<count {
    let bits = source.loadUnaligned(fromByteOffset: index * stride, as: Bits.self)
    // No way out in the middle: so the compiler can look at many at once.
    full |= bits & exponent == exponent ? 1 : 0
  }
  return full == 0
}
