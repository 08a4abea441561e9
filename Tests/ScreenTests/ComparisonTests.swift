import Dials
import Events
import Reports
import Screen
import Techniques
import TestSupport
import Testing

struct ComparisonTests {
  /// The records of an answer to message 0: words, one every `step` nanoseconds.
  private static func answer(
    _ number: Int, _ words: [String], step: Int, policy: DialSettings = .plain
  ) throws -> [Record] {
    let template = try #require(
      RecordedSession.make().lazy.compactMap {
        if case .token(let token) = $0, token.phase == .gen { token } else { nil }
      }.first)
    let made = AnswerSettings(policy: policy)
    let start = number * 1_000_000_000
    let turn = TurnRecord(
      turn: 1, role: .assistant, text: "", answer: number, made: made, tNs: start)
    let tokens = words.enumerated().map { place, word in
      var token = template
      (token.turn, token.answer, token.i, token.spec) = (1, number, place, nil)
      (token.token, token.bytes) = (word, Array(word.utf8))
      token.tNs = start + (place + 1) * step
      return Record.token(token)
    }
    let timings = EndRecord.Timings(
      cacheN: 0, promptN: 1, promptMs: 1, predictedN: words.count, predictedMs: 1, draftN: 0,
      draftNAccepted: 0)
    let end = EndRecord(turn: 1, answer: number, reason: .stop, timings: timings, tNs: start)
    return [.turn(turn)] + tokens + [.end(end)]
  }

  private static func state(
    rows: Int = 30, columns: Int = 100, _ words: [String], step: Int
  ) throws -> ScreenState {
    let begin: [Record] = [
      RecordedSession.make()[0],
      .turn(TurnRecord(turn: 0, role: .user, text: "a question", tNs: 0)),
    ]
    return ScreenState.recorded(
      rows: rows, columns: columns, records: begin + (try answer(1, words, step: step)))
  }

  private static let sky = ["The", " sky", " is", " blue", " today", "."]
  private static let sea = ["The", " sea", " is", " blue", " today", "."]

  @Test func `F5 asks for another answer and lays it beside the one that is there`() throws {
    var state = try Self.state(Self.sky, step: 10)
    #expect(state.update(.key(.function(5))) == [.command(.compare)])
    #expect(state.overlay == .comparison)
    let pruned = DialSettings(pruned: BlockSet(indices: [3]))
    for record in try Self.answer(2, Self.sea, step: 20, policy: pruned) {
      _ = state.update(.record(record))
    }
    let comparison = try #require(state.comparison)
    #expect(comparison.isOver)
    #expect(comparison.difference.marked == "The [-sky-] {+sea+} is blue today.")
    #expect(comparison.now?.tally.settings.policy == pruned)
    #expect(comparison.before.tally.settings.policy == .plain)
    let lines = draw(state).lines
    let shown = lines.first { $0.contains("[sky]") }
    #expect(shown?.contains("[sea]") == true, "\(lines.joined(separator: "\n"))")
    #expect(state.update(.key(.escape)) == [])
    #expect(state.overlay == nil)
  }

  @Test func `while the second comes the first plays at the pace at which it came`() throws {
    var state = try Self.state(Self.sky, step: 10)
    _ = state.update(.key(.function(5)))
    let records = try Self.answer(2, Self.sky, step: 20)
    // Two tokens of the second, the second one 20 ns after the first: time for two more of the first.
    for record in records.prefix(3) { _ = state.update(.record(record)) }
    let comparison = try #require(state.comparison)
    let texts = comparison.texts
    #expect(texts.before == "The sky is")
    #expect(texts.now == "The sky")
  }

  @Test func `what one has in front of the other is no difference while it comes`() {
    let difference = WordDifference(from: "a b c d", to: "a b")
    #expect(difference.kinds(ofFirst: true, isOver: false) == [false, false, false, false])
    #expect(difference.kinds(ofFirst: true, isOver: true) == [false, false, true, true])
  }

  @Test func `records of other messages count for nothing`() throws {
    var state = try Self.state(Self.sky, step: 10)
    _ = state.update(.key(.function(5)))
    let other = TurnRecord(turn: 3, role: .assistant, text: "", answer: 2, tNs: 5)
    _ = state.update(.record(.turn(other)))
    #expect(state.comparison?.now == nil)
  }

  @Test func `every cell is whole at any size, whatever the words are`() throws {
    var generator = SeededGenerator(seed: 8)
    let words = ["日本語", "\u{1b}[31m", "e\u{301}", String(repeating: "x", count: 90), "\n\n", " a"]
    for _ in 0..<40 {
      let rows = Int.random(in: 0...30, using: &generator)
      let columns = Int.random(in: 0...100, using: &generator)
      let text = (0..<20).map { _ in words[Int.random(in: 0..<words.count, using: &generator)] }
      var state = try Self.state(rows: rows, columns: columns, text, step: 10)
      _ = state.update(.key(.function(5)))
      let count = Int.random(in: 0...22, using: &generator)
      for record in try Self.answer(2, text.shuffled(using: &generator), step: 9).prefix(count) {
        _ = state.update(.record(record))
      }
      draw(state).expectWhole("\(rows) x \(columns)")
    }
  }

  @Test(arguments: [(24, 80), (50, 160)])
  func `two answers look as they were judged good`(rows: Int, columns: Int) throws {
    var state = try Self.state(rows: rows, columns: columns, Self.sky, step: 10)
    _ = state.update(.key(.function(5)))
    for record in try Self.answer(2, Self.sea, step: 20) { _ = state.update(.record(record)) }
    try Golden.expect(
      Golden.picture(of: draw(state)), is: "comparison-\(columns)x\(rows).txt")
  }
}
