import Dials
import Techniques
import Transformer

extension Decoder {
  /// Drafts tokens with blocks left out, one after another, for as long as they are probable enough,
  /// or as many as a person asked for.
  /// Their rows are dropped: full depth starts from the embeddings again.
  func skipDrafts(root: TokenID, plan: Plan) -> [SelfDraft] {
    prepareSkips()
    let left = pruned.union(skips.best)
    var drafts: [SelfDraft] = []
    append(root, after: nil)
    while drafts.count < plan.draftLimit {
      let row = depths.count - 1
      book(.blocks) {
        pass.run(rows: row..<row + 1, blocks: 0..<blockCount, route: Route(pruned: left))
      }
      let logits = book(.probes) { pass.logits(rows: [row]) }
      let readout = logits.readout(row: 0, depth: blockCount)
      if plan.drafts.limit == nil, readout.probability < SkipSetSearch.leastProbability { break }
      let choice = choose(logits, row: 0, after: row, drafts: drafts.map(\.token), plan: plan)
      drafts.append(
        SelfDraft(
          token: choice.token, source: .skip, line: skipLine, depth: blockCount,
          probability: readout.probability))
      if plan.ends.contains(choice.token) { break }
      append(choice.token, after: row)
    }
    pass.discard()
    depths = []
    return drafts
  }

  /// Tries sets of blocks on the end of the text while nothing else is to do, at most `count` of them.
  func searchSkips(trials count: Int, while isIdle: () -> Bool) {
    prepareSkips()
    let rows = SkipSetSearch.rowCount
    guard text.count > rows, pass.canContinue(from: text.count - rows) else { return }
    let tail = Array(text.suffix(rows))
    truncate(to: text.count - rows)
    defer { readAgain(tail) }
    guard pass.flightLimit >= rows else { return }
    for _ in 0..<count where !skips.isOver && isIdle() {
      let set = skips.proposal()
      let hits = hits(of: tail, without: pruned.union(set))
      skips.note(set, score: Double(hits) / Double(rows - 1))
    }
  }

  private func readAgain(_ tail: [TokenID]) {
    var left = tail[...]
    while !left.isEmpty {
      let part = left.prefix(read(left))
      keep(part)
      left = left.dropFirst(part.count)
    }
  }

  /// How many of the tokens behind the first are the most probable ones without these blocks.
  private func hits(of tail: [TokenID], without blocks: BlockSet) -> Int {
    for (offset, token) in tail.enumerated() {
      append(token, after: offset == 0 ? nil : offset - 1)
    }
    pass.run(rows: 0..<tail.count, blocks: 0..<blockCount, route: Route(pruned: blocks))
    var hits = 0
    var row = 0
    while row < tail.count - 1 {
      let part = row..<min(row + pass.logitCapacity, tail.count - 1)
      let logits = pass.logits(rows: Array(part))
      hits += part.count { logits.argmax(row: $0 - part.lowerBound) == tail[$0 + 1] }
      row = part.upperBound
    }
    pass.discard()
    depths = []
    return hits
  }

  private func prepareSkips() {
    if skips.pruned != pruned { skips = SkipSetSearch(blockCount: blockCount, pruned: pruned) }
  }

  /// What happened to a row of such a draft.
  private var skipLine: DepthLine {
    DepthLine(
      (0..<blockCount).map {
        let block = BlockIndex($0)
        return pruned.contains(block) ? .pruned : skips.best.contains(block) ? .skipped : .ran
      })
  }
}
