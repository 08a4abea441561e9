import Testing
import Transformer

@Suite struct CostTableTests {
  @Test func `a cost never falls as rows are added, whatever the clock said`() {
    let table = CostTable(times: [2, 2.2, 2.1, 2.4, 3, 2.9, 4, 5, 9])
    let costs = (1...40).map { table.cost(of: $0) }
    #expect(zip(costs, costs.dropFirst()).allSatisfy { $0 <= $1 })
    #expect(costs[0] == 1)
  }

  @Test func `between measured counts a cost lies on the line, beyond them on its continuation`() {
    let table = CostTable(times: [1, 2, 3, 4, 6, 8, 12, 16, 32])
    for count in 1...64 { #expect(abs(table.cost(of: count) - Double(count)) < 1e-12) }
    #expect(table.cost(of: 0) == 0)
  }
}
