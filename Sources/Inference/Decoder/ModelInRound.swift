import Dials
import Techniques
import Transformer

/// The model as a drafter sees it in a round: rows behind the text, and what they say.
struct ModelInRound: DraftingModel {
  let decoder: Decoder
  let plan: Decoder.Plan

  var blockCount: Int { decoder.blockCount }
  var route: Route { decoder.text.route }
  var exits: any DepthPolicy { plan.policy }
  var ends: Set<TokenID> { plan.ends }
  var limit: Int { plan.draftLimit }
  var draftRule: FeedForwardRule? { plan.draftRule }
  var isLimitNamed: Bool { plan.drafts.limit != nil }

  func append(_ token: TokenID) {
    decoder.text.append(token, after: decoder.text.flight.indices.last)
  }

  func descend(_ policy: any DepthPolicy, along route: Route) -> DepthWalk.Descent {
    var source = PassEvidence(decoder, plan: plan, root: row)
    var walk = DepthWalk(policy, along: route, of: blockCount)
    _ = walk.goOn([0], asking: &source)
    return walk.rows[0]
  }

  func decide(_ descent: inout DepthWalk.Descent) -> (token: TokenID, readout: Readout) {
    let logits = logits(descent)
    descent.settle(decoder.pass.routerScores(row: row))
    let choice = decoder.choose(logits, at: 0, row: row, plan: plan)
    let last = descent.evidence.readouts.last
    let readout = last.flatMap { $0.depth == descent.depth ? $0 : nil }
    return (choice.token, readout ?? logits.readout(row: 0, depth: descent.depth))
  }

  func discard() { decoder.text.discard() }

  /// The last row in flight.
  private var row: Int { decoder.text.flight.count - 1 }

  /// The logits of the last row at the end of its way.
  private func logits(_ descent: DepthWalk.Descent) -> Logits {
    if descent.sawItsEnd { return decoder.pass.lastLogits }
    decoder.advance(
      to: descent.depth, along: CachedText.Way(route: descent.route, rule: descent.rule))
    return decoder.book(.probes) {
      descent.depth == blockCount
        ? decoder.pass.logits(rows: [row])
        : decoder.pass.logits(rows: [row], at: descent.depth, short: plan.shortHead != nil)
    }
  }
}
