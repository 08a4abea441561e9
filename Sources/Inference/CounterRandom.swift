/// Random numbers that depend on the seed and the position alone.
///
/// The number for a position is the same however it is reached: one token at a time, as a draft, or
/// again after a rejected one. So sampling gives the same text with and without drafts.
package enum CounterRandom {
  /// A uniform number in 0..<1 with 24 bits (SplitMix64's finaliser over seed and position; Steele,
  /// Lea, Flood 2014).
  package static func uniform(seed: UInt64, position: Int) -> Float {
    var z = mix(seed) &+ UInt64(bitPattern: Int64(position)) &* 0x9E37_79B9_7F4A_7C15
    z = mix(z)
    return Float(z >> 40) * 0x1p-24
  }

  private static func mix(_ value: UInt64) -> UInt64 {
    var z = value &+ 0x9E37_79B9_7F4A_7C15
    z = (z ^ (z >> 30)) &* 0xBF58_476D_1CE4_E5B9
    z = (z ^ (z >> 27)) &* 0x94D0_49BB_1331_11EB
    return z ^ (z >> 31)
  }
}
