import Dials
import Kernels
package import Transformer

/// What routers come to at some offsets: how many feed-forwards are big, and how near the model stays to the
/// whole one. Held-out answers are read as they stand, each token under the rule, and their prompts whole.
package final class DuoPoints {
  /// An answer, with the row from which on feed-forwards may be small.
  private struct Answer {
    let tokens: [TokenID]
    let first: Int
  }

  private let pass: ForwardPass
  private let answers: [Answer]
  private let whole: Matrix
  private let memory: [AlignedBytes]

  /// Shares of big feed-forwards that offsets are chosen for.
  private static let shares = [0.3, 0.4, 0.5, 0.6, 0.65, 0.7, 0.75, 0.8, 0.85, 0.9, 0.95, 0.98]
  /// The longest part of an answer that is read.
  private static let greatestLength = 256

  /// Measures on the first answers of `texts`, up to `positions` tokens of them. `runtime` has small
  /// feed-forwards and routers.
  package init(_ runtime: ModelRuntime, texts: [TrainingText], positions: Int) {
    var rest = positions
    var answers: [Answer] = []
    for text in texts where rest > 0 {
      guard let target = text.targets.first else { continue }
      let count = min(target.count, rest, Self.greatestLength)
      let first = target.lowerBound - 1
      answers.append(Answer(tokens: Array(text.tokens.prefix(first + count)), first: first))
      rest -= count
    }
    self.answers = answers
    pass = ForwardPass(
      runtime, capacity: answers.map(\.tokens.count).max() ?? 1, rowCapacity: Self.greatestLength)
    let arena = Arena()
    whole = Matrix(Self.greatestLength, runtime.weights.blueprint.vocabularyCount, in: arena)
    memory = arena.pieces
  }

  /// The points, by ascending share; nil where `progress`, which hears of answers, ends it.
  package func measured(
    progress: (_ done: Int, _ all: Int) -> Bool = { _, _ in true }
  ) throws(TrainingError) -> [AdapterHead.Duo.Point]? {
    let offsets = offsets()
    var sums = offsets.map { _ in Tally() }
    for (index, answer) in answers.enumerated() {
      guard progress(index, answers.count) else { return nil }
      pass.truncate(to: 0)
      pass.read(answer.tokens[..<answer.first])
      let rows = run(answer, FeedForwardRule(offset: -.infinity))
      keepLogits(of: rows)
      pass.discard()
      for (place, offset) in offsets.enumerated() {
        let rule = FeedForwardRule(offset: offset)
        let rows = run(answer, rule)
        add(rows, rule, to: &sums[place])
        pass.discard()
      }
    }
    var points: [AdapterHead.Duo.Point] = []
    for (offset, sum) in zip(offsets, sums) where sum.positions > 0 {
      let point = sum.point(offset: Double(offset))
      if point.share > points.last?.share ?? -1 { points.append(point) }
    }
    guard points.count >= 2 else {
      throw TrainingError(
        .emptyData, at: "--held-out",
        "the routers cannot be measured on \(answers.count) held-out answers. Give more data, or a "
          + "greater --held-out.")
    }
    return progress(answers.count, answers.count) ? points : nil
  }

  /// What is counted at an offset.
  private struct Tally {
    var big = 0
    var decisions = 0
    var agreements = 0
    var divergence = 0.0
    var positions = 0

    func point(offset: Double) -> AdapterHead.Duo.Point {
      AdapterHead.Duo.Point(
        share: Double(big) / Double(max(1, decisions)), offset: offset,
        agreement: Double(agreements) / Double(positions),
        divergence: divergence / Double(positions))
    }
  }

  /// Offsets that fall, each once: quantiles of what the routers say of the whole model's answers.
  private func offsets() -> [Float] {
    var scores: [Float] = []
    for answer in answers {
      pass.truncate(to: 0)
      pass.read(answer.tokens[..<answer.first])
      for row in run(answer, FeedForwardRule(offset: -.infinity)) {
        scores += pass.routerScores(row: row)
      }
      pass.discard()
    }
    scores.sort()
    guard !scores.isEmpty else { return [] }
    var offsets: [Float] = []
    for share in Self.shares {
      let place = min(scores.count - 1, Int((1 - share) * Double(scores.count)))
      if offsets.last.map({ scores[place] < $0 }) ?? true { offsets.append(scores[place]) }
    }
    return offsets
  }

  /// Reads an answer behind its prompt; returns its rows.
  private func run(_ answer: Answer, _ rule: FeedForwardRule) -> Range<Int> {
    pass.appendChain(answer.tokens[answer.first...])
    let rows = 0..<pass.rowCount
    pass.run(rows: rows, blocks: 0..<pass.blockCount, rule: rule)
    return rows
  }

  private func keepLogits(of rows: Range<Int>) {
    for part in pass.headParts(of: Array(rows)) {
      let logits = pass.logits(rows: part)
      for (index, row) in part.enumerated() {
        guard let source = logits.asked(index).baseAddress else { continue }
        whole[row].update(from: source, count: whole.columns)
      }
    }
  }

  private func add(_ rows: Range<Int>, _ rule: FeedForwardRule, to tally: inout Tally) {
    for row in rows {
      let scores = pass.routerScores(row: row)
      tally.decisions += scores.count
      tally.big += scores.count { rule.action(score: $0) != .small }
    }
    for part in pass.headParts(of: Array(rows)) {
      let logits = pass.logits(rows: part)
      let found = pass.pool.map(part.count) { index -> (agrees: Bool, divergence: Double) in
        let unchanged = UnsafeBufferPointer(
          start: self.whole[part[index]], count: self.whole.columns)
        let routed = logits.asked(index)
        return (
          Self.top(unchanged) == Self.top(routed), Divergence.between(unchanged, routed)
        )
      }
      tally.positions += found.count
      tally.agreements += found.count { $0.agrees }
      tally.divergence += found.reduce(0) { $0 + $1.divergence }
    }
  }

  private static func top(_ logits: UnsafeBufferPointer<Float>) -> Int {
    var best = 0
    for index in logits.indices where logits[index] > logits[best] { best = index }
    return best
  }
}
