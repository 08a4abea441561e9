import Dials
import Techniques
import Transformer

extension Decoder {
  /// What a plain pass behind `root` takes. Nothing of it stays; no row may be in flight.
  func plainPass(behind root: TokenID, plan: Plan) -> Account {
    beginAccount()
    text.append(root, after: nil)
    advance(to: blockCount, along: CachedText.Way(route: text.route, rule: nil))
    let logits = book(.head) { fullLogits(rows: [0], plan: plan) }
    _ = decision(
      choose(logits, at: 0, row: 0, plan: plan), logits: logits, at: 0,
      DepthWalk.Descent(route: text.route, depth: blockCount), plan: plan)
    text.discard()
    account.close()
    return account
  }
}

extension Account {
  /// Microseconds of a plain pass, of which this is the account; what looking for drafts took is left out.
  /// Blocks that `route` leaves out are put in at what the others took: blocks are alike.
  func plainMicroseconds(along route: Route, blockCount: Int) -> Int {
    let blocks = self[.blocks].nanoseconds
    let runningCount = (0..<blockCount).count { route.runs($0) }
    let others = total - drafting - blocks
    return max(0, others + blocks * blockCount / max(1, runningCount)) / 1000
  }
}
