import Dials
import Events
import Reports
import Techniques

/// One word closely: what each look on its way up said and needed, what else the model might have said, and
/// what it would have said after fewer blocks.
enum InspectorView {
  /// The rows that it likes to have where the screen is stacked.
  static func rowCount(of state: ScreenState, columns: Int) -> Int {
    guard let entry = state.selected.flatMap({ state.token($0) }) else { return 0 }
    return 1 + WayUp(of: entry, in: state).steps.count + 1 + 5
  }

  static func draw(_ state: ScreenState, in area: Area, of frame: inout Frame) {
    guard !area.isEmpty else { return }
    var area = area
    let blank = String(repeating: " ", count: area.columns)
    for row in 0..<area.rows { frame.write(blank, .text, in: area, row: row) }
    let head = area.takeTop(1)
    guard let number = state.selected ?? state.shelf.lastWord, let entry = state.token(number)
    else {
      frame.rule(in: head)
      return
    }
    let way = WayUp(of: entry, in: state)
    frame.head(
      title(of: entry, way, isChosen: state.selected != nil),
      notes: notes(of: entry, state), in: head)
    let steps = area.takeTop(min(way.steps.count, max(1, area.rows - 2)))
    for (row, step) in way.steps.suffix(steps.rows).enumerated() {
      draw(step, in: steps, row: row, of: &frame)
    }
    drawFacts(entry, state, in: area.takeTop(1), of: &frame)
    if state.choices.isDetailed { drawDetails(entry, in: area.takeTop(1), of: &frame) }
    let right = area.takeRight(area.columns / 2)
    drawChoices(entry.record, in: area, of: &frame)
    drawStairs(entry, in: right, of: &frame)
  }

  /// The word's number, and the legend where no other box has it.
  private static func notes(of entry: TokenShelf.Entry, _ state: ScreenState) -> [[Span]] {
    let number = [Span("word \(entry.record.i + 1)", .detail)]
    let layout = Layout(of: state)
    guard layout.map.isEmpty, layout.statistics.rows < 2 else { return [number] }
    let legend = DepthLook.legend(of: DepthLook.window(of: state, count: 60), isShort: true)
    return [number, legend + [Span("  ", .detail)] + number]
  }

  /// `why did "Canberra" go all the way?`
  private static func title(of entry: TokenShelf.Entry, _ way: WayUp, isChosen: Bool) -> [Span] {
    let word = Span("\"\(entry.record.word)\"", .text)
    guard isChosen else { return [Span("newest word ", .detail), word] }
    if entry.record.exit.left != nil {
      return [
        Span("why did ", .title), word, Span(" leave after \(entry.record.depth.reached)?", .title),
      ]
    }
    return way.couldLeave
      ? [Span("why did ", .title), word, Span(" go all the way?", .title)]
      : [Span("on the way to ", .title), word]
  }

  private static func draw(
    _ step: WayUp.Step, in area: Area, row: Int, of frame: inout Frame
  ) {
    var parts: [(importance: Int, spans: [Span])] = [
      (0, [Span("after \(Numbers.right("\(step.depth)", 2))", .detail)])
    ]
    if let token = step.token {
      let quoted = "\"\(token)\""
      let gap = String(repeating: " ", count: max(0, 12 - Glyph.width(of: quoted)))
      parts.append(
        (1, [Span(quoted, step.isLast ? .title : .text)].fitted(22) + [Span(gap, .text)]))
    }
    if let sure = step.sure {
      parts.append((2, [Span(Numbers.probability(sure), .amount(sure))]))
    }
    if let needed = step.needed { parts.append((3, [Span("needs \(needed)", .number)])) }
    parts += step.others.enumerated().map { place, other in
      (
        5 + place,
        [
          Span("\"\(other.token)\" ", .detail),
          Span(Numbers.probability(other.probability), .number),
        ]
      )
    }
    if !step.verdict.isEmpty {
      let verdict =
        area.columns < 72 ? step.verdict.replacing(", on it goes", with: "") : step.verdict
      parts.append((4, [Span(verdict, step.role)]))
    }
    frame.write(fitting: parts, separator: "  ", in: area, row: row, column: 2)
  }

  /// Whether the whole model agrees, what guessing and a window had to do with it, and how it was drawn.
  private static func drawFacts(
    _ entry: TokenShelf.Entry, _ state: ScreenState, in area: Area, of frame: inout Frame
  ) {
    let record = entry.record
    var parts: [(importance: Int, spans: [Span])] = []
    if let isSame = entry.isSame {
      let other = entry.other.map { " says \"\($0)\"" } ?? " takes another"
      parts.append(
        (
          0,
          [Span("the whole model" + (isSame ? " agrees" : other), isSame ? .agrees : .differs)]
        ))
    }
    if let guess = record.guess(in: state) { parts.append((1, [Span(guess.0, guess.1)])) }
    if record.depth.executedCount < record.depth.reached {
      parts.append(
        (2, [Span("\(record.depth.executedCount) of \(record.depth.reached) blocks ran", .number)]))
    }
    if record.exit.scores != nil {
      parts.append((2, [Span("\(record.depth.smallCount) blocks small", .number)]))
    }
    if let view = record.attn {
      let first = view.sink.map { ", first words take \(Numbers.percent(Double($0)))" } ?? ""
      parts.append((2, [Span("saw \(view.seen), not \(view.forgotten)\(first)", .number)]))
    }
    if let drawn = record.drawn { parts.append((3, [Span(drawn, .number)])) }
    if parts.isEmpty { return }
    frame.write(
      fitting: parts.map { ($0.importance, $0.spans.fitted(area.columns - 2)) }, separator: "   ",
      in: area, column: 2)
  }

  /// Figures for those who measure.
  private static func drawDetails(
    _ entry: TokenShelf.Entry, in area: Area, of frame: inout Frame
  ) {
    let record = entry.record
    let texts = [
      "id \(record.id.rawValue)", "position \(record.pos.rawValue)",
      "entropy \(Numbers.fixed(Double(record.entropy), 2)) nat",
      "margin \(Numbers.probability(Double(record.margin)))", "\(record.time.total) µs",
      record.exit.probes > 0 ? "looks \(record.exit.probes)" : nil,
    ]
    frame.write(
      fitting: texts.compactMap { $0 }.enumerated().map { ($0, [Span($1, .detail)]) },
      separator: "   ", in: area, column: 2)
  }

  // MARK: - Two lists

  private static func drawChoices(_ record: TokenRecord, in area: Area, of frame: inout Frame) {
    guard area.columns > 20 else { return }
    frame.write("most probable", .detail, in: area, column: 2)
    for (row, choice) in record.topLogprobs.prefix(max(0, area.rows - 1)).enumerated() {
      let probability = Numbers.exponential(Double(choice.logprob))
      let role: Role = choice.id == record.id ? .title : .text
      let name = Area(
        row: area.row + row + 1, column: area.column + 2, rows: 1,
        columns: min(area.columns - 8, 16))
      frame.write(clipping: "\"\(choice.token)\"", role, in: name)
      let column = 3 + name.columns
      frame.write(Numbers.probability(probability), .number, in: area, row: row + 1, column: column)
      let bar = Numbers.filled(probability, of: area.columns - column - 6)
      frame.write(
        String(repeating: "▇", count: bar), .amount(probability), in: area, row: row + 1,
        column: column + 4)
    }
  }

  private static func drawStairs(
    _ entry: TokenShelf.Entry, in area: Area, of frame: inout Frame
  ) {
    guard area.columns > 16, !area.isEmpty else { return }
    guard let probe = entry.probe else {
      frame.write(
        clipping: "blocks below: looked at when idle", .notice, in: area, column: 1)
      return
    }
    let titles = ["after fewer blocks, known from ", "known from "].map {
      [Span($0, .detail), Span("\(probe.settled)", .settled)]
    }
    let title = titles.first { $0.width < area.columns } ?? titles[1].fitted(area.columns - 1)
    frame.write(title, in: area, column: 1)
    for (row, run) in runs(of: probe).prefix(max(0, area.rows - 1)).enumerated() {
      let depths = run.first == run.last ? "\(run.last)" : "\(run.first)-\(run.last)"
      let isFinal = run.first >= probe.settled
      frame.write(
        Numbers.right(depths, 6), isFinal ? .settled : .detail, in: area, row: row + 1)
      let name = Area(
        row: area.row + row + 1, column: area.column + 8, rows: 1,
        columns: max(0, min(area.columns - 13, 18)))
      frame.write(clipping: "\"\(run.token)\"", isFinal ? .title : .text, in: name)
      frame.write(
        Numbers.probability(run.probability), .amount(run.probability), in: area, row: row + 1,
        column: 9 + name.columns)
    }
  }

  /// Neighbouring depths with the same most probable token, deepest first.
  static func runs(
    of probe: ProbeRecord
  ) -> [(first: Int, last: Int, token: String, probability: Double)] {
    var runs: [(first: Int, last: Int, token: String, probability: Double)] = []
    for (index, look) in probe.layers.enumerated() {
      if index > 0, probe.layers[index - 1].id == look.id, let run = runs.last {
        runs[runs.count - 1] = (run.first, look.l, run.token, Double(look.p))
      } else {
        runs.append((look.l, look.l, look.token, Double(look.p)))
      }
    }
    return runs.reversed()
  }
}

extension TokenRecord {
  /// `drawn` with what was most probable, where another token was drawn; nil for one that was not drawn
  /// and is the most probable.
  var drawn: String? {
    let how = u == nil ? "not the most probable, by the repeat penalty" : "drawn"
    guard rank > 0 else { return u == nil ? nil : "drawn, the most probable" }
    return how + (topLogprobs.first.map { ": that was \"\($0.token)\"" } ?? "")
  }

  /// What guessing had to do with the word; nil where it was not guessed.
  func guess(in state: ScreenState) -> (String, Role)? {
    guard let spec else { return nil }
    let depth = spec.draftLayers.map { " after \($0) blocks" } ?? ""
    let source = spec.source.map { " (\($0.rawValue))" } ?? ""
    switch spec.status {
    case .accepted: return ("guessed right\(depth)\(source)", spec.status.role)
    case .corrected:
      let wrong = state.tokens.last { entry in
        entry.record.turn == turn && entry.record.answer == answer
          && entry.record.spec?.round == spec.round && entry.record.phase == .draft
      }
      let guess = wrong.map { " \"\($0.record.token)\"" } ?? ""
      return ("instead of the wrong guess\(guess)", spec.status.role)
    case .bonus: return ("free, behind right guesses", spec.status.role)
    default: return ("guess: \(spec.status.rawValue)", spec.status.role)
    }
  }
}
