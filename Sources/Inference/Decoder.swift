import Dials
import Events
import Techniques
import Transformer

/// The text so far, the pass over it, and the one loop that makes it longer.
///
/// Plain decoding, drafts that full depth verifies, and exits taken at their word are the same
/// round; they differ in where a row's descent ends and in what is done then.
final class Decoder {
  let pass: ForwardPass
  let contextLength: Int
  /// The tokens whose keys and values are in the cache.
  private(set) var text: [TokenID] = []
  /// The blocks that were pruned when the cache was filled.
  private(set) var pruned = BlockSet.none
  /// The first position whose rows are not all exact.
  private var firstPropagated: Int?

  /// How many blocks each row in flight has passed; never more than its parent.
  var depths: [Int] = []
  var stopwatch = Stopwatch()

  /// What passes of several rows cost, for whoever weighs how many drafts are worth a pass. Measured
  /// when it is first read, which must be between rounds. It never changes a text, only how fast the
  /// text comes.
  private(set) lazy var costs: CostTable = pass.measureCosts()

  init(model: LoadedModel, contextLength: Int, costs: CostTable? = nil) {
    self.contextLength = contextLength
    pass = ForwardPass(
      weights: model.weights, capacity: contextLength, kernels: model.kernels, crew: model.crew,
      keepsStreams: true)
    if let costs { self.costs = costs }
  }

  var blockCount: Int { pass.blockCount }

  /// Keeps what the cache and `prompt` have in common, and forgets the rest and every row that is
  /// not exact, so that what follows never depends on what was tried before. Returns how many
  /// tokens are kept; at least one is left to read.
  func rewind(to prompt: [TokenID], pruned: BlockSet) -> Int {
    var common = zip(text, prompt).prefix { $0 == $1 }.count
    common = min(common, prompt.count - 1, firstPropagated ?? .max)
    if pruned != self.pruned { common = 0 }
    self.pruned = pruned
    truncate(to: common)
    return common
  }

  /// Forgets the text from position `count` on.
  func truncate(to count: Int) {
    pass.truncate(to: count)
    depths = []
    text.removeLast(text.count - min(count, text.count))
    if let first = firstPropagated, first >= text.count { firstPropagated = nil }
  }

  /// Reads `tokens` at full depth, as many as fit one pass, and returns how many were read. With
  /// `keep`, the streams are captured and the logits of every row are there when it returns.
  func read(_ tokens: ArraySlice<TokenID>, capture: Bool = false) -> Int {
    let part = tokens.prefix(pass.rowCapacity)
    let start = text.count
    for (offset, token) in part.enumerated() {
      pass.append(
        Row(
          token: token, position: Position(start + offset), parent: offset == 0 ? nil : offset - 1))
    }
    pass.run(rows: 0..<part.count, blocks: 0..<blockCount, pruned: pruned, capture: capture)
    return part.count
  }

  /// The token that follows the rows of `read`, which are `tokens`: decided at full depth.
  func decideFirst(after tokens: ArraySlice<TokenID>, plan: Plan) -> Round {
    stopwatch = Stopwatch()
    let logits = stopwatch.time(.head) { pass.logits(rows: [tokens.count - 1]) }
    let choice = choose(
      logits, row: 0, after: tokens.count - 1, drafts: Array(tokens.dropFirst()), plan: plan)
    var round = Round()
    round.decisions = [
      decision(choice, logits: logits, row: 0, depth: blockCount, readouts: [], plan: plan)
    ]
    _ = pass.work.take()
    finish(&round, after: text.count + tokens.count)
    round.work = pass.weights.denseWork(at: text.count + tokens.count - 1, pruned: pruned)
    return round
  }

  /// Makes the rows of `read` part of the text.
  func keep(_ tokens: ArraySlice<TokenID>) {
    pass.commit(path: Array(0..<tokens.count), pruned: pruned)
    text.append(contentsOf: tokens)
  }

  // MARK: - One round

  /// What a round left behind.
  struct Round {
    /// Tokens decided, in order; the last is the next round's root.
    var decisions: [Decision] = []
    /// The draft that full depth rejected, if there was one.
    var rejected: Decision?
    /// Tokens drafted.
    var draftCount = 0
    /// Of these, tokens accepted.
    var acceptedCount = 0
    /// Blocks executed for the deepest draft.
    var draftLayers = 0
    /// Microseconds until the last draft was there.
    var draftMicroseconds = 0
    /// Blocks run, heads, attention and fill, for all tokens of the round.
    var work = Work()
    /// Where the time of each of its tokens went.
    var time = TokenRecord.Time(total: 0, blocks: 0, head: 0, probes: 0, sample: 0, fill: 0)
    /// Positions in the cache after the round.
    var cacheUsed = 0
    /// The bytes they take.
    var cacheBytes = 0
  }

  /// How a round decides.
  struct Plan {
    var policy: any DepthPolicy
    var mode: ExitMode
    /// At most this many drafts.
    var draftLimit: Int
    var sampler: Sampler
    var alternativeCount: Int
    /// Tokens after which an answer is over.
    var ends: Set<TokenID>
    var exitSetting: ExitSetting
    /// The round's number, for the record.
    var index: Int
  }

  /// One round: `root` is the last token decided, whose keys and values are not there yet.
  func round(root: TokenID, plan: Plan) -> Round {
    stopwatch = Stopwatch()
    _ = pass.work.take()
    depths = []
    var round = Round()
    append(root)
    var descent =
      plan.mode == .identical && plan.draftLimit == 0
      ? Descent(depth: blockCount, readouts: [], hasLogits: false) : descend(plan.policy)
    if plan.mode == .approximate || descent.depth == blockCount {
      round.decisions = [decide(descent, plan: plan)]
    } else {
      let drafts = draft(from: &descent, plan: plan)
      round.draftCount = drafts.count
      round.draftLayers = drafts.map { line(to: $0.descent.depth).executedCount }.max() ?? 0
      round.draftMicroseconds = stopwatch.share(of: 1).total
      verify(drafts, plan: plan, into: &round)
    }
    finish(&round, after: text.count + 1)
    pass.commit(path: Array(0..<round.decisions.count), pruned: pruned)
    text.append(root)
    text.append(contentsOf: round.decisions.dropLast().map(\.token))
    depths = []
    return round
  }

  /// Numbers the decisions, whose first position is `first`, and closes the accounts.
  private func finish(_ round: inout Round, after first: Int) {
    for index in round.decisions.indices {
      round.decisions[index].position = Position(first + index)
    }
    round.rejected?.position = Position(first + round.decisions.count - 1)
    round.work = pass.work.take()
    round.time = stopwatch.share(of: max(1, round.decisions.count))
    round.cacheUsed = first + round.decisions.count - 1
    round.cacheBytes = round.cacheUsed * pass.cache.bytesPerPosition
  }

  /// A draft: a token taken at an exit.
  struct Draft {
    var token: TokenID
    var descent: Descent
    var probability: Float
  }

  /// Drafts tokens one after another for as long as the policy lets them leave early.
  private func draft(from descent: inout Descent, plan: Plan) -> [Draft] {
    var drafts: [Draft] = []
    while descent.depth < blockCount, drafts.count < plan.draftLimit {
      let row = depths.count - 1
      let logits = exitLogits(descent, part: .probes)
      let choice = choose(logits, row: 0, after: row, drafts: drafts.map(\.token), plan: plan)
      let readout = descent.readouts.last.flatMap { $0.depth == descent.depth ? $0 : nil }
      drafts.append(
        Draft(
          token: choice.token, descent: descent,
          probability: (readout ?? logits.readout(row: 0, depth: descent.depth)).probability))
      if plan.ends.contains(choice.token) || drafts.count == plan.draftLimit { break }
      append(choice.token)
      descent = descend(plan.policy)
    }
    if let last = drafts.last, depths.count == drafts.count, !plan.ends.contains(last.token) {
      append(last.token)
    }
    return drafts
  }

  /// Takes every row to full depth in one batch and walks along the drafts that it confirms.
  private func verify(_ drafts: [Draft], plan: Plan, into round: inout Round) {
    advance(to: blockCount)
    let rows = Array(0..<depths.count)
    let logits = stopwatch.time(.head) { pass.logits(rows: rows) }
    for row in rows {
      let choice = choose(
        logits, row: row, after: row, drafts: drafts.prefix(row).map(\.token), plan: plan)
      var decision = decision(
        choice, logits: logits, row: row, depth: blockCount, readouts: [], plan: plan)
      let draft = row < drafts.count ? drafts[row] : nil
      let isAccepted = draft?.token == choice.token
      decision.speculation = TokenRecord.Speculation(
        round: plan.index, k: drafts.count, idx: row,
        status: isAccepted ? .accepted : draft == nil ? .bonus : .corrected,
        draftLayers: draft.map { line(to: $0.descent.depth).executedCount },
        pDraft: draft?.probability)
      round.decisions.append(decision)
      guard let draft, isAccepted else {
        round.rejected = draft.map {
          rejection($0, of: drafts.count, logits: logits, row: row, plan: plan)
        }
        break
      }
      round.acceptedCount += 1
      if plan.ends.contains(draft.token) { break }
    }
  }

  /// The record of a draft that full depth did not confirm.
  private func rejection(
    _ draft: Draft, of count: Int, logits: Logits, row: Int, plan: Plan
  ) -> Decision {
    let choice = Sampler.Choice(token: draft.token, uniform: nil)
    var decision = decision(
      choice, logits: logits, row: row, depth: draft.descent.depth,
      readouts: draft.descent.readouts, plan: plan)
    decision.speculation = TokenRecord.Speculation(
      round: plan.index, k: count, idx: row, status: .rejected,
      draftLayers: decision.line.executedCount, pDraft: draft.probability)
    return decision
  }

  /// The token of a single row at the depth where its descent ended; deeper blocks get keys and
  /// values from there.
  private func decide(_ descent: Descent, plan: Plan) -> Decision {
    let logits = exitLogits(descent, part: .head)
    let choice = choose(logits, row: 0, after: 0, drafts: [], plan: plan)
    var decision = decision(
      choice, logits: logits, row: 0, depth: descent.depth, readouts: descent.readouts, plan: plan)
    if descent.depth < blockCount {
      stopwatch.time(.fill) {
        pass.fill(rows: 0..<1, blocks: descent.depth..<blockCount, pruned: pruned)
      }
      decision.filled = (descent.depth..<blockCount).count { !pruned.contains(BlockIndex($0)) }
      firstPropagated = firstPropagated ?? text.count
    }
    return decision
  }
}
