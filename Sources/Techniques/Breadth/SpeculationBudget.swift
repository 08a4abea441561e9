/// Sees to it that drafting never costs much, whatever is drafted: it may lose what the balance holds,
/// and rests when that is spent.
///
/// The balance is in plain passes. Every token adds `rate`; a pass with drafts adds the tokens that it
/// decided and takes what it cost; looking for draft tokens and learning take their time too. A tree may
/// cost no more than the balance holds should no draft token come true (`allowance`). So n tokens of an
/// answer never take longer than they would plainly by more than `start + rate · n` passes, which is
/// 2.4 % of 256, as far as the costs are right. Much of that is there from the start, because an answer's
/// first draft tokens tell the drafters what the later ones are worth.
package struct SpeculationBudget: Hashable, Sendable {
  /// The most that an answer begins with.
  package static let start = 2.5
  /// The most that earlier draft tokens of an answer can earn for later ones: what was won may be risked.
  private static let ceiling = 10.0
  /// What every token adds.
  package static let rate = 0.014
  /// A rest begins when the balance holds less.
  private static let least = 0.05
  /// What a rest brings together, if it is not earned.
  private static let trial = 0.4
  /// A balance that shows that drafting pays again.
  private static let recovered = 1.5
  private static let longest = 256

  /// Passes left to rest.
  package private(set) var rest = 0
  /// The rest before, doubled; 0 once something was earned.
  private var next = 0
  private var balance = Self.start

  /// A drafter that is awake.
  package init() {}

  /// An answer begins: it must not lose what others earned.
  package mutating func beginAnswer() { balance = min(balance, Self.start) }

  /// Whether the next pass is a plain one.
  package var isResting: Bool { rest > 0 }

  /// Whether there is enough for a trial; what a rest brings in beyond that may be spent on looks.
  package var isRefilled: Bool { balance >= Self.trial }

  /// By how many plain passes the next pass may cost more than one, should no draft token come true.
  package var allowance: Double { isResting ? 0 : max(0, balance) }

  /// Notes a pass with drafts that decided `tokens` at the cost of `cost` plain passes.
  package mutating func noteDrafted(tokens: Int, cost: Double) {
    balance = min(Self.ceiling, balance + Double(tokens) * (1 + Self.rate) - cost)
    if balance >= Self.recovered { next = 0 }
    restIfSpent()
  }

  /// Notes a plain pass.
  package mutating func notePlain() {
    balance = min(max(balance, isResting ? Self.trial : Self.start), balance + Self.rate)
    rest = max(0, rest - 1)
    restIfSpent()
  }

  /// Notes time that drafting took beside the passes, in plain passes.
  package mutating func noteOverhead(_ cost: Double) {
    balance -= cost
    restIfSpent()
  }

  /// A rest lasts until there is enough for a trial; those in a row grow.
  private mutating func restIfSpent() {
    guard !isResting, balance < Self.least else { return }
    let refill = Int(((Self.trial - balance) / Self.rate).rounded(.up))
    rest = max(refill, min(Self.longest, next))
    next = 2 * rest
  }
}
