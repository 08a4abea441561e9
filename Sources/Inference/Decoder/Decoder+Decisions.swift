import Dials
import Events
import Kernels
import Techniques
import Transformer

extension Decoder {
  /// Takes the rows down, decides wherever some of them leave, and stops when a decision is no draft
  /// token. What is decided up to there is the round's. Where full depth verifies, no row leaves early.
  func decide(_ rows: inout RowsToDecide, plan: Plan, in round: inout Round) {
    var walk = DepthWalk(
      plan.isVerified ? EveryBlock(rule: plan.policy.rule) : plan.policy, along: text.route,
      of: blockCount,
      rowCount: rows.decisions.count)
    var source = PassEvidence(self, plan: plan, root: rows.root)
    var isOver = false
    while !isOver, let stop = walk.goOn(rows.open, asking: &source) {
      decide(stop.rows, of: &rows, walk, &source)
      isOver = rows.follow(ends: plan.ends)
    }
    if !isOver { decideAtTheBottom(of: &rows, walk, &source, in: &round) }
    record(rows, plan: plan, in: &round)
  }

  /// Decides what follows each of the rows that leave, by the reading that let them go, or else a new one.
  private func decide(
    _ leaving: [Int], of rows: inout RowsToDecide, _ walk: DepthWalk,
    _ source: inout PassEvidence
  ) {
    guard let depth = leaving.first.map({ walk.rows[$0].depth }) else { return }
    var seen = leaving
    let isRead =
      leaving.allSatisfy(source.last.rows.contains)
      && text.route.passesBy(source.last.depth..<depth)
    if isRead {
      seen = source.last.rows
      account.move(source.last.entry, from: .probes, to: .head)
      source.last.entry = Account.Entry()
    } else {
      advance(to: depth)
      book(.head) {
        _ = pass.logits(
          rows: leaving.map { rows.root + $0 }, at: depth, short: source.plan.shortHead != nil)
      }
    }
    let count = bestCount(source.plan, rows)
    for row in leaving {
      guard let place = seen.firstIndex(of: row) else { continue }
      rows.best[row] = book(.sample) { pass.lastLogits.best(count, row: place) }
      decide(row, of: &rows, at: place, walk.rows[row], isRead: isRead, plan: source.plan)
    }
  }

  /// Decides along the path at full depth: for unverified exits the short head is asked first.
  private func decideAtTheBottom(
    of rows: inout RowsToDecide, _ walk: DepthWalk, _ source: inout PassEvidence,
    in round: inout Round
  ) {
    let plan = source.plan
    var walk = walk
    if !plan.isVerified, let threshold = plan.shortHead, threshold < 1, pass.exits?.shortHead != nil
    {
      let open = rows.open
      let readouts = source.readouts(of: open, at: blockCount)
      var sure: [Int] = []
      for case (let row, let readout?) in zip(open, readouts) {
        walk.add(readout, needed: threshold, to: row)
        if readout.probability > threshold { sure.append(row) }
      }
      decide(sure, of: &rows, walk, &source)
      if rows.follow(ends: plan.ends) { return }
    }
    advance(to: blockCount)
    let open = rows.open
    var chunk: ArraySlice<Int> = []
    while let place = open.firstIndex(of: rows.last) {
      let row = rows.last
      if !chunk.indices.contains(place) {
        let first = place / pass.logitCapacity * pass.logitCapacity
        chunk = open[first..<min(first + pass.logitCapacity, open.count)]
        let read = chunk.map { rows.root + $0 }
        book(.head) { _ = fullLogits(rows: read, plan: plan) }
      }
      readBest(of: row, in: chunk, of: &rows, plan: plan)
      decide(
        row, of: &rows, at: place - chunk.startIndex, walk.rows[row], isRead: false, plan: plan)
      if rows.follow(ends: plan.ends) {
        return reject(row, of: rows, at: place - chunk.startIndex, plan: plan, in: &round)
      }
    }
  }

  /// Decides what follows a row, by row `place` of the last logits.
  private func decide(
    _ row: Int, of rows: inout RowsToDecide, at place: Int, _ descent: DepthWalk.Descent,
    isRead: Bool, plan: Plan
  ) {
    precondition(descent.route == text.route, "the rows of a round go along the text's route")
    let logits = pass.lastLogits
    let inFlight = rows.root + row
    var descent = descent
    // What the root was shown when it was to draft stands in its record.
    if row == 0, plan.isVerified { descent.evidence = rows.drafts.evidence }
    descent.settle(pass.routerScores(row: inFlight))
    let choice = choose(logits, at: place, row: inFlight, plan: plan)
    var decision = decision(
      choice, logits: logits, at: place, descent, plan: plan, best: rows.best[row], isRead: isRead)
    decision.reading = pass.reading(row: inFlight)
    rows.decisions[row] = decision
  }

  /// Keeps the record of the model's own draft behind `row`, where full depth confirmed no draft token
  /// there; `place` is its row of the last logits.
  private func reject(
    _ row: Int, of rows: RowsToDecide, at place: Int, plan: Plan, in round: inout Round
  ) {
    let drafts = rows.drafts.drafts
    guard row < drafts.count, row == rows.path.count - 1, rows.child(of: row) == nil else { return }
    let draft = drafts[row]
    var decision = decision(
      Sampler.Choice(token: draft.token, uniform: nil), logits: pass.lastLogits, at: place,
      draft.descent, plan: plan)
    decision.speculation = TokenRecord.Speculation(
      round: plan.index, k: rows.tree.count, idx: row, status: .rejected,
      draftLayers: decision.line.executedCount, pDraft: draft.probability,
      source: rows.tree.nodes[row].source)
    round.rejected = decision
  }

  /// Makes the decisions along the path the round's.
  private func record(_ rows: RowsToDecide, plan: Plan, in round: inout Round) {
    for (index, row) in rows.path.enumerated() {
      guard var decision = rows.decisions[row] else { continue }
      let child = rows.child(of: row)
      decision.speculation = rows.speculation(
        child: child, of: row, at: index, round: plan.index, blockCount: blockCount)
      round.decisions.append(decision)
      if let child { round.accepted.append(child) }
    }
  }

}
