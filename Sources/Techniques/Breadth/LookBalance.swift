/// Whether a drafter that costs something to ask earns what it costs, counted in plain passes.
///
/// Looks and the rows of its draft tokens cost; a draft token that comes true saves a pass. While the balance is
/// spent the drafter is asked now and then only, so that one that does not pay takes nothing from the others.
package struct LookBalance: Hashable, Sendable {
  /// Bounds of the balance: what was long ago does not count for ever.
  private static let bounds = -0.25...2.0
  /// With what an answer begins at least.
  private static let start = 0.5
  /// Of so many rounds one asks while the balance is spent.
  private static let interval = 4

  private var balance = start
  private var passedOver = 0

  /// A balance with what an answer begins with.
  package init() {}

  /// An answer begins.
  package mutating func beginAnswer() { balance = max(balance, Self.start) }

  /// Whether the drafter is asked in this round.
  package mutating func asks() -> Bool {
    passedOver = balance > 0 ? 0 : (passedOver + 1) % Self.interval
    return passedOver == 0
  }

  /// Notes what a round's looks and rows cost, and how many of their draft tokens came true.
  package mutating func note(cost: Double, hits: Int) {
    let sum = balance + Double(hits) - cost
    balance = min(max(sum, Self.bounds.lowerBound), Self.bounds.upperBound)
  }
}
