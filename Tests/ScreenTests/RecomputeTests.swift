import Dials
import Events
import Foundation
import Screen
import Techniques
import TestSupport
import Testing

/// What the screen draws of an answer is what `scripts/recompute.py` makes of the saved records.
@Suite(.needsPython)
struct RecomputeTests {
  /// What the script makes of records that are saved first.
  private func sections(
    of records: [Record], _ arguments: String...
  ) throws -> [Recomputation.Section] {
    let folder = try TemporaryFolder()
    let file = folder.file("session.jsonl")
    try EventLog.data(for: records).write(to: URL(filePath: file))
    return try Recomputation.sections(ofFile: file, arguments)
  }

  private static func state(_ records: [Record]) -> ScreenState {
    .recorded(rows: 60, columns: 250, records: records)
  }

  /// The lines that `/stats` says.
  private static func block(_ state: ScreenState) -> [String] {
    state.statistics.lines.map { $0.trimmingCharacters(in: .whitespaces) }
      .filter { line in !["MADE ", "NEXT "].contains { line.hasPrefix($0) } }
  }

  /// The recorded session as far as the end of its first answer's looks, and as a whole.
  private static let ends = [
    RecordedSession.make().lastIndex { $0.type == "draft" }, RecordedSession.make().count,
  ]

  @Test(arguments: ends)
  func `the numbers of stats and the title's meter are what the script says`(
    end: Int?
  ) throws {
    let records = Array(RecordedSession.make().prefix(try #require(end)))
    let answer = try #require(try sections(of: records).last)
    let state = Self.state(records)
    let drawn = Self.block(state)
    let said = answer.lines.filter { line in
      !["Stats:", "Check:", "MADE ", "NEXT ", "title "].contains { line.hasPrefix($0) }
    }.map { $0.trimmingCharacters(in: .whitespaces) }
    #expect(drawn.count > 4 && drawn.count <= said.count)
    #expect(drawn == Array(said.prefix(drawn.count)))
    let meter = try #require(answer.lines.last)
    #expect(meter.hasPrefix("title  ctx "))
    let numbers = meter.dropFirst(11).split(separator: " ")
    let title = draw(state).lines[0]
    #expect(numbers.allSatisfy { title.contains($0) }, "\(numbers) in \(title)")
  }

  @Test func `each token's row is drawn as the script says it`() throws {
    let records = RecordedSession.make()
    let state = ScreenState.recorded(rows: 60, columns: 110, records: records)
    let area = Layout(of: state).strip
    let rows = draw(state).lines[(area.row + 1)..<(area.row + area.rows)].filter {
      !$0.contains("┄")
    }
    let said = try sections(of: records, "--tokens").flatMap(\.lines).compactMap { line in
      line.contains(" R@") ? nil : line.firstMatch(of: #/ (\d+)\/\d+ +(\S+)( +[=~])?/#)
    }
    #expect(rows.count > 15)
    for (row, facts) in zip(rows.reversed(), said.reversed()) {
      let figures = row.split(separator: " ").map(String.init)
      #expect(figures.contains(String(facts.1)) && figures.contains(String(facts.2)), "\(row)")
      let mark = facts.3.map { $0.hasSuffix("=") ? "yes" : "no" }
      #expect(mark == figures.first { $0 == "yes" || $0 == "no" }, "\(row)")
    }
  }

  @Test func `answers of any figures, under any settings, are said in the same words`() throws {
    var random = SeededGenerator(seed: 21)
    var records: [Record] = []
    for _ in 0..<100 { records += Record.session(using: &random) }
    var state = ScreenState()
    var renderer = PlainRenderer()
    var (panel, printed): ([[String]], [String]) = ([], [])
    for record in records {
      let begins = if case .turn(let turn) = record { turn.role == .assistant } else { false }
      if begins || record.type == "session" && state.session != nil {
        panel.append(Self.visible(state.statistics.lines))
      }
      _ = state.update(.record(record))
      printed += renderer.text(for: record).components(separatedBy: "\n")
    }
    panel.append(Self.visible(state.statistics.lines))
    let sections = try sections(of: records)
    #expect(sections.count == 300)
    for (section, lines) in zip(sections, panel) { #expect(section.statistics == lines) }
    #expect(printed.figures == sections.flatMap(\.sentences))
    for label in [
      "AGREE", "BYTES", "WORK", "PACE", "BUDGET", "REACH", "DRAFT", "PASS", "LENS", "NEXT",
    ] {
      #expect(panel.joined().contains { $0.hasPrefix(label + " ") }, "\(label)")
    }
  }

  /// The lines as a terminal shows them.
  private static func visible(_ lines: [String]) -> [String] {
    var renderer = PlainRenderer()
    return lines.map { String(renderer.text(for: Notice(.information, $0)).dropLast()) }
  }
}

extension Record {
  /// A session with two answers in the order in which an engine records them, with random figures.
  fileprivate static func session(using random: inout SeededGenerator) -> [Record] {
    var session = SessionRecord.random(using: &random)
    session.adapter?.name = "adapter\u{1b}"
    (session.model.name, session.model.fileType) = ("model", "Q8_0")
    var records: [Record] = [.session(session)]
    let isOld = Int.random(in: 0..<3, using: &random) == 0
    for number in 1...2 {
      for _ in 0..<Int.random(in: 0...3, using: &random) { records.append(change(using: &random)) }
      records += answer(isOld ? nil : number, turn: 2 * number, using: &random)
    }
    return records
  }

  private static func change(using random: inout SeededGenerator) -> Record {
    var change = ParameterRecord.random(using: &random)
    let keys = ["preset", "adapter", "mode"] + Parameter.allCases.map(\.rawValue)
    change.key = keys.randomElement(using: &random) ?? ""
    change.adapter?.name = "another"
    let texts = [
      "off", "saving", "quality, uncertified: another sampler", "0.5", "3", "-1e-7", "x",
    ]
    change.new = texts.randomElement(using: &random) ?? ""
    return .parameter(change)
  }

  private static func answer(
    _ number: Int?, turn: Int, using random: inout SeededGenerator
  ) -> [Record] {
    var opening = TurnRecord.random(using: &random)
    (opening.turn, opening.answer, opening.role) = (turn, number, .assistant)
    opening.text = ""
    if number == nil { opening.made = nil }
    opening.made?.adapter?.name = "exits"
    var records: [Record] = [.turn(opening)]
    let count = Int.random(in: 0...30, using: &random)
    var text = 0
    for index in 0..<count {
      var token = TokenRecord.random(using: &random)
      (token.turn, token.answer, token.i) = (turn, number, text)
      if index % 4 > 0 { token.phase = .gen }
      if token.phase == .gen { text += 1 }
      token.tNs = index * 9_000_000
      token.spec?.round = index / 3
      (token.bytes, token.token) = (Array("a".utf8), "a")
      records.append(.token(token))
      guard index % 3 == 2 else { continue }
      var round = DraftRecord.random(using: &random)
      (round.turn, round.answer) = (turn, number)
      records.append(.draft(round))
    }
    let isWhole = Int.random(in: 0..<4, using: &random) > 0
    if isWhole { records += closing(number, turn: turn, count: text, using: &random) }
    return records
  }

  private static func closing(
    _ number: Int?, turn: Int, count: Int, using random: inout SeededGenerator
  ) -> [Record] {
    var end = EndRecord.random(using: &random)
    (end.turn, end.answer, end.tNs, end.message) = (turn, number, 280_000_000, nil)
    var records: [Record] = [.end(end)]
    if number != nil {
      let marks = (0..<count).map { _ in
        Bool.random(using: &random) ? CheckRecord.same : CheckRecord.other
      }
      records.append(
        .check(CheckRecord(turn: turn, answer: number, line: String(marks), others: [], tUs: 1)))
    }
    for place in 0..<Int.random(in: 0...3, using: &random) {
      var probe = ProbeRecord.random(using: &random)
      (probe.turn, probe.answer, probe.i) = (turn, number, place)
      records.append(.probe(probe))
    }
    return records
  }
}
