import Dials
import Events
import Techniques
import Transformer

/// A root and guesses behind it on their way down, each to be decided at an exit of its own.
struct ShallowChain {
  /// The root's row; the guesses' rows follow it.
  let root: Int
  /// The guesses.
  let tokens: [TokenID]
  /// What the policy was shown of each row.
  var evidence: [Evidence]
  /// What was decided behind each row.
  var decisions: [Decision?]
  /// The highest logits of each row's last look.
  var looks: Decoder.Looks
  /// The rows whose logits are still there, at which depth, and what the look took.
  var lastLook = (rows: [Int](), depth: 0, entry: Account.Entry())

  init(root: Int, tokens: [TokenID]) {
    self.root = root
    self.tokens = tokens
    let count = tokens.count + 1
    evidence = Array(repeating: Evidence(), count: count)
    decisions = Array(repeating: nil, count: count)
    looks = Decoder.Looks(rowCount: count)
  }

  /// The rows, counted from the root, that are not decided and may still become part of the text: none
  /// behind a decision that is not the guess.
  var open: [Int] {
    let last = tokens.indices.first { row in
      decisions[row].map { $0.token != tokens[row] } ?? false
    }
    return decisions.indices.prefix { $0 <= last ?? .max }.filter { decisions[$0] == nil }
  }
}

extension Decoder {
  /// Takes the chain down, depth by depth, until a row's decision is not the guess behind it. What
  /// is decided up to there is the round's.
  func descend(_ chain: inout ShallowChain, plan: Plan, into round: inout Round) {
    for depth in 0..<blockCount {
      if depth > 0, plan.policy.needsReadout(after: depth) {
        look(at: depth, rows: openings(at: depth, of: &chain, plan: plan), plan: plan, in: &chain)
      }
      let leaving = chain.open.filter {
        plan.policy.verdict(before: BlockIndex(depth), readouts: chain.evidence[$0].readouts)
          == .exit
      }
      if leaving.isEmpty { continue }
      decide(leaving, at: depth, plan: plan, in: &chain)
      if walk(chain, plan: plan, into: &round) { return }
    }
    // The short head is asked first at the bottom too.
    if let threshold = plan.shortHead, threshold < 1, pass.exits?.shortHead != nil {
      look(at: blockCount, rows: chain.open, plan: plan, in: &chain)
      let sure = chain.open.filter {
        chain.evidence[$0].readouts.last?.probability ?? 0 > threshold
      }
      decide(sure, at: blockCount, plan: plan, in: &chain)
      if walk(chain, plan: plan, into: &round) { return }
    }
    chain.lastLook.rows = []
    decide(chain.open, at: blockCount, plan: plan, in: &chain)
    _ = walk(chain, plan: plan, into: &round)
  }

  /// The undecided rows whose gate at `depth`, if the policy asks it, says that a look is worth it.
  private func openings(at depth: Int, of chain: inout ShallowChain, plan: Plan) -> [Int] {
    chain.open.filter { row in
      isOpen(
        row: chain.root + row, at: depth, policy: plan.policy, evidence: &chain.evidence[row])
    }
  }

  /// Looks at the vocabulary of `rows` from `depth`.
  private func look(at depth: Int, rows: [Int], plan: Plan, in chain: inout ShallowChain) {
    guard !rows.isEmpty else { return }
    let before = account[.probes]
    let readouts = look(at: depth, rows: rows.map { chain.root + $0 }, plan: plan)
    for (row, readout) in zip(rows, readouts) { chain.evidence[row].readouts.append(readout) }
    chain.lastLook = (rows, depth, account[.probes] - before)
  }

  /// Decides what follows each of `rows` by its logits at `depth`: those of the last look, where that
  /// saw what stands there, or else new ones.
  private func decide(_ rows: [Int], at depth: Int, plan: Plan, in chain: inout ShallowChain) {
    guard !rows.isEmpty else { return }
    // Pruned blocks change nothing: what was read before them is what stands behind them.
    let isRead =
      rows.allSatisfy(chain.lastLook.rows.contains)
      && pruned.covers(chain.lastLook.depth..<depth)
    var seen = rows
    if isRead {
      seen = chain.lastLook.rows
      account.move(chain.lastLook.entry, from: .probes, to: .head)
      chain.lastLook.entry = Account.Entry()
    } else {
      advance(to: depth)
      let inFlight = rows.map { chain.root + $0 }
      book(.head) {
        _ =
          depth == blockCount
          ? fullLogits(rows: inFlight, plan: plan)
          : pass.logits(rows: inFlight, at: depth, short: plan.shortHead != nil)
      }
    }
    let logits = pass.lastLogits
    let count = max(plan.alternativeCount, planner.isActive ? DraftPlanner.choiceCount : 1)
    for row in rows {
      guard let place = seen.firstIndex(of: row) else { continue }
      let best = book(.sample) { logits.best(count, row: place) }
      chain.looks.best[row] = best
      let inFlight = chain.root + row
      let choice = choose(
        logits, row: place, after: inFlight,
        drafts: (1..<inFlight + 1).map { pass.token(ofRow: $0) }, plan: plan)
      var decision = decision(
        choice, logits: logits, row: place, depth: depth, evidence: chain.evidence[row], plan: plan,
        best: best, isRead: isRead)
      decision.reading = pass.reading(row: inFlight)
      chain.decisions[row] = decision
    }
  }

  /// Goes on along the decisions that are the guesses behind them. Whether the round is over: a guess
  /// did not come true, or there is none.
  private func walk(_ chain: ShallowChain, plan: Plan, into round: inout Round) -> Bool {
    while round.decisions.count < chain.decisions.count,
      let decision = chain.decisions[round.decisions.count]
    {
      round.decisions.append(decision)
      let next = round.decisions.count - 1
      guard chain.tokens.indices.contains(next), chain.tokens[next] == decision.token,
        !plan.ends.contains(decision.token)
      else { return true }
    }
    return false
  }
}

extension Logits {
  /// The `count` highest logits of a row, in descending order, with their tokens.
  func best(_ count: Int, row: Int) -> [Candidates.Entry] {
    Candidates.top(max(1, count), of: asked(row)).map {
      Candidates.Entry(index: token(at: $0.index).index, value: $0.value)
    }
  }
}
