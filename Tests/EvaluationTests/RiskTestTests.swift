import Evaluation
import TestSupport
import Testing

/// Bounds on how often something is wrong.
struct RiskTestTests {
  @Test func `the upper bound of no error in n tokens is that of the rule of three`() {
    let errors = ErrorCounts(counts: [300], misses: [0])
    // 1 − 0.05^(1/300)
    #expect(
      abs(RiskTest.tokens(effect: 1).upperBound(errors, confidence: 0.95) - 0.00993607) < 2e-5)
    #expect(abs(RiskTest.tokens(effect: 3).upperBound(errors, confidence: 0.95) - 0.0295130) < 2e-5)
  }

  @Test func `answers that are all right or all wrong have the effect of their length`() {
    let counts = Array(repeating: 20, count: 400)
    var generator = SeededGenerator(seed: 3)
    let whole = counts.map { Int.random(in: 0..<10, using: &generator) == 0 ? $0 : 0 }
    let effect = RiskTest.designEffect([ErrorCounts(counts: counts, misses: whole)])
    #expect(abs(effect - 20) < 1)
    let single = counts.map { count in
      (0..<count).count { _ in Int.random(in: 0..<10, using: &generator) == 0 }
    }
    #expect(RiskTest.designEffect([ErrorCounts(counts: counts, misses: single)]) < 1.3)
  }

  /// Errors of answers of which each has a risk of its own; `mean` on average.
  private func errors(
    mean: Double, answers: Int, using generator: inout SeededGenerator
  ) -> ErrorCounts {
    let counts = (0..<answers).map { _ in Int.random(in: 5...60, using: &generator) }
    let misses = counts.map { count -> Int in
      let risk = mean * (Bool.random(using: &generator) ? 0.2 : 1.8)
      return (0..<count).count { _ in Double.random(in: 0..<1, using: &generator) < risk }
    }
    return ErrorCounts(counts: counts, misses: misses)
  }

  @Test func `where the risk is the limit, few tests say that it is below`() {
    var generator = SeededGenerator(seed: 17)
    let trials = 400
    var passed = (tokens: 0, answers: 0, naive: 0)
    for _ in 0..<trials {
      let other = errors(mean: 0.05, answers: 200, using: &generator)
      let sample = errors(mean: 0.05, answers: 200, using: &generator)
      let effect = RiskTest.designEffect([other])
      passed.tokens += RiskTest.tokens(effect: effect).p(sample, limit: 0.05) <= 0.1 ? 1 : 0
      passed.answers += RiskTest.answers.p(sample, limit: 0.05) <= 0.1 ? 1 : 0
      passed.naive += RiskTest.tokens(effect: 1).p(sample, limit: 0.05) <= 0.1 ? 1 : 0
    }
    // 10 % are allowed; three standard errors of 400 trials are 4.5 %.
    #expect(passed.tokens <= 58)
    #expect(passed.answers <= 58)
    #expect(passed.naive >= passed.tokens)
  }

  @Test func `where the risk is far below the limit, nearly all tests say so`() {
    var generator = SeededGenerator(seed: 18)
    for _ in 0..<40 {
      let sample = errors(mean: 0.02, answers: 400, using: &generator)
      #expect(RiskTest.tokens(effect: 2).p(sample, limit: 0.05) < 1e-6)
      #expect(RiskTest.answers.p(sample, limit: 0.05) < 0.01)
    }
  }
}
