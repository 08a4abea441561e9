import Dials
import Events
import Reports
import Techniques

/// What was guessed: the tree that a pass verified, and how many words each pass decided.
///
/// A line for each guess, indented as deep as it stands, with its source and the chance it was given; behind
/// the last right one, the word that came for free.
enum GuessView {
  /// One line of the tree.
  struct Line {
    var depth: Int
    var mark: String
    var token: String
    var note: String
    var role: Role
  }

  static func draw(_ state: ScreenState, in area: Area, of frame: inout Frame) {
    guard !area.isEmpty else { return }
    var area = area
    let head = area.takeTop(1)
    let runs = area.takeTop(area.rows > 3 ? 1 : 0)
    RunStrip.draw(state, in: runs, of: &frame)
    guard let round = shownRound(of: state) else {
      frame.head([Span("guesses", .title)], in: head)
      frame.write(
        clipping: state.policy.draft.hasBranches
          ? "No guesses yet." : "Nobody guesses: /draft auto has words guessed and verified.",
        .notice, in: area, column: 1)
      return
    }
    let lines = lines(of: round, bonus: bonus(of: round, in: state))
    let count = round.kAccepted + (lines.contains { $0.mark == "+" } ? 1 : 0)
    frame.head(
      [Span("guesses", .title)],
      notes: [
        [
          Span(
            "pass \(round.round): \(round.kDrafted) guesses, \(count) words; = right  x wrong  + free",
            .detail)
        ],
        [Span("pass \(round.round): \(round.kDrafted) guesses, \(count) words", .detail)],
      ], in: head)
    for (row, line) in shown(lines, rows: area.rows).enumerated() {
      frame.write(
        fitting: [
          (
            0,
            [
              Span(String(repeating: "  ", count: min(line.depth, 8)), .text),
              Span("\(line.mark) \(line.token)", line.role),
            ].fitted(area.columns - 2)
          ), (1, [Span(line.note, .detail)]),
        ], separator: "  ", in: area, row: row, column: 2)
    }
  }

  /// The round of the chosen word, or the newest one.
  private static func shownRound(of state: ScreenState) -> DraftRecord? {
    if let selected = state.selected, let token = state.token(selected)?.record,
      let spec = token.spec
    {
      return state.shelf.rounds.last { $0.turn == token.turn && $0.round == spec.round }
    }
    return state.shelf.rounds.last
  }

  /// The word that full depth chose behind the right guesses.
  private static func bonus(of round: DraftRecord, in state: ScreenState) -> TokenRecord? {
    state.tokens.last {
      $0.record.turn == round.turn && $0.record.spec?.round == round.round && $0.isWord
        && ($0.record.spec?.status == .bonus || $0.record.spec?.status == .corrected)
    }?.record
  }

  /// The tree from the top, children below their parent, those that were right first.
  static func lines(of round: DraftRecord, bonus: TokenRecord?) -> [Line] {
    let nodes = round.nodes ?? []
    var lines: [Line] = []
    func add(below parent: Int?, depth: Int) {
      let children = nodes.indices.filter { nodes[$0].parent == parent }
      for child in children.filter({ nodes[$0].accepted }) {
        lines.append(line(nodes[child], depth: depth))
        add(below: child, depth: depth + 1)
      }
      let isEnd = parent.map { nodes[$0].accepted } ?? true
      if let bonus, isEnd, !children.contains(where: { nodes[$0].accepted }) {
        lines.append(
          Line(
            depth: depth, mark: "+", token: bonus.quoted,
            note: bonus.spec?.status == .bonus ? "free" : "stands instead",
            role: bonus.spec?.status.role ?? .bonus))
      }
      for child in children.filter({ !nodes[$0].accepted }) {
        lines.append(line(nodes[child], depth: depth))
        add(below: child, depth: depth + 1)
      }
    }
    add(below: nil, depth: 0)
    return lines
  }

  private static func line(_ node: DraftRecord.Node, depth: Int) -> Line {
    let chance = node.p.map { " " + Numbers.probability(Double($0)) } ?? ""
    return Line(
      depth: depth, mark: node.accepted ? "=" : "x", token: "\"\(node.token)\"",
      note: node.source.rawValue + chance, role: node.accepted ? .accepted : .rejected)
  }

  /// As many lines as there are rows; the last one says how many more there are.
  private static func shown(_ lines: [Line], rows: Int) -> [Line] {
    guard lines.count > rows, rows > 0 else { return lines }
    let more = Line(
      depth: 0, mark: "…", token: "\(lines.count - rows + 1) more", note: "", role: .detail)
    return lines.prefix(rows - 1) + [more]
  }
}

/// How many words each pass decided, newest at the right; `·` for one.
enum RunStrip {
  static func draw(_ state: ScreenState, in area: Area, of frame: inout Frame) {
    guard !area.isEmpty, let breadth = state.tally?.breadth else { return }
    let label = state.statistics.rest ?? state.statistics.wordsPerPass ?? "no passes yet"
    let room = area.columns - 18 - label.count
    guard room > 0 else { return }
    frame.write("words a pass", .detail, in: area, column: 1)
    for (column, run) in breadth.runs.suffix(room).enumerated() {
      let glyph = run <= 1 ? "·" : run < 10 ? "\(run)" : "+"
      frame.write(
        glyph, run <= 1 ? .detail : .amount(Double(run - 1) / 5), in: area, column: 14 + column)
    }
    frame.write(
      label, state.statistics.rest == nil ? .number : .notice, in: area,
      column: area.columns - label.count - 1)
  }
}
