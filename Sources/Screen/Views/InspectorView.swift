import Dials
import Events
import Reports
import Techniques

/// One token closely: how sure the model was, what else it might have said, and what the vocabulary
/// looked like after each block.
enum InspectorView {
  static func draw(_ state: ScreenState, in area: Area, of frame: inout Frame) {
    guard !area.isEmpty else { return }
    var area = area
    let blank = String(repeating: " ", count: area.columns)
    for row in 0..<area.rows { frame.write(blank, .text, in: area, row: row) }
    var number = state.shelf.last ?? 0
    if case .inspector(let chosen) = state.overlay { number = chosen }
    frame.rule(in: area.takeTop(1))
    guard let entry = state.token(number) else { return }
    let isChosen = if case .inspector = state.overlay { true } else { false }
    drawHead(entry, isChosen: isChosen, in: area.takeTop(2), of: &frame)
    if area.columns >= 56 {
      let right = area.takeRight(area.columns / 2)
      drawAlternatives(entry.record, in: area, of: &frame)
      drawLens(entry, in: right, of: &frame)
    } else {
      let top = area.takeTop(min(entry.record.topLogprobs.count + 1, area.rows / 2))
      drawAlternatives(entry.record, in: top, of: &frame)
      drawLens(entry, in: area, of: &frame)
    }
  }

  private static func drawHead(
    _ entry: ScreenState.TokenEntry, isChosen: Bool, in area: Area, of frame: inout Frame
  ) {
    let record = entry.record
    let quoted = record.quoted
    frame.write(
      fitting: [
        (
          0,
          [
            Span("\(isChosen ? "TOKEN" : "NEWEST") \(record.pos.rawValue) ", .title),
            Span(quoted, .text),
          ]
        ),
        (1, [Span("p \(Numbers.probability(record.probability))", .number)]),
        (4, [Span("id \(record.id.rawValue)", .detail)]),
        (2, [Span("H \(Numbers.fixed(Double(record.entropy), 2)) nat", .number)]),
        (3, [Span("margin \(Numbers.probability(Double(record.margin)))", .number)]),
      ], separator: "  ", in: area, column: 1)
    frame.write(decision(record), .detail, in: area, row: 1, column: 1)
  }

  /// How the decision was taken, in words.
  private static func decision(_ record: TokenRecord) -> String {
    let blocks = record.depth.marks.count
    var words: [String] = []
    if var reason = record.exit.left {
      reason.confidence = Float(record.confidence)
      let why = Catalogue.explanation(of: reason) { Numbers.probability(Double($0)) }
      let ran = record.exit.layers
      let count = ran < record.depth.reached ? ", of which \(ran) ran" : ""
      words.append("left at \(record.depth.reached)/\(blocks)\(count)\(why)")
    } else {
      words.append("ran \(record.depth.executedCount)/\(blocks)")
    }
    if record.exit.scores != nil {
      words.append("\(record.depth.smallCount) small")
    }
    if let spec = record.spec {
      let depth = spec.draftLayers.map { " at \($0)/\(blocks)" } ?? ""
      // A draft of the model's own has a probability; one in a tree the chance of its whole path.
      let kind = spec.draftLayers == nil ? "path chance" : "p"
      let sure = spec.pDraft.map { " with \(kind) " + Numbers.probability(Double($0)) } ?? ""
      switch spec.status {
      case .accepted: words.append("drafted\(depth)\(sure), accepted")
      case .rejected: words.append("drafted\(depth)\(sure), rejected")
      case .corrected: words.append("in place of a rejected draft")
      case .bonus: words.append("one more after the accepted drafts")
      default: words.append("drafting: \(spec.status.rawValue)")
      }
    }
    if let drawn = record.drawn { words.append(drawn) }
    if let looks = record.looks { words.append(looks) }
    if record.exit.probes > 0 {
      words.append(record.exit.probes == 1 ? "1 probe" : "\(record.exit.probes) probes")
    }
    if let view = record.attn {
      let sinks = view.sink.map { ", sinks \(Numbers.percent(Double($0)))" } ?? ""
      words.append("saw \(view.seen), not \(view.forgotten)\(sinks)")
    }
    words.append("\(record.time.total) µs")
    return words.joined(separator: ", ")
  }

  private static func drawAlternatives(
    _ record: TokenRecord, in area: Area, of frame: inout Frame
  ) {
    frame.write("MOST PROBABLE", .detail, in: area, column: 1)
    for (row, choice) in record.topLogprobs.prefix(max(0, area.rows - 1)).enumerated() {
      let probability = Numbers.exponential(Double(choice.logprob))
      let role: Role = choice.id == record.id ? .title : .text
      let name = Area(
        row: area.row + row + 1, column: area.column, rows: 1, columns: min(area.columns, 19))
      frame.write("\"\(choice.token)\"", role, in: name, column: 1)
      frame.write(
        Numbers.probability(probability), .number, in: area, row: row + 1, column: 20)
      let bar = Numbers.filled(probability, of: area.columns - 26)
      frame.write(
        String(repeating: "#", count: bar), .amount(probability), in: area, row: row + 1,
        column: 24)
    }
  }

  private static func drawLens(
    _ entry: ScreenState.TokenEntry, in area: Area, of frame: inout Frame
  ) {
    guard let probe = entry.probe else {
      frame.write("LENS", .detail, in: area, column: 1)
      frame.write("not looked yet: it does when idle", .notice, in: area, row: 1, column: 1)
      return
    }
    frame.write(
      [
        Span("LENS \(probe.lens) settles ", .detail), Span("\(probe.settled)", .settled),
      ] + agreement(entry), in: area, column: 1)
    for (row, run) in runs(of: probe).prefix(max(0, area.rows - 1)).enumerated() {
      let depths = run.first == run.last ? "\(run.last)" : "\(run.first)-\(run.last)"
      let isFinal = run.first >= probe.settled
      frame.write(
        Numbers.right(depths, 6), isFinal ? .settled : .detail, in: area, row: row + 1)
      let name = Area(
        row: area.row + row + 1, column: area.column + 7, rows: 1,
        columns: max(0, min(area.columns - 7, 19)))
      frame.write("\"\(run.token)\"", isFinal ? .title : .text, in: name)
      frame.write(
        Numbers.probability(run.probability), .amount(run.probability), in: area, row: row + 1,
        column: 27)
    }
  }

  /// Whether the whole model takes the same token, where it was asked.
  private static func agreement(_ entry: ScreenState.TokenEntry) -> [Span] {
    guard let isSame = entry.isSame else { return [] }
    return [
      Span(", ", .detail),
      Span(isSame ? "= whole model" : "~ whole model differs", isSame ? .agrees : .differs),
    ]
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

  /// What gates and looks said, and what they had to say: `gate .39 < .68`, `25: .62, needs .73`.
  var looks: String? {
    func number(_ value: Float) -> String { Numbers.probability(Double(value)) }
    var words: [(depth: Int, text: String)] = []
    for gate in exit.gates ?? [] {
      let least = gate.least.map { " \(gate.value < $0 ? "<" : "≥") \(number($0))" } ?? ""
      words.append((gate.depth, "gate at \(gate.depth) \(number(gate.value))\(least)"))
    }
    for look in exit.readouts where look.depth != exit.layers || exit.left == nil {
      let needed = look.needed.map { ", needs \(number($0))" } ?? ""
      words.append((look.depth, "at \(look.depth) \(number(look.probability))\(needed)"))
    }
    if words.isEmpty { return nil }
    return words.sorted { $0.depth < $1.depth }.map(\.text).joined(separator: ", ")
  }
}
