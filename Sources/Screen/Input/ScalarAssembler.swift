/// Unicode scalars from the bytes of UTF-8, in any pieces. Each part that is none becomes U+FFFD, as the
/// Unicode standard recommends.
struct ScalarAssembler: Hashable, Sendable {
  private var value: UInt32 = 0
  /// How many bytes are missing.
  private var missing = 0
  /// What the next byte may be; the second one decides whether a sequence is the shortest of its scalar.
  private var allowed: ClosedRange<UInt8> = 0x80...0xbf

  /// Whether bytes wait for the rest of a scalar.
  var isWaiting: Bool { missing > 0 }

  /// The scalars that this byte completes.
  mutating func append(_ byte: UInt8) -> [UnicodeScalar] {
    if missing > 0 {
      guard allowed.contains(byte) else { return flush() + append(byte) }
      allowed = 0x80...0xbf
      value = value << 6 | UInt32(byte & 0x3f)
      missing -= 1
      return missing > 0 ? [] : [UnicodeScalar(value) ?? "\u{fffd}"]
    }
    switch byte {
    case 0..<0x80: return [UnicodeScalar(byte)]
    case 0xc2...0xdf: begin(byte & 0x1f, missing: 1)
    case 0xe0: begin(0, missing: 2, allowed: 0xa0...0xbf)
    case 0xed: begin(0x0d, missing: 2, allowed: 0x80...0x9f)
    case 0xe1...0xef: begin(byte & 0x0f, missing: 2)
    case 0xf0: begin(0, missing: 3, allowed: 0x90...0xbf)
    case 0xf4: begin(4, missing: 3, allowed: 0x80...0x8f)
    case 0xf1...0xf3: begin(byte & 0x07, missing: 3)
    default: return ["\u{fffd}"]
    }
    return []
  }

  /// What is left of a scalar whose other bytes never come.
  mutating func flush() -> [UnicodeScalar] {
    defer { missing = 0 }
    return missing > 0 ? ["\u{fffd}"] : []
  }

  private mutating func begin(
    _ bits: UInt8, missing: Int, allowed: ClosedRange<UInt8> = 0x80...0xbf
  ) {
    (value, self.missing, self.allowed) = (UInt32(bits), missing, allowed)
  }
}
