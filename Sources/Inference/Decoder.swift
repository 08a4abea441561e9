import Dials
import Events
import Techniques
import Transformer

/// The text so far, the pass over it, and the one loop that makes it longer.
///
/// Plain decoding, guesses that full depth verifies, and exits taken at their word are the same
/// round; they differ in which rows are in flight and in where a row's descent ends.
final class Decoder {
  private(set) var pass: ForwardPass
  let contextLength: Int
  /// The tokens whose keys and values are in the cache.
  var text: [TokenID] = []
  /// The blocks that were pruned when the cache was filled.
  private(set) var pruned = BlockSet.none
  /// The first position whose rows are not all exact.
  var firstPropagated: Int?
  /// The token behind the text, if a row of the text decided it.
  var nextToken: TokenID?
  /// The first position whose row looked up what lies before its window, as those do that decide a
  /// token and those inside a prompt do not.
  private var firstLookup = 0

  /// The tokens of rows in flight that left early and wait for a deeper token to take them along.
  var waiting: [TokenID] = []
  /// How many blocks each row in flight has passed; never more than its parent.
  var depths: [Int] = []
  /// What the round takes.
  var account = Account()

  /// What passes of several rows cost, for whoever weighs how many drafts are worth a pass. Measured
  /// when it is first read, which must be between rounds. It never changes a text, only how fast the
  /// text comes.
  private(set) lazy var costs: CostTable = pass.measureCosts()
  /// Whether the time that drafting takes beside the passes counts: not where costs are given.
  private let countsOverhead: Bool
  /// Decides what a pass verifies; it remembers from answer to answer. (A lazy property would copy
  /// all that it knows with every change.)
  var planner = DraftPlanner()

  /// The blocks that self-drafts leave out, if a setting asks for such drafts.
  lazy var skips = SkipSetSearch(blockCount: blockCount, pruned: pruned)

  /// Whether the head is read no further than the highest logits need.
  let readsTop: Bool

  init(model: LoadedModel, contextLength: Int, costs: CostTable? = nil, readsTop: Bool = true) {
    self.contextLength = contextLength
    self.readsTop = readsTop
    pass = Self.pass(over: model, contextLength: contextLength)
    countsOverhead = costs == nil
    if let costs { self.costs = costs }
  }

  private static func pass(over model: LoadedModel, contextLength: Int) -> ForwardPass {
    ForwardPass(model.runtime, capacity: contextLength, keepsStreams: true)
  }

  /// Goes on with the adapter of `model`. Keys and values belong to the blocks that computed them:
  /// where these change, the text is forgotten.
  func adopt(_ model: LoadedModel) {
    guard pass.weights.changes != nil || model.weights.changes != nil else {
      return pass.adopt(model.exits)
    }
    truncate(to: 0)
    pass = Self.pass(over: model, contextLength: contextLength)
  }

  var blockCount: Int { pass.blockCount }

  /// Takes the time that drafting took beside the passes from its balance.
  func note(draftingOverhead nanoseconds: Int) {
    if countsOverhead { planner.note(overhead: nanoseconds) }
  }

  /// Keeps what the cache and `prompt` have in common, and forgets the rest and every row that is
  /// not exact, so that what follows never depends on what was tried before. Returns how many
  /// tokens are kept; at least one is left to read. Where what comes next would see forgotten rows,
  /// all is read again.
  func rewind(to prompt: [TokenID], pruned: BlockSet, reach: ReachSetting = .full) -> Int {
    var common = zip(text, prompt).prefix { $0 == $1 }.count
    common = min(common, prompt.count - 1, firstPropagated ?? .max)
    if reach.lookups > 0 { common = min(common, firstLookup) }
    // The row before says by how much a token surprises.
    let known = common < text.count ? text[common] : nextToken
    if pass.remembers, common > 0, known != prompt[common] { common -= 1 }
    firstLookup = prompt.count - 1
    if pruned != self.pruned || reach != pass.reach || !pass.canContinue(from: common) {
      common = 0
    }
    self.pruned = pruned
    truncate(to: common)
    if reach != pass.reach { pass.reset(reach: reach) }
    return common
  }

  /// Forgets the text from position `count` on.
  func truncate(to count: Int) {
    pass.truncate(to: count)
    depths = []
    waiting = []
    if count < text.count { nextToken = nil }
    text.removeLast(text.count - min(count, text.count))
    if let first = firstPropagated, first >= text.count { firstPropagated = nil }
  }

  /// Reads `tokens` at full depth, as many as fit one pass, and returns how many were read. With
  /// `capture`, the streams are captured, and every row decides a token; else the last of `tokens` does.
  func read(_ tokens: ArraySlice<TokenID>, capture: Bool = false) -> Int {
    let part = tokens.prefix(pass.flightLimit)
    nextToken = nil
    pass.appendChain(part, looksUpFrom: capture ? 0 : tokens.count - 1)
    pass.run(
      rows: 0..<part.count, blocks: 0..<blockCount, route: Route(pruned: pruned), capture: capture)
    pass.noteSurprises(of: tokens.dropFirst().prefix(part.count))
    return part.count
  }

  /// The token that follows the rows of `read`, which are `tokens`: decided at full depth.
  func decideFirst(after tokens: ArraySlice<TokenID>, plan: Plan) -> Round {
    beginAccount()
    let logits = book(.head) { fullLogits(rows: [tokens.count - 1], plan: plan) }
    let choice = choose(
      logits, row: 0, after: tokens.count - 1, drafts: Array(tokens.dropFirst()), plan: plan)
    var round = Round()
    round.decisions = [
      decision(choice, logits: logits, row: 0, depth: blockCount, plan: plan)
    ]
    round.decisions[0].reading = pass.reading(row: tokens.count - 1)
    // The prompt's row that decides has run with the others; it is counted as if alone.
    let whole = pass.weights.denseWork(
      at: text.count + tokens.count - 1, pruned: pruned, reach: pass.reach)
    account[.blocks].work = whole - pass.weights.headWork
    finish(&round, after: text.count + tokens.count)
    return round
  }

  /// Makes the rows of `read` part of the text.
  func keep(_ tokens: ArraySlice<TokenID>) {
    pass.commit(path: Array(0..<tokens.count), route: Route(pruned: pruned))
    text.append(contentsOf: tokens)
  }

  /// What `body` makes of the text with `tokens` behind it. The text is not copied: it may be long.
  func extending<Result>(by tokens: [TokenID], _ body: () -> Result) -> Result {
    text.append(contentsOf: tokens)
    defer { text.removeLast(tokens.count) }
    return body()
  }

  // MARK: - One round

  /// One round: `root` is the last token decided, whose keys and values are not there yet.
  ///
  /// Draft, one pass over root and guesses, walk along the guesses that came true, commit their rows,
  /// learn. Without guesses it is plain decoding.
  func round(root: TokenID, plan: Plan) -> Round {
    beginAccount()
    var round = Round()
    if plan.takesExits { return shallowRound(root: root, plan: plan) }
    depths = []
    let rests = plan.drafts.isAuto && planner.rest > 0
    var drafts = plan.draftsBySkip && !rests ? skipDrafts(root: root, plan: plan) : []
    append(root, after: nil)
    var descent =
      plan.draftsByExit && drafts.isEmpty && !rests
      ? descend(plan) : Descent(depth: blockCount)
    if drafts.isEmpty {
      drafts = exitDrafts(from: &descent, plan: plan)
    } else {
      for (row, draft) in drafts.enumerated() { append(draft.token, after: row) }
    }
    round.tree = plant(drafts, root: root, plan: plan)
    if round.tree.count > 0 {
      round.draftLayers = drafts.map(\.line.executedCount).max() ?? 0
      round.draftMicroseconds = account.elapsed / 1000
    }
    let path = walk(drafts, first: descent, plan: plan, into: &round)
    finish(&round, after: text.count + 1)
    pass.commit(path: path, route: Route(pruned: pruned))
    text.append(root)
    text.append(contentsOf: round.decisions.dropLast().map(\.token))
    depths = []
    return round
  }

  /// Numbers the decisions, whose first position is `first`, and closes the accounts.
  func finish(_ round: inout Round, after first: Int) {
    for index in round.decisions.indices {
      round.decisions[index].position = Position(first + index)
    }
    round.rejected?.position = Position(first + round.decisions.count - 1)
    nextToken = round.decisions.last?.token
    if pass.remembers {
      for decision in round.decisions {
        pass.note(surprise: decision.surprise, at: decision.position.rawValue)
      }
    }
    account.close()
    round.account = account
    let count = first + round.decisions.count - 1
    round.cacheUsed = pass.cache.heldCount(positions: count)
    round.cacheBytes = pass.cache.byteCount(positions: count)
  }
}
