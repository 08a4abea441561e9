import Dials
import Events
import Kernels
import Techniques
import Transformer

/// From logits to a token with its evidence.
extension Decoder {
  /// The logits of rows at full depth, as far as `plan` reads them.
  ///
  /// Tokens and alternatives come from the highest, which are those of the whole head. Probability and
  /// entropy are sums over the vocabulary: of tokens below these they see coarse logits. What a row
  /// holds depends on the sampler and on the alternatives asked for, not on the rows beside it.
  func fullLogits(rows: [Int], plan: Plan) -> Logits {
    guard readsTop, !pass.remembers, let count = plan.highestCount else {
      return pass.logits(rows: rows)
    }
    return pass.logits(rows: rows, exactTop: count)
  }

  /// Draws the token that follows row `row` in flight, by row `place` of its logits.
  func choose(_ logits: Logits, at place: Int, row: Int, plan: Plan) -> Sampler.Choice {
    book(.sample) {
      if plan.sampler.isPlainGreedy {
        return Sampler.Choice(token: logits.argmax(row: place), uniform: nil)
      }
      let history =
        text.tokens.suffix(plan.sampler.settings.repeatLastN) + text.lineage(of: row)
      return plan.sampler.choose(
        from: logits[place], at: pass.position(ofRow: row).advanced(by: 1), after: history)
    }
  }

  /// The decision for `choice` with its evidence. `best` are the row's highest logits, if they are
  /// known already; `isRead` says whether the last readout was the look that decided.
  func decision(
    _ choice: Sampler.Choice, logits: Logits, at place: Int, _ descent: DepthWalk.Descent,
    plan: Plan, best: [Candidates.Entry]? = nil, isRead: Bool = true
  ) -> Decision {
    book(.sample) {
      let best = best ?? logits.best(plan.alternativeCount, row: place)
      let line = descent.line(of: blockCount)
      var probes = descent.evidence.readouts.count
      if isRead, descent.sawItsEnd { probes -= 1 }
      var decision = Decision(
        choice, logits: logits, row: place, depth: descent.depth,
        best: best.prefix(plan.alternativeCount), line: line,
        exit: TokenRecord.Exit(
          layers: line.executedCount, left: descent.reason, evidence: descent.evidence,
          probes: probes))
      if pass.remembers { decision.loss = logits.loss(row: place, of: choice.token) }
      return decision
    }
  }

  /// Whether the drafters see what the rows of the round find out.
  func isWatched(_ rows: RowsToDecide) -> Bool {
    planner.isActive && (planner.isWatching || rows.tree.count > 0)
  }

  /// How many of a row's highest logits are kept.
  func bestCount(_ plan: Plan, _ rows: RowsToDecide) -> Int {
    max(plan.alternativeCount, isWatched(rows) ? DraftPlanner.choiceCount : 1)
  }

  /// Keeps the highest logits of `row`, and where drafters learn from them those of every row of `chunk`,
  /// whose logits the last ones are.
  func readBest(
    of row: Int, in chunk: ArraySlice<Int>, of rows: inout RowsToDecide, plan: Plan
  ) {
    let wanted = (isWatched(rows) ? Array(chunk) : [row]).filter { rows.best[$0].isEmpty }
    let count = bestCount(plan, rows)
    let places = wanted.compactMap { chunk.firstIndex(of: $0).map { $0 - chunk.startIndex } }
    let found = book(.sample) {
      let (logits, before) = (pass.lastLogits, account.elapsed)
      let found = pass.pool.map(places.count) { logits.best(count, row: places[$0]) }
      // Plain decoding would have needed one of the rows.
      account.drafting += (account.elapsed - before) * (places.count - 1) / max(1, places.count)
      return found
    }
    for (row, best) in zip(wanted, found) { rows.best[row] = best }
  }
}

extension Decoder.Plan {
  /// The most highest logits for which a coarse head is read. Measured on the default model: 5 are
  /// 1.03 to 1.1 times as fast as the whole head, 40 as fast.
  private static var greatestCount: Int { 16 }

  /// How many of the highest logits decide a token or are recorded; nil where the whole head is read.
  /// Draft tokens for coming tokens may come from coarse logits: they change no text.
  var highestCount: Int? {
    let settings = sampler.settings
    guard settings.repeatPenalty == 1, settings.temperature <= 0 || settings.topK > 0 else {
      return nil
    }
    let count = max(settings.temperature <= 0 ? 1 : settings.topK, alternativeCount)
    return count <= Self.greatestCount ? count : nil
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
