package import Dials

/// Decides what a pass verifies, and learns from what it found out.
///
/// Between rounds it keeps the drafters with all that they have learned, how often their draft tokens came
/// true, what passes cost, and whether drafting pays at all. It never sees the model. What it does
/// depends on earlier answers, and on times only where an answer asks for that; the text never does.
package struct DraftPlanner: Sendable {
  /// The most probable tokens that drafters want to see at every row.
  package static let choiceCount = 10

  /// What is put down to drafting of the time beside a pass, in plain passes: more was another program.
  private static let mostOverhead = 0.5
  /// What drafting takes beside a pass where no clock says it, in plain passes: to look for draft tokens
  /// and to learn, and for each row to read its most probable tokens. Measured with everyone of `auto` on
  /// answers of the default model (Zen 5, one thread and two): 0.013 to 0.019 beside a pass of one row,
  /// 0.036 to 0.050 beside one of four, 0.067 beside one of eight.
  private static let overhead = (look: 0.01, row: 0.008)
  /// What it takes to show the drafters a token of a prompt: measured likewise, 0.00045 to 0.00065.
  private static let promptOverhead = 0.0005

  var drafters: [any Drafter] = []
  /// Drafters with tables that the setting does not name.
  var kept = KeptDrafters()
  /// Whether a pass was learned from since tables were restored.
  var hasLearned = false
  /// Whether nothing was restored, and nothing of another model forgotten.
  package var isNew = true
  private var isNamed = false
  private var limit: Int?
  /// How often draft tokens come true.
  package private(set) var acceptance = AcceptanceTable()
  /// What passes cost: always the same, or learned where the times of passes count.
  package private(set) var cost: PassCost?
  /// What was learned of that, for the next answer in which times count.
  private var learnedCost: PassCost?
  /// Whether the times of passes count.
  private var isTimed = false
  private var reach = ReachSetting.full
  private var budget = SpeculationBudget()
  private var growth: TreeBuilder.Growth?
  /// Whether the last tree was one that a drafter insisted on. Such a drafter is there to be looked
  /// at: it never rests.
  private var isOwnTree = false
  /// Positions of text behind which the last pass stood.
  private var positionCount = 0
  /// Nanoseconds beside the passes that are not in the balance yet.
  private var owed = 0.0
  /// How often a drafter that costs something was asked for the last tree, and what it took.
  package private(set) var lookCount = 0
  private var lookCost = 0.0
  /// Whether such a drafter earns what it costs.
  private var lookBalance = LookBalance()

  /// A planner without drafters.
  package init() {}

  /// Whether there is somebody to ask.
  package var isActive: Bool { !drafters.isEmpty }

  /// Passes that drafting rests for, because it did not pay.
  package var rest: Int { budget.rest }

  /// Whether there is something to learn from the next pass. While drafting rests, the last pass is
  /// enough to keep up, and one in four where there is no debt to pay: what looking costs must not add
  /// up.
  package var isWatching: Bool {
    let isTurn = budget.rest == 1 || budget.rest % 4 == 1 && budget.isRefilled
    return isActive && (!budget.isResting || isTurn)
  }

  /// An answer to `text` begins, with these drafters; those that were there before keep what they
  /// know. If a person named them, they get the windows they ask for. `cost` is what passes cost; with
  /// `isTimed` their times say more of that, and what earlier ones said goes before it. `reach` says how
  /// much of the text a pass attends to.
  package mutating func begin(
    _ text: [TokenID], drafters: [any Drafter], isNamed: Bool, limit: Int?, cost: PassCost,
    isTimed: Bool = false, reach: ReachSetting = .full
  ) {
    if self.isTimed { learnedCost = self.cost }
    self.cost = isTimed ? learnedCost ?? cost : cost
    self.reach = reach
    if drafters.map(\.source) != self.drafters.map(\.source) || isTimed != self.isTimed {
      budget = SpeculationBudget()
    }
    self.isTimed = isTimed
    kept.keep(self.drafters.filter { old in !drafters.contains { $0.source == old.source } })
    self.drafters = drafters.map { drafter in
      self.drafters.first { $0.source == drafter.source } ?? kept.take(like: drafter)
    }
    self.isNamed = isNamed
    self.limit = limit
    growth = nil
    budget.beginAnswer()
    lookBalance.beginAnswer()
    positionCount = attended(text.count)
    for index in self.drafters.indices { self.drafters[index].begin(text) }
    if isActive { charge(Double(text.count) * Self.promptOverhead) }
  }

  /// Takes what drafting takes beside the passes by the table from the balance, where no clock says it.
  private mutating func charge(_ overhead: Double) {
    if !isTimed { budget.noteOverhead(min(overhead, Self.mostOverhead)) }
  }

  /// Positions that a pass behind so many attends to.
  package func attended(_ positions: Int) -> Int {
    positions > 0 ? reach.attended(at: positions - 1) : 0
  }

  /// Whether some drafter reads the stream in which the last token was decided.
  package var readsStream: Bool { drafters.contains { $0.lookCost > 0 } }

  /// The tree that the next pass verifies behind `text`, whose last token was decided in `stream`. `trunk` is
  /// part of it in any case.
  package mutating func tree(
    after text: [TokenID], stream: [Float]? = nil, trunk: DraftTree, limits: TreeBuilder.Limits
  ) -> DraftTree {
    (lookCount, lookCost) = (0, 0)
    guard isActive, let cost else { return trunk }
    let asksHead = stream != nil && !budget.isResting && (isNamed || lookBalance.asks())
    var limits = limits
    limits.count = min(limits.count, limit ?? .max, cost.rowLimit - 1)
    var builder = TreeBuilder(
      drafters: drafters, acceptance: acceptance, text: text, stream: asksHead ? stream : nil)
    defer {
      drafters = builder.drafters
      (lookCount, lookCost) = builder.looks
      charge(lookCost)
    }
    let path = DraftPath(text: text)
    let own = drafters.lazy.compactMap { $0.tree(after: path) }.first
      .map { limits.isChain ? $0.spine : $0 }
    isOwnTree = own != nil
    if let own {
      growth = nil
      // As it is, with draft tokens that say the same, if there is nothing to join it to.
      if trunk.count == 0, own.fits(depth: limits.depth, count: limits.count) { return own }
      var tree = trunk
      tree.graft(own, depth: limits.depth, count: limits.count)
      return tree
    }
    if budget.isResting {
      growth =
        isWatching
        ? TreeBuilder.Growth(
          tree: trunk, places: [builder.candidates(after: nil, in: trunk, reached: 1)])
        : nil
      return trunk
    }
    let positions = attended(text.count)
    // Should no draft token come true, no more may be lost than the balance holds.
    let most = 1 + budget.allowance
    limits.count =
      (0..<max(0, limits.count)).prefix {
        cost.cost(rows: $0 + 2, positions: positions) <= most
      }.count
    var start = isNamed ? widened(trunk, path: path, limits: limits) : trunk
    if limits.isChain { start = start.spine }
    let grown = builder.grow(from: start, limits: limits) {
      cost.cost(rows: $0, positions: positions)
    }
    growth = grown
    return grown.tree
  }

  /// The trunk with the windows of those who ask for one.
  private func widened(
    _ trunk: DraftTree, path: DraftPath, limits: TreeBuilder.Limits
  ) -> DraftTree {
    var tree = trunk
    for drafter in drafters {
      let window = DraftTree(chain: drafter.window(after: path), source: drafter.source)
      tree.graft(window, depth: limits.depth, count: limits.count)
    }
    return tree
  }

  /// Takes in a pass that no drafter learned from, behind so many positions of text. `nanoseconds` is
  /// nil for a pass that did not run every block: it says nothing of what passes cost.
  package mutating func learn(fromPassBehind positions: Int, nanoseconds: Int? = nil) {
    positionCount = attended(positions)
    if isTimed, let nanoseconds {
      cost?.observe(rows: 1, positions: positionCount, nanoseconds: nanoseconds)
    }
    budget.notePlain()
    noteLooks(rowCost: 0, hits: 0)
    growth = nil
  }

  /// Puts down what the looks of a round came to.
  private mutating func noteLooks(rowCost: Double, hits: Int) {
    if lookCount > 0 { lookBalance.note(cost: lookCost + rowCost, hits: hits) }
    (lookCount, lookCost) = (0, 0)
  }

  /// Takes in the time that drafting took beside the passes: to look for draft tokens, and to learn.
  package mutating func note(overhead nanoseconds: Int) {
    owed = isOwnTree || !isTimed ? 0 : owed + Double(nanoseconds)
    guard isActive, isTimed, let plain = cost?.nanoseconds(behind: positionCount) else { return }
    budget.noteOverhead(min(owed / plain, Self.mostOverhead))
    owed = 0
  }

  /// Takes in what a pass over the last tree found out, and how long it took without what drafting
  /// took beside it: nil where times do not count, or for one that did not run every block. `trunkCost`
  /// is what the model's own drafts cost before, in plain passes.
  package mutating func learn(
    from pass: VerifiedPass, nanoseconds: Int? = nil, trunkCost: Double = 0
  ) {
    guard isActive, var cost else { return }
    hasLearned = true
    let positions = attended(pass.oldCount)
    positionCount = positions
    let rows = pass.tree.count + 1
    let nanoseconds = isTimed && trunkCost == 0 ? nanoseconds : nil
    if let nanoseconds {
      cost.observe(rows: rows, positions: positions, nanoseconds: nanoseconds)
      self.cost = cost
    }
    if pass.tree.count == 0 {
      budget.notePlain()
    } else if !isOwnTree {
      budget.noteDrafted(
        tokens: pass.accepted.count + 1,
        cost: trunkCost + cost.paid(rows: rows, positions: positions, nanoseconds: nanoseconds))
    }
    let costly = Set(drafters.filter { $0.lookCost > 0 }.map(\.source))
    let own = pass.tree.nodes.count { costly.contains($0.source) }
    noteLooks(
      rowCost: cost.cost(rows: rows, positions: positions)
        - cost.cost(rows: rows - own, positions: positions),
      hits: pass.accepted.count { costly.contains(pass.tree.nodes[$0].source) })
    for depth in 0...pass.accepted.count {
      let place = depth == 0 ? 0 : pass.accepted[depth - 1] + 1
      note(place: place, depth: depth, token: pass.text[pass.oldCount + depth])
    }
    growth = nil
    for index in drafters.indices { drafters[index].learn(from: pass) }
    if !isOwnTree { charge(Self.overhead.look + Self.overhead.row * Double(rows)) }
  }

  /// Notes which draft token for a place that was reached came true. Those behind it were not put to the
  /// test: a bin is measured where nothing better was right.
  private mutating func note(place: Int, depth: Int, token: TokenID) {
    guard let growth, growth.places.indices.contains(place) else { return }
    for candidate in growth.places[place] {
      let isHit = candidate.token == token
      acceptance.add(
        source: candidate.source, bin: candidate.bin, depth: depth, isHit: isHit)
      if isHit { break }
    }
  }
}
