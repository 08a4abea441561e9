/// Random numbers for one purpose of one step: the same for the same seed, on every machine, and
/// whatever was drawn elsewhere. So there is no state to keep when training stops and goes on.
///
/// Source: SplitMix64, Steele, Lea and Flood, "Fast Splittable Pseudorandom Number Generators",
/// OOPSLA 2014.
package struct CounterGenerator: RandomNumberGenerator, Sendable {
  /// What numbers are drawn for.
  package enum Purpose: UInt64, Sendable {
    case initialValues = 1
    case order
    case negatives
    case split
    case sampling
    case exits
  }

  private var state: UInt64

  /// The numbers of `purpose`, the `index`-th series of them.
  package init(seed: UInt64, _ purpose: Purpose, _ index: Int = 0) {
    state = Self.mix(Self.mix(seed) &+ purpose.rawValue) &+ UInt64(bitPattern: Int64(index))
    state = Self.mix(state)
  }

  /// The next 64 random bits.
  package mutating func next() -> UInt64 {
    state &+= 0x9E37_79B9_7F4A_7C15
    return Self.mix(state)
  }

  /// A uniform number in 0..<1.
  package mutating func nextUniform() -> Float { Float(next() >> 40) * 0x1p-24 }

  /// A number of mean 0 and standard deviation 1, bell-shaped and within ±3.5: the sum of four
  /// uniform ones.
  package mutating func nextNormal() -> Float {
    let bits = next()
    let sum = (0..<4).reduce(0) { $0 + UInt32(truncatingIfNeeded: bits >> ($1 * 16) & 0xFFFF) }
    return (Float(sum) * 0x1p-16 - 2) * 1.732_050_8
  }

  private static func mix(_ value: UInt64) -> UInt64 {
    var z = value &+ 0x9E37_79B9_7F4A_7C15
    z = (z ^ (z >> 30)) &* 0xBF58_476D_1CE4_E5B9
    z = (z ^ (z >> 27)) &* 0x94D0_49BB_1331_11EB
    return z ^ (z >> 31)
  }
}
