import Reports
import Testing

struct BinomialTests {
  // Expected values: the binomial tails summed exactly.
  @Test(arguments: [
    (3, 10, 0.5, 0.171875), (0, 20, 0.05, 0.3584859224085422),
    (37, 1000, 0.05, 0.030664390047928355), (12, 1000, 0.02, 0.037604810397184885),
    (60, 1000, 0.05, 0.9329374813666921), (970, 20000, 0.05, 0.16935260623943593),
  ])
  func `the binomial tail is the exact one`(k: Int, n: Int, p: Double, tail: Double) {
    #expect(abs(Binomial.atMost(k, of: n, p: p) - tail) < 1e-10)
    #expect(abs(Binomial.atLeast(k + 1, of: n, p: p) - (1 - tail)) < 1e-10)
  }

  @Test(arguments: [0.01, 0.3, 0.5, 0.97]) func `the tails are sums of the terms`(p: Double) {
    let n = 30
    var (term, sum) = ((0..<n).reduce(1.0) { product, _ in product * (1 - p) }, 0.0)
    for k in 0..<n {
      sum += term
      #expect(abs(Binomial.atMost(k, of: n, p: p) - sum) < 1e-12)
      #expect(abs(Binomial.atLeast(k + 1, of: n, p: p) - (1 - sum)) < 1e-12)
      term *= Double(n - k) / Double(k + 1) * p / (1 - p)
    }
  }

  // Expected values: the terms near the limit summed, each by logarithms of the gamma function.
  @Test(arguments: [(50_000, 0.5011898039), (49_782, 0.1591502652)])
  func `the tail of a million trials is as exact as the gamma function`(k: Int, tail: Double) {
    #expect(abs(Binomial.atMost(k, of: 1_000_000, p: 0.05) - tail) < 1e-8)
  }

  @Test func `the binomial tail has its ends`() {
    #expect(Binomial.atMost(5, of: 5, p: 0.3) == 1)
    #expect(Binomial.atMost(-1, of: 5, p: 0.3) == 0)
    #expect(Binomial.atMost(2, of: 5, p: 0) == 1)
    #expect(Binomial.atMost(2, of: 5, p: 1) == 0)
    #expect(Binomial.atMost(0, of: 0, p: 0.3) == 1)
    #expect(Binomial.atLeast(0, of: 5, p: 0) == 1)
    #expect(Binomial.atLeast(6, of: 5, p: 1) == 0)
    #expect(Binomial.atLeast(5, of: 5, p: 1) == 1)
    #expect(Binomial.atLeast(1, of: 5, p: 0) == 0)
  }

  // Expected values: the binomial tails summed exactly and bisected, in double precision.
  @Test(arguments: [
    (181, 187, 0.931474520785, 0.988135881916), (0, 10, 0, 0.308497107819),
    (10, 10, 0.691502892181, 1),
    (5, 10, 0.187086028447, 0.812913971553), (1, 1000, 2.531748749e-5, 0.005558924280),
    (1, 1, 0.025, 1),
  ])
  func `the interval is that of Clopper and Pearson`(k: Int, n: Int, lower: Double, upper: Double) {
    let interval = BinomialInterval(successes: k, of: n)
    #expect(abs(interval.lower - lower) < 1e-9)
    #expect(abs(interval.upper - upper) < 1e-9)
  }

  @Test func `an interval always holds the share that was counted`() {
    for n in 1...60 {
      for k in 0...n {
        let interval = BinomialInterval(successes: k, of: n)
        let share = Double(k) / Double(n)
        #expect(interval.lower <= share && share <= interval.upper)
      }
    }
    #expect(BinomialInterval(successes: 0, of: 0) == BinomialInterval(successes: 0, of: -1))
  }

  @Test func `halving finds where a claim turns true`() {
    let turn = Bisection.turn(steps: 40) { $0 * $0 >= 0.5 }
    #expect(turn.contains(0.5.squareRoot()) && turn.upperBound - turn.lowerBound < 1e-11)
    #expect(Bisection.turn(steps: 17) { _ in false }.upperBound == 1)
  }
}
