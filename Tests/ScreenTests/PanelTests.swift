import Dials
import Events
import Foundation
import Screen
import Techniques
import Testing

/// What stands beside the conversation.
struct PanelTests {
  static let sizes = [(24, 80), (30, 100), (34, 120), (50, 160)]

  /// Sessions that were recorded: with guesses and early exits, with early exits alone, with every state that
  /// the screen knows, and one that thinks.
  private static let sessions: [(name: String, records: [Record])] = {
    let docs = URL(filePath: #filePath).deletingLastPathComponent()
      .deletingLastPathComponent().deletingLastPathComponent().appending(path: "docs")
    let files = ["screen.jsonl", "approximate.jsonl"].compactMap { name in
      (try? Data(contentsOf: docs.appending(path: name)))
        .flatMap { try? EventLog.records(in: $0) }.map { (name, $0) }
    }
    return files + [("drafts and exits", RecordedSession.make())]
  }()

  private static func state(
    _ records: [Record], rows: Int, columns: Int, _ keys: [Key] = []
  ) -> ScreenState {
    var state = ScreenState.recorded(rows: rows, columns: columns, records: records)
    for key in keys { _ = state.update(.key(key)) }
    return state
  }

  private static let looks: [[Key]] = [
    [], [.function(2)], [.function(2), .left, .left, .left, .scalar("m")],
    [.function(3)], [.function(3), .function(3)], [.function(3), .function(3), .function(2)],
    [.function(3), .function(3), .function(3)],
  ]

  @Test(arguments: sizes)
  func `nothing is cut without an ellipsis, in any view`(rows: Int, columns: Int) {
    #expect(Self.sessions.count == 3)
    for (name, records) in Self.sessions {
      for count in Set([20, records.count / 2, records.count]) {
        for keys in Self.looks {
          let state = Self.state(
            Array(records.prefix(count)), rows: rows, columns: columns, keys)
          let frame = draw(state)
          #expect(frame.cutCount == 0, "\(name), \(count) records, \(keys): \(frame.lines)")
        }
      }
    }
  }

  @Test func `F3 turns the panel round, and /panel chooses one`() {
    var state = Self.state(RecordedSession.make(), rows: 34, columns: 120)
    #expect(state.choices.panel == .map && !Layout(of: state).map.isEmpty)
    var seen: [ViewChoices.Panel] = []
    for _ in 0..<4 {
      _ = state.update(.key(.function(3)))
      seen.append(state.choices.panel)
    }
    #expect(seen == [.reach, .guesses, .off, .map])
    _ = state.type("/panel off\n")
    let layout = Layout(of: state)
    #expect(layout.map.isEmpty && layout.statistics.isEmpty && layout.inspector.isEmpty)
    #expect(layout.transcript.columns == 120)
    _ = state.type("/panel inside\n")
    #expect(state.passages.last?.text.contains("off | map | reach | guesses") == true)
  }

  @Test func `the conversation is as wide as the panel leaves it, whatever is opened`() {
    var state = Self.state(RecordedSession.make(), rows: 34, columns: 120)
    for key in [Key.function(3), .function(3), .function(3), .function(2), .escape, .function(3)] {
      _ = state.update(.key(key))
      let width = Layout(of: state).transcript.columns
      #expect(draw(state).lines.contains { $0.contains("You   And in") })
      let longest =
        draw(state).lines.dropFirst().prefix(8)
        .map { $0.prefix(width).reversed().drop { $0 == " " }.count }.max() ?? 0
      #expect(longest > width / 2 && longest < width)
    }
  }

  @Test func `before the first word there is no panel`() {
    var state = ScreenState()
    _ = state.update(.resized(rows: 50, columns: 160))
    for record in RecordedSession.make().prefix(2) { _ = state.update(.record(record)) }
    #expect(Layout(of: state).transcript.columns == 160)
    #expect(state.tokens.isEmpty)
  }

  // MARK: - The map

  private static func map(_ records: [Record], _ keys: [Key] = []) -> [String] {
    let state = Self.state(records, rows: 50, columns: 160, keys)
    let area = Layout(of: state).map
    return draw(state).lines[area.row..<(area.row + area.rows)].map {
      String($0.dropFirst(area.column))
    }
  }

  @Test func `rows that every word ran are one, and blocks are counted as they are run`() throws {
    let records = try #require(Self.sessions.first { $0.name == "approximate.jsonl" }).records
    let lines = Self.map(records)
    let row = try #require(lines.first { $0.contains("every word") })
    #expect(row.hasPrefix(" 1-19 ████"))
    #expect(lines.contains { $0.hasPrefix("   20 ") && $0.contains("6 left") })
    #expect(lines.contains { $0.hasPrefix("   24 ") && $0.contains("29 left") })
    #expect(lines.contains { $0.hasPrefix("   30 ") && $0.contains("9 ran all") })
    #expect(!lines.contains { $0.hasPrefix("    0 ") || $0.hasPrefix("   31 ") })
  }

  @Test func `words stand below their columns, and ~ where the whole model takes another`() throws {
    let records = try #require(Self.sessions.first { $0.name == "approximate.jsonl" }).records
    let lines = Self.map(records)
    let checks = try #require(lines.firstIndex { $0.contains("~ other word") })
    let state = Self.state(records, rows: 50, columns: 160)
    let words = state.tokens.filter(\.isWord)
    for (place, entry) in words.enumerated() {
      let column = 6 + place
      let mark = Array(lines[checks])[column]
      #expect(mark == (entry.isSame == false ? "~" : " "), "word \(place)")
      let text = (1...9).map { Array(lines[checks + $0])[column] }
      let spelled = String(text).trimmingCharacters(in: .whitespaces)
      let meant = entry.record.token.trimmingCharacters(in: .whitespaces)
      #expect(spelled == meant || meant.isEmpty, "\(spelled) for \(meant)")
    }
  }

  @Test func `a seam parts the answers`() throws {
    let records = try #require(Self.sessions.first { $0.name == "screen.jsonl" }).records
    let row = try #require(Self.map(records).first { $0.contains("ran all") })
    #expect(row.dropFirst(6).contains("│"))
  }

  // MARK: - One word

  private static func inspected(_ records: [Record], at size: (Int, Int)) -> ScreenState {
    Self.state(records, rows: size.0, columns: size.1, [.function(2)])
  }

  @Test(arguments: sizes)
  func `the inspector says what each look said and needed`(rows: Int, columns: Int) throws {
    let records = try #require(Self.sessions.first { $0.name == "approximate.jsonl" }).records
    var state = Self.inspected(records, at: (rows, columns))
    let text = draw(state).lines.joined(separator: "\n")
    #expect(text.contains(#/why did ".+" leave after 24\?/#))
    #expect(text.contains(#/after 20  .*needs \.90  → not sure/#))
    #expect(text.contains(#/after 24  .*→ it left here: 1\.0 > \.90/#))
    _ = state.update(.key(.scalar("N")))
    let late = try #require(state.selected.flatMap { state.token($0) })
    #expect(late.isRemarkable)
  }

  @Test func `keys go to the first, the last, the next late one, a word and a number`() throws {
    let records = try #require(Self.sessions.first { $0.name == "approximate.jsonl" }).records
    var state = Self.inspected(records, at: (30, 100))
    let words = state.shelf.range.filter { state.token($0)?.isWord == true }
    #expect(state.selected == words.last)
    _ = state.update(.key(.home))
    #expect(state.selected == words.first)
    _ = state.update(.key(.end))
    #expect(state.selected == words.last)
    _ = state.update(.key(.home))
    var seen: [Int] = []
    for _ in 0..<100 {
      _ = state.update(.key(.scalar("n")))
      seen.append(try #require(state.selected))
    }
    let remarkable = words.filter { state.token($0)?.isRemarkable == true }
    #expect(Set(seen) == Set(remarkable.filter { $0 > words[0] }))
    for scalar in "/pLan".unicodeScalars { _ = state.update(.key(.scalar(scalar))) }
    #expect(draw(state).lines.last?.contains("pLan") == true)
    _ = state.update(.key(.enter))
    #expect(state.selected.flatMap { state.token($0)?.record.token } == " planet")
    for scalar in "g2".unicodeScalars { _ = state.update(.key(.scalar(scalar))) }
    _ = state.update(.key(.enter))
    #expect(state.selected == words[1])
    for scalar in "g999".unicodeScalars { _ = state.update(.key(.scalar(scalar))) }
    _ = state.update(.key(.enter))
    #expect(state.selected == words[1] && state.hint?.contains("999") == true)
    #expect(state.editor.isEmpty)
  }

  @Test func `what is being written keeps its letters`() {
    var state = Self.inspected(RecordedSession.make(), at: (30, 100))
    _ = state.type("so")
    let selected = state.selected
    _ = state.type("n/g")
    #expect(state.editor.text == "son/g" && state.selected == selected)
  }

  @Test func `the word that is looked at is marked in text and panel`() {
    for (rows, columns) in Self.sizes {
      var state = Self.inspected(RecordedSession.make(), at: (rows, columns))
      for _ in 0..<3 { _ = state.update(.key(.left)) }
      let (frame, layout) = (draw(state), Layout(of: state))
      func isMarked(_ area: Area) -> Bool {
        (area.row..<area.row + area.rows).contains { row in
          (area.column..<area.column + area.columns).contains { frame[row, $0].role == .selected }
        }
      }
      #expect(isMarked(layout.transcript))
      #expect(isMarked(layout.map.isEmpty ? layout.strip : layout.map))
    }
  }

  @Test func `wrong guesses are no words, and the word instead says what was wrong`() throws {
    var state = Self.inspected(RecordedSession.make(), at: (50, 160))
    while let selected = state.selected, state.token(selected)?.record.spec?.status != .corrected {
      _ = state.update(.key(.left))
    }
    #expect(draw(state).lines.contains { $0.contains("instead of the wrong guess \" wrong\"") })
    let state100 = Self.state(RecordedSession.make(), rows: 60, columns: 100)
    let strip = Layout(of: state100).strip
    let rows = draw(state100).lines[strip.row..<(strip.row + strip.rows)]
    #expect(!rows.contains { $0.contains("   wrong  ") })
  }

  // MARK: - Guesses and reach

  @Test func `the panel of guesses shows the tree, that of reach what was seen`() {
    var state = Self.state(RecordedSession.make(), rows: 34, columns: 120, [.function(3)])
    #expect(draw(state).lines.contains { $0.contains("Every word saw the whole text.") })
    _ = state.update(.key(.function(3)))
    #expect(draw(state).lines.contains { $0.contains("─ guesses ─") })
  }
}
