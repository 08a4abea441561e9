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
    lower =
      successes <= 0 || trials <= 0
      ? 0 : Self.place { Binomial.atLeast(successes, of: trials, p: $0) >= tail }
    upper =
      successes >= trials || trials <= 0
      ? 1 : Self.place { Binomial.atMost(successes, of: trials, p: $0) <= tail }
  }

  private static func place(_ isTrue: (Double) -> Bool) -> Double {
    let turn = Bisection.turn(steps: 60, isTrue)
    return (turn.lowerBound + turn.upperBound) / 2
  }
}
