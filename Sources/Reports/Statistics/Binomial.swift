import Foundation

/// The tails of the binomial distribution, by the regularised incomplete beta function.
package enum Binomial {
  /// `P(X ≤ k)` for X of the binomial distribution (n, p).
  package static func atMost(_ k: Int, of n: Int, p: Double) -> Double {
    if k >= n || p <= 0 { return 1 }
    if k < 0 || p >= 1 { return 0 }
    return incompleteBeta(1 - p, Double(n - k), Double(k + 1))
  }

  /// `P(X ≥ k)` for X of the binomial distribution (n, p).
  package static func atLeast(_ k: Int, of n: Int, p: Double) -> Double {
    if k <= 0 || p >= 1 && k <= n { return 1 }
    if k > n || p <= 0 { return 0 }
    return incompleteBeta(p, Double(k), Double(n - k + 1))
  }

  /// I_x(a, b), by its continued fraction (Lentz); the fraction takes some √max(a, b) steps.
  private static func incompleteBeta(_ x: Double, _ a: Double, _ b: Double) -> Double {
    if x <= 0 { return 0 }
    if x >= 1 { return 1 }
    if x > (a + 1) / (a + b + 2) { return 1 - incompleteBeta(1 - x, b, a) }
    let logFront =
      lgamma(a + b) - lgamma(a) - lgamma(b) + a * log(x) + b * log1p(-x)
    var c = 1.0
    var d = 1 / nonzero(1 - (a + b) * x / (a + 1))
    var fraction = d
    for m in 1..<20_000 {
      let i = Double(m)
      let even = i * (b - i) * x / ((a + 2 * i - 1) * (a + 2 * i))
      d = 1 / nonzero(1 + even * d)
      c = nonzero(1 + even / c)
      fraction *= d * c
      let odd = -(a + i) * (a + b + i) * x / ((a + 2 * i) * (a + 2 * i + 1))
      d = 1 / nonzero(1 + odd * d)
      c = nonzero(1 + odd / c)
      let step = d * c
      fraction *= step
      if abs(step - 1) < 1e-14 { break }
    }
    return exp(logFront) * fraction / a
  }

  private static func nonzero(_ value: Double) -> Double { abs(value) < 1e-300 ? 1e-300 : value }
}

/// A search by halving.
package enum Bisection {
  /// Where between 0 and 1 a rising claim turns true, to 2^−`steps`; 1 where it never does.
  package static func turn(steps: Int, _ isTrue: (Double) -> Bool) -> ClosedRange<Double> {
    var (low, high) = (0.0, 1.0)
    for _ in 0..<steps {
      let middle = (low + high) / 2
      if isTrue(middle) { high = middle } else { low = middle }
    }
    return low...high
  }
}
