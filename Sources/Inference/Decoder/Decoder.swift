import Dials
import Events
import Techniques
import Transformer

/// The one loop that makes a text longer.
///
/// Plain decoding, draft tokens that full depth verifies, and unverified exits are the same round; they
/// differ in which rows are in flight, in where a row's way ends, and in when its keys and values are
/// complete.
final class Decoder {
  /// The text, and the pass over it.
  var text: CachedText
  let contextLength: Int
  /// What the round takes.
  var account = Account()

  /// What passes of several rows cost, for whoever weighs how many drafts are worth a pass: always the
  /// same for a set of kernels, so that the same request makes the same trees. It never changes a text,
  /// only how fast the text comes.
  let fixedCosts: FixedCosts
  /// The same for this machine, for whoever asks the clock. Measured when it is first read, which must be
  /// between rounds.
  private(set) lazy var costs: CostTable = CostTable(measuredOn: pass)
  /// Whether the time that drafting takes beside the passes counts: not where costs are given.
  private let countsOverhead: Bool
  /// Decides what a pass verifies; it remembers from answer to answer. (A lazy property would copy
  /// all that it knows with every change.)
  var planner = DraftPlanner()
  /// Who drafts by running the model, with what they have practised.
  var modelDrafters: [(source: DraftSource, drafter: any ModelDrafter)] = []
  /// Whether the head is read no further than the highest logits need.
  let readsTop: Bool

  /// The trained head that drafts, if there is one: what it takes is counted.
  let draftHead: DraftHead?

  init(model: LoadedModel, contextLength: Int, costs: CostTable? = nil, readsTop: Bool = true) {
    self.contextLength = contextLength
    draftHead = model.draftHead
    self.readsTop = readsTop
    text = CachedText(over: model, contextLength: contextLength)
    countsOverhead = costs == nil
    fixedCosts = FixedCosts.of(model.kernels, rows: costs)
    if let costs { self.costs = costs }
  }

  /// The pass.
  var pass: ForwardPass { text.pass }
  /// Blocks of the model.
  var blockCount: Int { text.blockCount }

  /// Goes on with the adapter of `model`. Keys and values belong to the blocks that computed them:
  /// where these change, the text is forgotten.
  func adopt(_ model: LoadedModel) {
    guard pass.weights.runOtherwise(than: model.weights) else { return pass.adopt(model.exits) }
    text = CachedText(over: model, contextLength: contextLength)
  }

  /// Takes the time that drafting took beside the passes from its balance.
  func note(draftingOverhead nanoseconds: Int) {
    if countsOverhead { planner.note(overhead: nanoseconds) }
  }

  /// The token that follows the rows of `text.read`: decided at full depth.
  func decideFirst(plan: Plan) -> Round {
    beginAccount()
    let row = text.flight.count - 1
    let logits = book(.head) { fullLogits(rows: [row], plan: plan) }
    let descent = DepthWalk.Descent(route: text.route, depth: blockCount)
    text.keepStream(of: row)
    var round = Round()
    round.decisions = [
      decision(
        choose(logits, at: 0, row: row, plan: plan), logits: logits, at: 0, descent, plan: plan)
    ]
    round.decisions[0].reading = pass.reading(row: row)
    // The prompt's row that decides has run with the others; it is counted as if alone.
    let whole = pass.weights.denseWork(
      at: text.count + row, pruned: text.route.pruned, reach: pass.reach,
      turns: pass.turnStarts)
    account[.blocks].work = whole - pass.weights.headWork
    finish(&round, after: text.count + row + 1)
    return round
  }

  // MARK: - One round

  /// One round: `root` is the last token decided, whose keys and values are not there yet.
  ///
  /// Draft, take root and draft tokens down, decide along those that come true, learn, and see to the
  /// keys and values of the rows that became text. Without drafts and exits it is plain decoding.
  func round(root: TokenID, plan: Plan) -> Round {
    let beside = plan.yardstick == .passBeside ? plainPass(behind: root, plan: plan) : nil
    beginAccount()
    text.rule = plan.policy.rule
    if text.deferredCount >= pass.flightLimit { _ = flush() }
    let first = text.count + text.deferredCount + 1
    var round = Round()
    let asksModel = asksModel(plan)
    let drafts = draft(behind: root, plan: plan, asksModel: asksModel)
    round.tree = plant(drafts, plan: plan)
    if round.tree.count > 0 {
      round.draftLayers =
        drafts.drafts.map { $0.descent.line(of: blockCount).executedCount }.max() ?? 0
      round.draftMicroseconds = account.elapsed / 1000
    }
    var rows = RowsToDecide(tree: round.tree, drafts: drafts, root: text.deferredCount)
    decide(&rows, plan: plan, in: &round)
    learn(from: rows, drafts: drafts, plan: plan, in: &round)
    if planner.readsStream { text.keepStream(of: rows.root + rows.last) }
    keep(rows.path, plan: plan, in: &round)
    finish(&round, after: first)
    round.besideMicroseconds = beside?.time(sharedBy: 1).total
    let isPlain = plan.isVerified && text.rule == nil && round.tree.count == 0 && !asksModel
    round.plainMicroseconds = (beside ?? (isPlain ? round.account : nil))?
      .plainMicroseconds(along: text.route, blockCount: blockCount)
    return round
  }

  /// Makes the rows that decided part of the text: at once where full depth decided all of them, or
  /// where what they lack is propagated; else they are deferred until one of them goes to full depth, or
  /// there are as many as may wait.
  private func keep(_ path: [Int], plan: Plan, in round: inout Round) {
    if plan.isVerified { return text.commit(path: path) }
    text.defer(first: text.deferredCount + path.count)
    if plan.fill == .propagate {
      round.decisions[0].filled = book(.fill) { text.propagate() }
      text.commitDeferred()
    } else if text.isAtFullDepth {
      text.commitDeferred()
    } else if DeferredRows.areFull(text.deferredCount) {
      _ = flush()
    }
  }

  /// Takes the deferred rows to full depth and makes them part of the text; returns the work of that.
  /// Each block is read once for all that lack it.
  func flush() -> Work {
    guard text.deferredCount > 0 else { return Work() }
    let before = account[.fill].work
    book(.fill) { text.advance(to: blockCount) }
    text.commitDeferred()
    return account[.fill].work - before
  }

  /// Numbers the decisions, whose first position is `first`, and closes the accounts.
  private func finish(_ round: inout Round, after first: Int) {
    for index in round.decisions.indices {
      round.decisions[index].position = Position(first + index)
    }
    round.rejected?.position = Position(first + round.decisions.count - 1)
    text.next = round.decisions.last?.token
    if pass.remembers {
      for decision in round.decisions {
        pass.note(loss: decision.loss, at: decision.position.rawValue)
      }
    }
    account.close()
    round.account = account
    let count = first + round.decisions.count - 1
    round.cacheUsed = pass.cache.heldCount(positions: count)
    round.cacheBytes = pass.cache.byteCount(positions: count)
  }
}
