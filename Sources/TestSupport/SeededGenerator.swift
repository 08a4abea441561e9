/// A small generator of random numbers that gives the same numbers for the same seed on every machine.
///
/// Source: SplitMix64, Steele, Lea and Flood, "Fast Splittable Pseudorandom Number Generators", OOPSLA 2014.
package struct SeededGenerator: RandomNumberGenerator, Sendable {
  private var state: UInt64

  /// A generator that begins at `seed`.
  package init(seed: UInt64) { state = seed }

  /// The next 64 random bits.
  package mutating func next() -> UInt64 {
    state &+= 0x9E37_79B9_7F4A_7C15
    var mixed = state
    mixed = (mixed ^ (mixed >> 30)) &* 0xBF58_476D_1CE4_E5B9
    mixed = (mixed ^ (mixed >> 27)) &* 0x94D0_49BB_1331_11EB
    return mixed ^ (mixed >> 31)
  }

  /// A number of mean 0 and standard deviation 1, bell-shaped and within ±3.5: the sum of four uniform
  /// ones.
  package mutating func nextNormal() -> Float {
    let bits = next()
    let sum = (0..<4).reduce(0) { $0 + UInt32(truncatingIfNeeded: bits >> ($1 * 16) & 0xFFFF) }
    return (Float(sum) * 0x1p-16 - 2) * 1.732_050_8
  }
}
