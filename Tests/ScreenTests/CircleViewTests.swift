import Events
import Screen
import Testing

/// Answers that were stopped in a circle, and answers that go on, on the screen and in lines.
struct CircleViewTests {
  private static let circle = "The text runs in a circle: its last 12 tokens 10 times over."
  private static let wayOn =
    " /continue goes on; another temperature or repeat_penalty may lead out."

  /// The records of an answer that says `words` behind `begun`.
  private func answer(
    _ words: [String], begun: String = "", _ reason: EndRecord.Reason, message: String? = nil
  ) throws -> [Record] {
    var token = try #require(ScreenState.chat().tokens.last { $0.record.phase == .gen }?.record)
    (token.turn, token.special, token.spec) = (9, false, nil)
    let tokens = words.map { word in
      token.bytes = Array(word.utf8)
      return Record.token(token)
    }
    let timings = EndRecord.Timings(
      cacheN: 0, promptN: 1, promptMs: 1, predictedN: words.count, predictedMs: 1, draftN: 0,
      draftNAccepted: 0)
    return [.turn(TurnRecord(turn: 9, role: .assistant, text: begun, tNs: 0))] + tokens + [
      .end(EndRecord(turn: 9, reason: reason, message: message, timings: timings, tNs: 1))
    ]
  }

  @Test(
    arguments: [
      (.circle, CircleViewTests.circle, CircleViewTests.circle + CircleViewTests.wayOn),
      (.circle, nil, "The text runs in a circle." + CircleViewTests.wayOn),
      (
        .length, CircleViewTests.circle,
        "The limit on new tokens is reached (num_predict). " + CircleViewTests.circle
      ),
      (.length, nil, "The limit on new tokens is reached (num_predict)."),
      (.interrupt, CircleViewTests.circle, "Stopped. " + CircleViewTests.circle),
    ] as [(EndRecord.Reason, String?, String)])
  func `the screen says that an answer runs in a circle`(
    reason: EndRecord.Reason, message: String?, words: String
  ) throws {
    var state = ScreenState.chat()
    for record in try answer(["a"], reason, message: message) { _ = state.update(.record(record)) }
    #expect(state.passages.last?.text == words)
    #expect(!state.isAnswering)
  }

  @Test func `an answer that goes on is one passage, and its end is not told any more`() throws {
    var state = ScreenState.chat()
    let count = state.passages.count
    for record in try answer(["row ", "row "], .circle, message: Self.circle) {
      _ = state.update(.record(record))
    }
    #expect(state.passages.count == count + 2)
    _ = state.update(.notice(Notice(.information, "in between")))
    let rest = try answer(["your boat"], begun: "row row ", .length)
    for record in rest.dropLast() { _ = state.update(.record(record)) }
    #expect(state.isAnswering)
    #expect(state.passages.dropFirst(count).map(\.text) == ["in between", "row row your boat"])
    for record in rest.suffix(1) { _ = state.update(.record(record)) }
    #expect(!state.isAnswering && state.passages.count == count + 3)
  }

  @Test func `an answer that goes on takes back its own end alone`() throws {
    var state = ScreenState.chat()
    let count = state.passages.count
    let stopped = try answer(["row "], .interrupt)
    for record in stopped + stopped + (try answer(["on"], begun: "row ", .stop)) {
      _ = state.update(.record(record))
    }
    #expect(state.passages.dropFirst(count).map(\.text) == ["row ", "Stopped.", "row on"])
  }

  @Test func `in lines only what is new is written, unless nothing was`() throws {
    let first = try answer(["row ", "row "], .circle, message: Self.circle)
    let rest = try answer(["your boat"], begun: "row row ", .stop)
    var renderer = PlainRenderer(wayOn: EndRecord.wayOn)
    let all = (first + rest).map { renderer.text(for: $0) }.joined().split(separator: "\n")
    #expect(all[0] == "Model: row row ")
    #expect(all[1] == "Stopped: " + Self.circle + Self.wayOn)
    #expect(all[2].hasPrefix("Stats: 2 tokens"))
    #expect(all[3] == "Model goes on: your boat")
    var other = PlainRenderer()
    let alone = rest.map { other.text(for: $0) }.joined()
    #expect(alone.hasPrefix("Model: row row your boat\n"))
  }
}
