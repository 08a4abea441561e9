import Dials
import Events
import Techniques
import Transformer

/// Exits taken at their word: a round, and what becomes of the blocks that its tokens left out.
extension Decoder {
  /// Rows that may wait before they are taken to full depth without need.
  private static let waitingLimit = 8

  /// One round: a token, and more where guesses for those behind it come true.
  ///
  /// With `propagate` the row is committed at once, its deeper keys and values computed from where it
  /// left. With `catch-up` it stays in flight until a later token goes deeper and takes it along, so
  /// that every row of the text is exact in the end. Then what an exit says of a row depends on the
  /// text before it alone, and guesses change no token: behind the root they go down in its company,
  /// each decided where it would have been decided alone.
  func shallowRound(root: TokenID, plan: Plan) -> Round {
    var round = Round()
    if waiting.count >= pass.flightLimit { _ = settle() }
    if waiting.isEmpty { depths = [] }
    append(root, after: depths.indices.last)
    waiting.append(root)
    let first = text.count + waiting.count
    if plan.fill == .catchUp { round.tree = plantChain(plan) }
    var chain = ShallowChain(root: waiting.count - 1, tokens: round.tree.nodes.map(\.token))
    descend(&chain, plan: plan, into: &round)
    keep(chain, plan: plan, in: &round)
    if plan.fill == .propagate { propagate(into: &round) }
    if plan.fill == .propagate || depths.first == blockCount && depths.last == blockCount {
      commitWaiting()
    } else if waiting.count >= Self.waitingLimit {
      _ = settle()
    }
    finish(&round, after: first)
    return round
  }

  /// Takes the rows that wait to full depth and makes them part of the text; returns the work of that.
  /// Each block is read once for all that lack it.
  func settle() -> Work {
    guard !waiting.isEmpty else { return Work() }
    let before = account[.fill].work
    advance(to: blockCount, as: .fill)
    commitWaiting()
    return account[.fill].work - before
  }

  private func commitWaiting() {
    pass.commit(path: Array(waiting.indices), route: Route(pruned: pruned))
    text.append(contentsOf: waiting)
    waiting = []
    depths = []
  }

  /// Puts guesses in flight behind the root, one after another, and returns them.
  private func plantChain(_ plan: Plan) -> DraftTree {
    guard planner.isActive else { return DraftTree() }
    let room = min(pass.logitCapacity - 1, plan.depthLimit, pass.flightLimit - depths.count)
    let tree = extending(by: waiting) {
      planner.tree(
        after: text, trunk: DraftTree(),
        limits: TreeBuilder.Limits(depth: room, count: room, isChain: true))
    }
    for node in tree.nodes { append(node.token, after: depths.indices.last) }
    return tree
  }

  /// Drops the guesses that did not come true; the others wait with the root. The drafters see what
  /// was found out.
  private func keep(_ chain: ShallowChain, plan: Plan, in round: inout Round) {
    let accepted = round.decisions.count - 1
    round.accepted = Array(0..<accepted)
    pass.drop(after: chain.root + 1 + accepted)
    depths.removeLast(depths.count - pass.rowCount)
    waiting.append(contentsOf: chain.tokens.prefix(accepted))
    for index in round.decisions.indices {
      round.decisions[index].speculation = speculation(
        child: index < accepted ? index : nil, of: index == 0 ? nil : index - 1, at: index,
        drafts: [], round: round, plan: plan)
    }
    guard planner.isActive else { return }
    if round.tree.count == 0, !planner.isWatching {
      planner.learn(fromPassBehind: text.count, nanoseconds: nil)
    } else {
      extending(by: waiting + round.decisions.suffix(1).map(\.token)) {
        planner.learn(
          from: VerifiedPass(
            text: text, tree: round.tree, accepted: round.accepted, choices: chain.looks.choices),
          nanoseconds: nil)
      }
    }
    round.rest = planner.rest
  }

  /// Gives the blocks behind the exit keys and values from the state at which the row left.
  private func propagate(into round: inout Round) {
    guard let depth = depths.last, depth < blockCount else { return }
    book(.fill) {
      pass.fill(rows: 0..<1, blocks: depth..<blockCount, route: Route(pruned: pruned))
    }
    round.decisions[0].filled = (depth..<blockCount).count { !pruned.contains(BlockIndex($0)) }
    firstPropagated = firstPropagated ?? text.count
  }
}
