import Foundation

/// The exact interval for a share that was counted: C. Clopper, E. S. Pearson, "The use of confidence
/// or fiducial limits illustrated in the case of the binomial", Biometrika 26 (1934).
package struct BinomialInterval: Hashable, Sendable {
  /// The lower end, 0...1.
  package let lower: Double
  /// The upper end, 0...1.
  package let upper: Double

  /// The interval that holds the true share with at least `confidence`, after `successes` of `trials`.
  package init(successes: Int, of trials: Int, confidence: Double = 0.95) {
    let tail = (1 - confidence) / 2
    let k = Double(successes)
    let n = Double(trials)
    lower = successes <= 0 || trials <= 0 ? 0 : Self.quantile(tail, k, n - k + 1)
    upper = successes >= trials || trials <= 0 ? 1 : Self.quantile(1 - tail, k + 1, n - k)
  }

  /// The x at which the beta distribution (a, b) has reached `share`, by bisection.
  private static func quantile(_ share: Double, _ a: Double, _ b: Double) -> Double {
    var low = 0.0
    var high = 1.0
    for _ in 0..<60 {
      let middle = (low + high) / 2
      if incompleteBeta(middle, a, b) < share { low = middle } else { high = middle }
    }
    return (low + high) / 2
  }

  /// The regularised incomplete beta function I_x(a, b), by its continued fraction (Lentz).
  private static func incompleteBeta(_ x: Double, _ a: Double, _ b: Double) -> Double {
    if x <= 0 { return 0 }
    if x >= 1 { return 1 }
    if x > (a + 1) / (a + b + 2) { return 1 - incompleteBeta(1 - x, b, a) }
    let logFront =
      lgamma(a + b) - lgamma(a) - lgamma(b) + a * log(x) + b * log1p(-x)
    let tiny = 1e-300
    var c = 1.0
    var d = 1 / max(tiny, 1 - (a + b) * x / (a + 1))
    var fraction = d
    for m in 1..<500 {
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
