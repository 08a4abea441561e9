/// Sums in a fixed order of eight lanes, so that they are fast and the same everywhere.
enum Sum {
  /// `Σ a · b`.
  static func ofProducts(
    _ a: UnsafePointer<Float>, _ b: UnsafePointer<Float>, count: Int
  ) -> Float {
    over(count) {
      load(a, $0) * load(b, $0)
    } rest: {
      a[$0] * b[$0]
    }
  }

  /// `Σ a · b · c`.
  static func ofProducts(
    _ a: UnsafePointer<Float>, _ b: UnsafePointer<Float>, _ c: UnsafePointer<Float>, count: Int
  ) -> Float {
    over(count) {
      load(a, $0) * load(b, $0) * load(c, $0)
    } rest: {
      a[$0] * b[$0] * c[$0]
    }
  }

  /// The largest of `count` numbers, at least one.
  static func largest(_ a: UnsafePointer<Float>, count: Int) -> Float {
    var lanes = SIMD8<Float>(repeating: -.infinity)
    var index = 0
    while index + 8 <= count {
      lanes = pointwiseMax(lanes, load(a, index))
      index += 8
    }
    var result = lanes.max()
    while index < count {
      result = max(result, a[index])
      index += 1
    }
    return result
  }

  /// Writes `exp(x − largest)` to `y`, which may be x, and returns the sum.
  static func ofExponentials(
    _ x: UnsafePointer<Float>, count: Int, largest: Float, into y: UnsafeMutablePointer<Float>
  ) -> Float {
    over(count) { index in
      let power = (load(x, index) - largest).exponential
      UnsafeMutableRawPointer(y + index).storeBytes(of: power, as: SIMD8<Float>.self)
      return power
    } rest: { index in
      let power = SIMD8(repeating: x[index] - largest).exponential[0]
      y[index] = power
      return power
    }
  }

  /// Eight numbers from `index` on.
  @inline(__always)
  static func load(_ a: UnsafePointer<Float>, _ index: Int) -> SIMD8<Float> {
    UnsafeRawPointer(a + index).loadUnaligned(as: SIMD8<Float>.self)
  }

  @inline(__always)
  private static func over(
    _ count: Int, _ eight: (Int) -> SIMD8<Float>, rest: (Int) -> Float
  ) -> Float {
    var lanes = SIMD8<Float>(repeating: 0)
    var index = 0
    while index + 8 <= count {
      lanes += eight(index)
      index += 8
    }
    var result = lanes.sum()
    while index < count {
      result += rest(index)
      index += 1
    }
    return result
  }
}

extension SIMD8<Float> {
  /// e to these powers, to about two units in the last place; powers below −87 give (nearly) zero.
  ///
  /// `2^n · e^r` with `|r| ≤ ln 2 / 2` and a polynomial for `e^r` (Cody and Waite's reduction in two
  /// parts; coefficients of the Taylor series, the last two adjusted as in Cephes' expf).
  @inline(__always)
  var exponential: SIMD8<Float> {
    // Comparisons, not minima: NaN has to stay NaN.
    let x = replacing(with: -87, where: self .< -87).replacing(with: 88, where: self .> 88)
    // Adding and taking away 1.5 · 2^23 rounds to a whole number.
    let shifted = x * 1.442_695_04 + 12_582_912
    let whole = shifted - 12_582_912
    let r = x - whole * 0.693_359_375 + whole * 2.121_944_4e-4
    var p = r * 1.987_569_15e-4 + 1.398_199_95e-3
    p = p * r + 8.333_451_9e-3
    p = p * r + 4.166_579_6e-2
    p = p * r + 1.666_666_55e-1
    p = p * r + 5.000_000_1e-1
    let value = p * r * r + r + 1
    // The last bits of `shifted` are the whole number, after those of 1.5 · 2^23.
    let exponent = unsafeBitCast(shifted, to: SIMD8<Int32>.self) &- (0x4B40_0000 - 127)
    return value * unsafeBitCast(exponent &<< 23, to: SIMD8<Float>.self)
  }

  /// `1 / (1 + e^−x)`.
  @inline(__always)
  var sigmoid: SIMD8<Float> { 1 / (1 + (-self).exponential) }
}
