import Techniques
import Testing

/// Whether a drafter that costs something to ask is asked.
struct LookBalanceTests {
  /// In how many of 800 rounds it is asked, where it hits in one of `every`.
  private func asked(cost: Double, every: Int) -> Int {
    var balance = LookBalance()
    var count = 0
    for _ in 0..<800 where balance.asks() {
      count += 1
      balance.note(cost: cost, hits: count % every == 0 ? 1 : 0)
    }
    return count
  }

  @Test func `who pays is always asked, and who does not only now and then`() {
    #expect(asked(cost: 0.05, every: 4) == 800)
    #expect(asked(cost: 0.3, every: 3) > 700)
    let seldom = asked(cost: 0.2, every: .max)
    #expect((200...212).contains(seldom), "\(seldom)")
  }

  @Test func `an answer begins with a chance`() {
    var balance = LookBalance()
    var asked = 0
    for _ in 0..<20 where balance.asks() {
      asked += 1
      balance.note(cost: 0.5, hits: 0)
    }
    balance.beginAnswer()
    let fresh = balance.asks()
    #expect(asked < 10 && fresh)
  }
}
