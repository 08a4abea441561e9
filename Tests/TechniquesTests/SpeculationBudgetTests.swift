import Techniques
import TestSupport
import Testing

/// What drafting may lose, with costs in place of a machine.
struct SpeculationBudgetTests {
  /// How an answer goes that drafting does no good, by what a tree of it costs above a plain pass.
  private enum Habit: CaseIterable {
    /// Every tree as dear as it may be.
    case burning
    /// Small trees all the time.
    case nibbling
    /// Trees of any size; one guess in four comes true.
    case guessing
    /// Earns for a while, then burns.
    case turning
  }

  /// The worst balance of an answer of `count` tokens, above what plain passes may lose by then.
  private func excess(
    _ budget: inout SpeculationBudget, habit: Habit, count: Int,
    using generator: inout SeededGenerator
  ) -> Double {
    var (tokens, cost, worst) = (0, 0.0, -Double.infinity)
    budget.beginAnswer()
    while tokens < count {
      if budget.isResting || budget.allowance == 0 {
        budget.notePlain()
        tokens += 1
        cost += 1
      } else {
        var decided = 1
        var price = 1.0
        switch habit {
        case .burning: price += budget.allowance
        case .nibbling: price += min(budget.allowance, 0.04)
        case .guessing:
          price += Double.random(in: 0...budget.allowance, using: &generator)
          decided += Int.random(in: 0..<4, using: &generator) == 0 ? 1 : 0
        case .turning where tokens < count / 2: decided = 3
        case .turning: price += budget.allowance
        }
        budget.noteDrafted(tokens: decided, cost: price)
        tokens += decided
        cost += price
      }
      // In a rest looks may take what it brings in beyond a trial, as often as they like.
      if budget.isResting ? budget.isRefilled : Bool.random(using: &generator) {
        let overhead = Double.random(in: 0...0.05, using: &generator)
        budget.noteOverhead(overhead)
        cost += overhead
      }
      let allowed = SpeculationBudget.start + SpeculationBudget.rate * Double(tokens)
      worst = max(worst, cost - Double(tokens) - allowed)
    }
    return worst
  }

  @Test(arguments: 0..<20)
  func `no answer loses more than start and rate allow, whatever is guessed`(seed: UInt64) {
    var generator = SeededGenerator(seed: seed)
    var budget = SpeculationBudget()
    for _ in 0..<20 {
      let habit = Habit.allCases.randomElement(using: &generator) ?? .burning
      let count = Int.random(in: 1...600, using: &generator)
      // What one look for guesses took is known only afterwards.
      #expect(excess(&budget, habit: habit, count: count, using: &generator) < 0.08, "\(habit)")
    }
  }

  @Test func `rests grow while drafting does not pay and shrink again when it does`() {
    var budget = SpeculationBudget()
    var rests: [Int] = []
    for _ in 0..<5 {
      while !budget.isResting { budget.noteDrafted(tokens: 1, cost: 1.1) }
      rests.append(budget.rest)
      while budget.isResting { budget.notePlain() }
    }
    #expect(rests[0] < 30 && rests == rests.sorted() && rests[4] >= 4 * rests[0], "\(rests)")
    for _ in 0..<10 { budget.noteDrafted(tokens: 3, cost: 1.4) }
    #expect(!budget.isResting)
    while !budget.isResting { budget.noteDrafted(tokens: 1, cost: 1.1) }
    #expect((1...rests[0]).contains(budget.rest))
  }

  @Test func `a great loss is made good by a rest to match`() {
    var budget = SpeculationBudget()
    budget.noteDrafted(tokens: 1, cost: 8)
    #expect(Double(budget.rest) * SpeculationBudget.rate > 8 - 1 - SpeculationBudget.start)
  }

  @Test func `nothing may be lost in a rest, and something after it`() {
    var budget = SpeculationBudget()
    #expect(budget.allowance == SpeculationBudget.start)
    budget.noteDrafted(tokens: 1, cost: 1 + SpeculationBudget.start + SpeculationBudget.rate)
    #expect(budget.isResting && budget.allowance == 0)
    #expect(!budget.isRefilled)
    while budget.isResting { budget.notePlain() }
    #expect(budget.isRefilled)
    #expect(budget.allowance > 0.3 && budget.allowance < SpeculationBudget.start)
  }

  @Test func `what looking for guesses takes alone can make drafting rest`() {
    var budget = SpeculationBudget()
    var passes = 0
    while !budget.isResting {
      budget.notePlain()
      budget.noteOverhead(0.05)
      passes += 1
    }
    #expect((20..<100).contains(passes))
  }
}
