import Dials

/// Random numbers for one purpose of one step: the same for the same seed, on every machine, and
/// whatever was drawn elsewhere. So there is no state to keep when training stops and goes on.
package struct CounterGenerator: RandomNumberGenerator, Sendable {
  /// What numbers are drawn for.
  package enum Purpose: UInt64, Sendable {
    case initialValues = 1
    case order
    case negatives
    case split
    case sampling
    case exits
    case noise
    case routing
    case labels
  }

  private var numbers: SplitMix64

  /// The numbers of `purpose`, the `index`-th series of them.
  package init(seed: UInt64, _ purpose: Purpose, _ index: Int = 0) {
    let series =
      SplitMix64.mix(SplitMix64.mix(seed) &+ purpose.rawValue)
      &+ UInt64(bitPattern: Int64(index))
    numbers = SplitMix64(seed: SplitMix64.mix(series) &+ SplitMix64.increment)
  }

  /// The next 64 random bits.
  package mutating func next() -> UInt64 { numbers.next() }

  /// A uniform number in 0..<1.
  package mutating func nextUniform() -> Float { Float(next() >> 40) * 0x1p-24 }

  /// A number of mean 0 and standard deviation 1, bell-shaped and within ±3.5: the sum of four
  /// uniform ones.
  package mutating func nextNormal() -> Float {
    let bits = next()
    let sum = (0..<4).reduce(0) { $0 + UInt32(truncatingIfNeeded: bits >> ($1 * 16) & 0xFFFF) }
    return (Float(sum) * 0x1p-16 - 2) * 1.732_050_8
  }
}
