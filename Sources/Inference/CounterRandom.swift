import Dials

/// Random numbers that depend on the seed and the position alone.
///
/// The number for a position is the same however it is reached: one token at a time, as a draft, or
/// again after a rejected one. So sampling gives the same text with and without drafts.
package enum CounterRandom {
  /// A uniform number in 0..<1 with 24 bits (`SplitMix64.mix` of seed and position).
  package static func uniform(seed: UInt64, position: Int) -> Float {
    let place = UInt64(bitPattern: Int64(position)) &* SplitMix64.increment
    return Float(SplitMix64.mix(SplitMix64.mix(seed) &+ place) >> 40) * 0x1p-24
  }
}
