/// Stops drafting for a while when it did not pay, and for longer each time in a row.
///
/// What counts is the balance: tokens decided, less the plain passes that the same time would have
/// allowed. So drafting never costs more than a few passes in a hundred.
package struct CoolDown: Hashable, Sendable {
  /// The balance, in plain passes, at which drafting rests.
  private static let limit = -1.2
  /// The balance after a rest: less can be lost then, until something is earned.
  private static let afterRest = -0.8
  /// The most that a lucky stretch is worth later on.
  private static let ceiling = 1.5
  private static let shortest = 8
  private static let longest = 256
  /// The share of the passes that follow that a loss beyond the limit may be.
  private static let share = 0.015

  /// Passes left to rest.
  package private(set) var rest = 0
  private var next = Self.shortest
  private var balance = 0.0

  /// A drafter that is awake.
  package init() {}

  /// Whether the next pass is a plain one.
  package var isResting: Bool { rest > 0 }

  /// Notes a pass with drafts that decided `tokens` at the cost of `cost` plain passes.
  package mutating func noteDrafted(tokens: Int, cost: Double) {
    balance = min(Self.ceiling, balance + Double(tokens) - cost)
    if balance >= Self.ceiling { next = Self.shortest }
    guard balance < Self.limit else { return }
    // A great loss at once takes long to make good.
    rest = min(Self.longest, max(next, Int((Self.limit - balance) / Self.share)))
    next = min(Self.longest, rest * 2)
    balance = Self.afterRest
  }

  /// Notes a plain pass.
  package mutating func notePlain() { rest = max(0, rest - 1) }
}
