import Dials
import Pruning
import TestSupport
import Testing

struct SearchInterruptionTests {
  @Test(arguments: PruningMethod.allCases)
  func `a search that was stopped goes on as if it had not been`(method: PruningMethod) throws {
    try TinySearch().run { search, dense in
      let whole = try search.run(method, count: 3, seed: 2, dense: dense)
      for first in 0...3 {
        let again = try search.run(
          method, count: 3, seed: 2, dense: dense, from: Array(whole.prefix(first)))
        #expect(again == whole)
      }
    }
  }

  @Test func `progress stops the search within a candidate, and made steps stay`() throws {
    try TinySearch().run { search, dense in
      let whole = try search.run(.sleb, count: 3, dense: dense)
      var made: [PruningStep] = []
      var calls = 0
      let steps = try search.run(.sleb, count: 3, dense: dense, made: { made.append($0) }) {
        calls += $0.steps.count == 1 ? 1 : 0
        return calls < 3
      }
      #expect(calls == 3)
      #expect(steps == Array(whole.prefix(1)))
      #expect(made == steps)
    }
  }

  @Test func `progress grows to one and shows what is known`() throws {
    try TinySearch().run { search, dense in
      var fractions: [Double] = []
      var costCounts: [Int] = []
      _ = try search.run(
        .sleb, count: 2, dense: dense,
        progress: {
          fractions.append($0.fraction)
          costCounts.append($0.costs.count)
          return true
        })
      #expect(fractions == fractions.sorted())
      #expect(fractions.first == 0)
      #expect((fractions.last ?? 0) > 0.99)
      #expect(costCounts.max() == 4)
    }
  }
}
