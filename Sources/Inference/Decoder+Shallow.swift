import Dials
import Transformer

/// Exits taken at their word: a round of one token, and what becomes of the blocks that it left out.
extension Decoder {
  /// Rows that may wait before they are taken to full depth without need.
  private static let waitingLimit = 8

  /// One round of one token.
  ///
  /// With `propagate` the row is committed at once, its deeper keys and values computed from where it
  /// left. With `catch-up` it stays in flight until a later token goes deeper and takes it along, so
  /// that every row of the text is exact in the end.
  func shallowRound(root: TokenID, plan: Plan) -> Round {
    var round = Round()
    if waiting.count >= pass.flightLimit { _ = settle() }
    if waiting.isEmpty { depths = [] }
    append(root, after: depths.indices.last)
    waiting.append(root)
    let descent = descend(plan)
    round.decisions = [decide(descent, plan: plan)]
    round.decisions[0].reading = pass.reading(row: depths.count - 1)
    if plan.fill == .propagate { propagate(descent, into: &round) }
    if plan.fill == .propagate || depths.first == blockCount && depths.last == blockCount {
      commitWaiting()
    } else if waiting.count >= Self.waitingLimit {
      _ = settle()
    }
    finish(&round, after: text.count + waiting.count)
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
    pass.commit(path: Array(waiting.indices), pruned: pruned)
    text.append(contentsOf: waiting)
    waiting = []
    depths = []
  }

  /// The token of the last row in flight at the depth where its descent ended.
  private func decide(_ descent: Descent, plan: Plan) -> Decision {
    let logits = exitLogits(descent, plan: plan, part: .head)
    if descent.hasLogits { account.move(descent.lastLook, from: .probes, to: .head) }
    let choice = choose(
      logits, row: 0, after: waiting.count - 1, drafts: Array(waiting.dropFirst()), plan: plan)
    return decision(
      choice, logits: logits, row: 0, depth: descent.depth, evidence: descent.evidence, plan: plan,
      isRead: descent.hasLogits)
  }

  /// Gives the blocks behind the exit keys and values from the state at which the row left.
  private func propagate(_ descent: Descent, into round: inout Round) {
    guard descent.depth < blockCount else { return }
    book(.fill) {
      pass.fill(rows: 0..<1, blocks: descent.depth..<blockCount, pruned: pruned)
    }
    round.decisions[0].filled =
      (descent.depth..<blockCount).count { !pruned.contains(BlockIndex($0)) }
    firstPropagated = firstPropagated ?? text.count
  }
}
