import Dials
import Kernels
import Techniques
import Transformer

extension Decoder {
  /// Puts the root in flight, and behind it what the model drafts itself: the drafter that the catalogue
  /// names last is asked first, and the next one only where it drafts nothing.
  func draft(behind root: TokenID, plan: Plan, asksModel: Bool) -> ModelDrafts {
    var drafts = ModelDrafts(source: .exit)
    if asksModel {
      let model = ModelInRound(decoder: self, plan: plan)
      for index in modelDrafters.indices.reversed() where drafts.drafts.isEmpty {
        text.discard()
        drafts = modelDrafters[index].drafter.drafts(behind: root, with: model)
      }
    }
    if !drafts.staysInFlight {
      for token in [root] + drafts.drafts.map(\.token) {
        text.append(token, after: text.flight.indices.last)
      }
    }
    return drafts
  }

  /// Whether the model drafts in the next round.
  func asksModel(_ plan: Plan) -> Bool {
    plan.draftsByModel && plan.yardstick != .plainRound && !(plan.drafts.isAuto && planner.rest > 0)
  }

  /// Puts the draft tokens of the drafters in flight beside those of the model, and returns the whole
  /// tree: node i is the i-th row behind the root. Unverified exits take a chain, and none where deeper
  /// keys and values are propagated: these depend on where tokens left.
  func plant(_ own: ModelDrafts, plan: Plan) -> DraftTree {
    var trunk = DraftTree()
    var chance = 1.0
    for draft in own.drafts {
      chance *= Double(draft.probability)
      trunk.append(draft.token, after: trunk.nodes.indices.last, source: own.source, chance: chance)
    }
    guard planner.isActive, plan.yardstick != .plainRound,
      plan.isVerified || plan.fill == .catchUp
    else { return trunk }
    let room =
      plan.isVerified
      ? min(pass.rowCapacity, DraftSetting.limits.upperBound + 1) - 1
      : min(pass.logitCapacity - 1, plan.depthLimit, pass.flightLimit - text.flight.count)
    let limits = TreeBuilder.Limits(
      depth: plan.isVerified ? plan.depthLimit : room, count: room, isChain: !plan.isVerified)
    let before = account.elapsed
    let root = text.deferredCount
    let stream = text.stream(before: root)
    let tree = text.extending(by: text.flight[...root].map(\.token)) {
      planner.tree(after: $0, stream: stream, trunk: trunk, limits: limits)
    }
    account.drafting += account.elapsed - before
    if let head = draftHead, planner.lookCount > 0 {
      account[.probes].work = account[.probes].work + head.work * planner.lookCount
    }
    for node in tree.nodes[trunk.count...] {
      text.append(node.token, after: root + (node.parent.map { $0 + 1 } ?? 0))
    }
    return tree
  }

  /// Shows the drafters what the round found out, and how long it took where the setting says that this
  /// counts. Where rows may leave early, its time says nothing of what passes cost.
  func learn(from rows: RowsToDecide, drafts: ModelDrafts, plan: Plan, in round: inout Round) {
    guard planner.isActive else { return }
    let end = account.elapsed
    let isTimed = plan.isVerified && plan.drafts.isTimed
    let nanoseconds = isTimed ? end - account.drafting : nil
    defer {
      account.drafting += account.elapsed - end
      if isTimed { note(draftingOverhead: account.drafting) }
      round.rest = planner.rest
    }
    guard isWatched(rows) else {
      return planner.learn(fromPassBehind: text.count, nanoseconds: nanoseconds)
    }
    let trunkCost = drafts.cost(in: pass.weights)
    let decided = text.flight[...rows.root].map(\.token) + round.decisions.map(\.token)
    text.extending(by: decided) { text in
      planner.learn(
        from: VerifiedPass(
          text: text, tree: rows.tree, accepted: rows.path.dropFirst().map { $0 - 1 },
          choices: rows.choices),
        nanoseconds: nanoseconds, trunkCost: trunkCost)
    }
  }
}

extension ModelDrafts {
  /// What the model's own drafts cost, in plain passes, by the multiplications of their blocks and
  /// heads. What stays in flight is not run again.
  fileprivate func cost(in weights: Weights) -> Double {
    let blockCount = weights.blueprint.blockCount
    let dense = Double(weights.denseWork(at: -1).macs)
    let head = Double(weights.head.macs)
    func blocks(_ draft: ModelDraft) -> Double {
      Double(draft.descent.line(of: blockCount).executedCount) / Double(blockCount)
        * (1 - head / dense)
    }
    let kept = staysInFlight ? drafts.first.map(blocks) ?? 0 : 0
    return drafts.reduce(0) { $0 + blocks($1) + head / dense } - kept
  }
}
