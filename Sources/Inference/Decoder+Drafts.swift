import Dials
import Kernels
import Techniques
import Transformer

extension Decoder {
  /// Drafts tokens one after another for as long as the policy lets them leave early. Each is a row
  /// in flight when this returns.
  func exitDrafts(from descent: inout Descent, plan: Plan) -> [SelfDraft] {
    var drafts: [SelfDraft] = []
    while descent.depth < blockCount, drafts.count < plan.draftLimit {
      let row = depths.count - 1
      let logits = exitLogits(descent, plan: plan)
      let choice = choose(logits, row: 0, after: row, drafts: drafts.map(\.token), plan: plan)
      let last = descent.evidence.readouts.last
      let readout = last.flatMap { $0.depth == descent.depth ? $0 : nil }
      drafts.append(
        SelfDraft(
          token: choice.token, source: .exit, line: line(to: descent.depth), depth: descent.depth,
          evidence: descent.evidence,
          probability: (readout ?? logits.readout(row: 0, depth: descent.depth)).probability))
      append(choice.token, after: row)
      if plan.ends.contains(choice.token) || drafts.count == plan.draftLimit { break }
      descent = descend(plan)
    }
    return drafts
  }

  /// Puts the guesses of the drafters in flight beside those of the model, and returns the whole tree:
  /// node i is row i + 1.
  func plant(_ drafts: [SelfDraft], root: TokenID, plan: Plan) -> DraftTree {
    var trunk = DraftTree()
    var chance = 1.0
    for draft in drafts {
      chance *= Double(draft.probability)
      trunk.append(
        draft.token, after: trunk.nodes.indices.last, source: draft.source, chance: chance)
    }
    guard planner.isActive else { return trunk }
    let room = min(pass.rowCapacity, DraftSetting.limits.upperBound + 1) - 1
    let before = account.elapsed
    let tree = extending(by: [root]) {
      planner.tree(
        after: text, trunk: trunk, limits: TreeBuilder.Limits(depth: plan.depthLimit, count: room))
    }
    account.drafting += account.elapsed - before
    for node in tree.nodes[trunk.count...] {
      append(node.token, after: node.parent.map { $0 + 1 } ?? 0)
    }
    return tree
  }

  /// Takes every row to full depth in one batch and walks from the root along the guesses that it
  /// confirms. Returns the rows that decided.
  func walk(
    _ drafts: [SelfDraft], first descent: Descent, plan: Plan, into round: inout Round
  ) -> [Int] {
    advance(to: blockCount)
    var looks = Looks(rowCount: depths.count)
    var path = [0]
    var guesses: [TokenID] = []
    while let row = path.last {
      let node = row == 0 ? nil : row - 1
      look(at: row, plan: plan, into: &looks)
      let logits = pass.lastLogits
      let place = row - looks.rows.lowerBound
      let choice = choose(logits, row: place, after: guesses.count, drafts: guesses, plan: plan)
      var decision = decision(
        choice, logits: logits, row: place, depth: blockCount,
        evidence: row == 0 && drafts.isEmpty ? descent.evidence : Evidence(), plan: plan,
        best: looks.best[row])
      decision.reading = pass.reading(row: row)
      let child = round.tree.child(of: node, holding: choice.token)
      decision.speculation = speculation(
        child: child, of: node, at: guesses.count, drafts: drafts, round: round, plan: plan)
      round.decisions.append(decision)
      if let child { round.accepted.append(child) }
      if child == nil, guesses.count < drafts.count, row == guesses.count {
        round.rejected = rejection(
          drafts[row], of: round.tree.count, logits: logits, row: place, at: row, plan: plan)
      }
      guard let child, !plan.ends.contains(choice.token) else { break }
      guesses.append(choice.token)
      path.append(child + 1)
    }
    learn(from: looks, path: path, trunkCost: cost(of: drafts), round: &round)
    return path
  }

  /// Shows the drafters what the pass found out.
  private func learn(from looks: Looks, path: [Int], trunkCost: Double, round: inout Round) {
    guard planner.isActive else { return }
    let end = account.elapsed
    let pure = end - account.drafting
    defer {
      note(draftingOverhead: account.drafting + account.elapsed - end)
      round.rest = planner.rest
    }
    guard isWatched else {
      planner.learn(fromPassBehind: text.count, nanoseconds: pure)
      return
    }
    extending(by: [pass.token(ofRow: 0)] + round.decisions.map(\.token)) {
      planner.learn(
        from: VerifiedPass(
          text: text, tree: round.tree, accepted: path.dropFirst().map { $0 - 1 },
          choices: looks.choices),
        nanoseconds: pure, trunkCost: trunkCost)
    }
    let plain = path.indices.compactMap {
      planner.cost?.nanoseconds(behind: planner.attended(text.count + 1 + $0))
    }
    round.plainMicroseconds = plain.isEmpty ? nil : Int(plain.reduce(0, +) / 1000)
  }

  /// Whether the drafters see what the rows in flight find out.
  private var isWatched: Bool {
    planner.isActive && (planner.isWatching || depths.count > 1)
  }

  /// What the model's own drafts cost, in plain passes, by the multiplications of their blocks and
  /// heads. What an early exit ran is not run again.
  private func cost(of drafts: [SelfDraft]) -> Double {
    let dense = Double(pass.weights.denseWork(at: -1).macs)
    let head = Double(pass.weights.head.macs)
    func blocks(_ draft: SelfDraft) -> Double {
      Double(draft.line.executedCount) / Double(blockCount) * (1 - head / dense)
    }
    let kept = drafts.first.map { $0.source == .exit ? blocks($0) : 0 } ?? 0
    return drafts.reduce(0) { $0 + blocks($1) + head / dense } - kept
  }
}

// MARK: - Looks at the vocabulary

extension Decoder {
  /// The highest logits of the rows that were looked at.
  struct Looks {
    /// The rows whose logits are still there.
    var rows = 0..<0
    /// By row, the highest logits; empty where nobody looked.
    var best: [[Candidates.Entry]]

    init(rowCount: Int) { best = Array(repeating: [], count: rowCount) }

    /// By row, the most probable tokens with their shares.
    var choices: [[TokenChoice]] {
      best.map { entries in
        let count = DraftPlanner.choiceCount
        guard let highest = entries.first?.value else { return [] }
        let weights = entries.prefix(count).map { Candidates.weight($0.value, highest: highest) }
        let sum = weights.reduce(0, +)
        return zip(entries, weights).map {
          TokenChoice(token: TokenID($0.index), share: $1 / sum)
        }
      }
    }
  }

  /// Makes the logits of `row` the pass's last ones, together with as many others as there is room
  /// for.
  func look(at row: Int, plan: Plan, into looks: inout Looks) {
    if !looks.rows.contains(row) {
      let first = row / pass.logitCapacity * pass.logitCapacity
      looks.rows = first..<min(first + pass.logitCapacity, depths.count)
      book(.head) { _ = fullLogits(rows: Array(looks.rows), plan: plan) }
    }
    let isWatched = isWatched
    let count = max(plan.alternativeCount, isWatched ? DraftPlanner.choiceCount : 1)
    book(.sample) {
      let wanted = isWatched ? looks.rows : row..<row + 1
      let rows = wanted.filter { looks.best[$0].isEmpty }
      let task = LookTask(
        logits: pass.lastLogits, rows: rows.map { $0 - looks.rows.lowerBound }, count: count)
      let before = account.elapsed
      if rows.count > 1 { pass.crew.run(task) } else { task.lookAtAll() }
      // Plain decoding would have looked at one of the rows.
      account.drafting += (account.elapsed - before) * (rows.count - 1) / max(1, rows.count)
      for (row, best) in zip(rows, task.results) { looks.best[row] = best }
    }
  }
}

/// The highest logits of some rows, shared out row by row.
private final class LookTask: CrewTask {
  private let logits: Logits
  private let rows: [Int]
  private let count: Int
  private let found: UnsafeMutableBufferPointer<[Candidates.Entry]>

  init(logits: Logits, rows: [Int], count: Int) {
    (self.logits, self.rows, self.count) = (logits, rows, count)
    found = .allocate(capacity: rows.count)
    found.initialize(repeating: [])
  }

  deinit {
    found.deinitialize()
    found.deallocate()
  }

  var results: [[Candidates.Entry]] { Array(found) }

  func lookAtAll() { look(rows.indices) }

  func run(as member: inout CrewMember, of crew: WorkCrew) {
    crew.share(rows.count, chunk: 1, by: &member) { look($0) }
  }

  private func look(_ part: Range<Int>) {
    for index in part {
      found[index] = Candidates.top(count, of: UnsafeBufferPointer(logits[rows[index]]))
    }
  }
}
