import Dials
import Events
import Reports
import Techniques

/// The numbers: two lines where the screen is stacked, a block of them side by side.
enum StatisticsView {
  /// The rows of the block.
  static let rowCount = 12

  static func draw(_ state: ScreenState, in area: Area, of frame: inout Frame) {
    if area.rows > 2 {
      drawBlock(state, in: area, of: &frame)
    } else if !area.isEmpty {
      drawLines(state, in: area, of: &frame)
    }
  }

  private static func drawLines(_ state: ScreenState, in area: Area, of frame: inout Frame) {
    let statistics = state.statistics
    let upper = [
      (0, statistics.weightsRead), (1, statistics.speed),
      (4, statistics.meanDepth.map { "depth \($0)" }), (3, statistics.arithmetic),
      (2, statistics.drafts.map { "drafts \($0)" }), (5, statistics.pace),
      (5, statistics.passes), (6, statistics.tally.map { "\($0.tokenCount) tokens" }),
    ]
    var parts: [(importance: Int, spans: [Span])] = upper.compactMap { importance, text in
      text.map { (importance, [Span($0, .number)]) }
    }
    if parts.isEmpty { parts = [(0, [Span(statistics.loading ?? "no tokens yet", .detail)])] }
    if let progress = state.progress { parts.insert((0, [Span(progress.words, .notice)]), at: 0) }
    frame.write(fitting: parts, separator: " │ ", in: area, column: 1)
    guard area.rows > 1, state.session != nil else { return }
    var lower: [(importance: Int, spans: [Span])] = [
      (1, [Span(state.shown.tag, state.shown.contract.role)]),
      (3, [Span(statistics.rest ?? state.shown.promise, .detail)]),
    ]
    if let early = statistics.agreedEarly {
      lower.insert((2, [Span("early \(early)", .number)]), at: 1)
    }
    if let agreed = statistics.agreed {
      lower.insert((0, [Span("agree \(agreed)", .number)]), at: 1)
    }
    if state.shown.policy.budget.isOn, let share = statistics.tally?.bigShare {
      lower.insert((2, [Span("big \(Numbers.percent(share))", .number)]), at: 1)
    }
    if let sight = statistics.sight { lower.insert((2, [Span(sight, .number)]), at: 1) }
    if let settled = statistics.settled {
      lower.append((2, [Span("lens settles at \(settled)", .number)]))
    }
    frame.write(fitting: lower, separator: " │ ", in: area, row: 1, column: 1)
  }

  private static func drawBlock(_ state: ScreenState, in area: Area, of frame: inout Frame) {
    frame.rule(in: area)
    guard state.session != nil else {
      frame.write(state.progress?.words ?? "no model yet", .notice, in: area, row: 1, column: 1)
      return
    }
    let lines = state.statistics.block + [meter(state)].compactMap { $0 }
    for (row, line) in lines.prefix(area.rows - 1).enumerated() {
      frame.write(line.label, .detail, in: area, row: row + 1, column: 1)
      let isTag = line.label == "TEXT"
      frame.write(
        line.text, isTag ? state.shown.contract.role : .number, in: area, row: row + 1, column: 8)
    }
  }

  private static func meter(_ state: ScreenState) -> (label: String, text: String)? {
    if let progress = state.progress { return ("WAIT", progress.words) }
    guard let cache = state.tokens.last?.record.kv, let size = state.session?.ctxSize else {
      return nil
    }
    if state.policy.reach.isLimited {
      return ("CACHE", "\(Numbers.bytes(cache.bytes)) for a text of \(cache.used) positions")
    }
    return ("CACHE", "\(cache.used) of \(size) positions, \(Numbers.bytes(cache.bytes))")
  }
}

extension Progress {
  /// `measuring blocks 40%`.
  var words: String { label + (share.map { " " + Numbers.percent(min(max(0, $0), 1)) } ?? "") }
}

extension Statistics {
  /// The numbers as labelled lines; a label is at most six letters.
  package var block: [(label: String, text: String)] {
    var lines: [(label: String, text: String)] = [("TEXT", "\(settings.tag): \(settings.promise)")]
    if let agreed {
      lines.append(("AGREE", "\(agreed) as the whole model"))
      if let agreedEarly { lines.append(("", "\(agreedEarly) of those that left early")) }
    }
    if let weightsRead {
      lines.append(("BYTES", [weightsRead, weightParts].compactMap { $0 }.joined(separator: ": ")))
    }
    if arithmetic != nil { lines.append(("WORK", joined([arithmetic, wrongDrafts]))) }
    let speeds = [
      speed, promptSpeed.map { "prompt \($0)" }, tally.map { "\($0.tokenCount) tokens" },
    ]
    lines.append(("SPEED", tally == nil ? loading ?? joined(speeds) : joined(speeds)))
    if pace != nil || yardstick != nil { lines.append(("PACE", joined([pace, yardstick]))) }
    let spread = tally.flatMap { tally in
      tally.depth(atShare: 0.5).flatMap { half in
        tally.depth(atShare: 0.9).map { "p50 \(half)  p90 \($0)" }
      }
    }
    lines.append(("DEPTH", joined([meanDepth.map { "mean \($0)" }, spread])))
    if let tally, tally.depths.count > 1 { lines.append(("", histogram(tally.depths))) }
    if let feedForwards { lines.append(("BUDGET", feedForwards)) }
    if let sight { lines.append(("REACH", sight)) }
    if let map = map(cells: 40) { lines.append(("", map)) }
    if let drafts, let tally {
      let depth = tally.draftLayers.map { "  from \($0)/\(blocks)" } ?? ""
      let rounds = tally.rounds == 1 ? "1 round" : "\(tally.rounds) rounds"
      lines.append(("DRAFT", "accepted \(drafts)  in \(rounds)\(depth)"))
    }
    if let passes {
      lines.append(("PASS", [passes, guesses].compactMap { $0 }.joined(separator: "  ")))
    }
    if let rest { lines.append(("", rest)) }
    if let settled, let tally {
      let count = tally.settled.values.reduce(0, +)
      lines.append(("LENS", "settles at \(settled), mean of \(count) tokens"))
    }
    return lines
  }

  /// The block as lines of text, for `/stats`: with what the answer was made with, and what is set now where
  /// that is something else.
  package var lines: [String] {
    var lines = block
    if tally != nil { lines.append(("MADE", settings.words)) }
    if tally?.settings != next { lines.append(("NEXT", next.words)) }
    return lines.map { label, text in
      label + String(repeating: " ", count: max(1, 7 - label.count)) + text
    }
  }

  private func joined(_ parts: [String?]) -> String {
    let known = parts.compactMap { $0 }
    return known.isEmpty ? "–" : known.joined(separator: "  ")
  }

  /// `6 ######## 7 #### 30 ##`: a mark for each token, or for several.
  private func histogram(_ counts: [Int: Int]) -> String {
    let most = counts.values.max() ?? 1
    return counts.sorted { $0.key < $1.key }.map { depth, count in
      let bar = most <= 8 ? count : max(1, count * 8 / most)
      return "\(depth) " + String(repeating: "#", count: bar)
    }.joined(separator: " ")
  }
}
