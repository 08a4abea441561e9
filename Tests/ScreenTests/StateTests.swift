import Dials
import Events
import Foundation
import Screen
import Techniques
import Testing

/// What the screen makes of records and keys.
struct StateTests {
  @Test func `a record replays: the same frames come back from the saved lines`() throws {
    let records = RecordedSession.make()
    let replayed = try EventLog.records(in: try EventLog.data(for: records))
    #expect(replayed == records)
    for (rows, columns) in [(24, 80), (50, 160), (30, 120)] {
      for count in stride(from: 0, through: records.count, by: 17) {
        var live = ScreenState()
        var again = ScreenState()
        _ = live.update(.resized(rows: rows, columns: columns))
        for record in records.prefix(count) { _ = live.update(.record(record)) }
        for record in replayed.prefix(count) { _ = again.update(.record(record)) }
        _ = again.update(.resized(rows: rows, columns: columns))
        #expect(draw(live) == draw(again))
      }
    }
  }

  @Test func `what is typed is asked for, and an answer at a time`() {
    var state = ScreenState.chat()
    #expect(state.type("hi\n") == [.submit("hi")])
    #expect(state.isAnswering)
    #expect(state.type("more\n") == [])
    #expect(state.editor.text == "more" && state.hint?.contains("^C") == true)
  }

  @Test func `Ctrl-C stops an answer, else clears the line and hints`() {
    var state = ScreenState.chat()
    _ = state.type("hi\n")
    #expect(state.update(.key(.control("c"))) == [.interrupt])
    state = ScreenState.chat()
    _ = state.type("half")
    #expect(state.update(.key(.control("c"))) == [])
    #expect(state.editor.text.isEmpty && state.hint?.contains("^D") == true)
  }

  @Test func `Ctrl-D leaves only from an empty line`() {
    var state = ScreenState.chat()
    _ = state.type("x")
    #expect(state.update(.key(.control("d"))) == [])
    _ = state.update(.key(.backspace))
    #expect(state.update(.key(.control("d"))) == [.quit])
  }

  @Test func `commands go out, a wrong one stays and explains itself`() {
    var state = ScreenState.chat()
    #expect(state.type("/mode approximate\n") == [.command(.mode(.approximate))])
    #expect(state.type("/bye\n") == [.quit])
    #expect(state.type("/moed\n") == [])
    #expect(state.passages.last?.speaker == .notice(.error))
    #expect(state.passages.last?.text.contains("/mode") == true)
  }

  @Test func `stats are said in the conversation`() {
    var state = ScreenState.chat()
    #expect(state.type("/stats\n") == [])
    #expect(state.passages.last?.text.contains("arithmetic 68%") == true)
  }

  @Test func `clear forgets the conversation at once, but not during an answer`() {
    var state = ScreenState.chat()
    #expect(state.type("/clear\n") == [.command(.clear)])
    #expect(state.passages.isEmpty && state.tokens.isEmpty && state.contextUsed == 0)
    #expect(state.session != nil)
    _ = state.type("hi\n")
    #expect(state.type("/clear\n") == [])
  }

  @Test func `half a character is held back until the other half comes`() {
    let records = RecordedSession.make()
    let half =
      records.firstIndex {
        if case .token(let token) = $0 { token.bytes == [0xf0, 0x9f] } else { false }
      } ?? 0
    var state = ScreenState.chat(Array(records[...half]))
    #expect(state.passages.last?.text.hasSuffix("。 ") == true)
    _ = state.update(.record(records[half + 1]))
    #expect(state.passages.last?.text.hasSuffix("。 🦘") == true)
  }

  @Test func `a setting that changes is for the next answer, and the screen says so`() {
    let records = RecordedSession.make()
    let change = records.firstIndex { if case .parameter = $0 { true } else { false } } ?? 0
    var state = ScreenState.chat(Array(records[..<change]))
    let (shown, statistics) = (state.shown, state.statistics)
    #expect(state.pending == nil && shown.contract == .identical)
    for record in records[change...(change + 2)] { _ = state.update(.record(record)) }
    #expect(state.shown == shown && state.next.contract == .approximate)
    #expect(state.statistics.block.map(\.text) == statistics.block.map(\.text))
    #expect(
      state.pending == "exit top1>.80 at 10,20, pruned 24-25, MAY DIFFER", "\(state.pending ?? "")"
    )
    #expect(state.passages.last?.text == "prune: none → 24-25, from the next answer on")
    #expect(draw(state).lines.contains { $0.contains("from the next answer on: exit top1") })
    #expect(draw(state).lines[0].hasSuffix("SAME TEXT "))
    for record in records[(change + 3)...] { _ = state.update(.record(record)) }
    #expect(state.pending == nil && state.shown.contract == .approximate)
  }

  @Test func `an answer given again has numbers of its own`() throws {
    let records = RecordedSession.make()
    let first = try #require(
      records.firstIndex { if case .turn(let turn) = $0 { turn.role == .assistant } else { false } }
    )
    let end = try #require(records.firstIndex { if case .end = $0 { true } else { false } })
    func numbered(_ number: Int) -> [Record] {
      records[first...end].map { record in
        switch record {
        case .turn(var turn):
          (turn.answer, turn.made) = (number, AnswerSettings(policy: .plain))
          return .turn(turn)
        case .token(var token):
          token.answer = number
          return .token(token)
        case .draft(var draft):
          draft.answer = number
          return .draft(draft)
        case .end(var end):
          end.answer = number
          return .end(end)
        default: return record
        }
      }
    }
    var state = ScreenState.chat(Array(records[..<first]) + numbered(1))
    let once = state.statistics.block.map(\.text)
    for record in numbered(2) { _ = state.update(.record(record)) }
    #expect(state.tally?.answer == 2 && state.statistics.block.map(\.text) == once)
    // What comes late of the first one is not the second one's.
    let turn = try #require(state.tally?.turn)
    _ = state.update(
      .record(.check(CheckRecord(turn: turn, answer: 1, line: "~~~", others: [], tUs: 1))))
    #expect(state.tally?.agreement == nil)
    _ = state.update(
      .record(.check(CheckRecord(turn: turn, answer: 2, line: "=~=", others: [], tUs: 1))))
    #expect(state.statistics.agreed == "2 of 3: 66.7% [9.4, 99.2]")
    let marks = state.tokens.filter { $0.record.answer == 2 }.compactMap(\.check)
    #expect(marks == [true, false, true])
  }

  @Test func `the numbers are those of the records`() throws {
    let records = RecordedSession.make()
    let state = ScreenState.chat(records)
    let turn = try #require(state.tally?.turn)
    let tokens = records.compactMap { if case .token(let token) = $0 { token } else { nil } }
      .filter { $0.turn == turn }
    let committed = tokens.filter { $0.phase == .gen }
    let arithmetic =
      Double(committed.reduce(0) { $0 + $1.cost.macs })
      / Double(committed.reduce(0) { $0 + $1.cost.macsFull })
    #expect(state.tally?.tokenCount == committed.count)
    #expect(state.tally?.arithmetic == arithmetic)
    #expect(
      state.tally?.meanDepth == Double(committed.reduce(0) { $0 + $1.exit.layers })
        / Double(committed.count))
    #expect(state.contextUsed == tokens.last?.kv.used)
  }

  @Test func `more work than the dense model's is more than all of it`() {
    let records = RecordedSession.make()
    let end = records.firstIndex { if case .end = $0 { true } else { false } } ?? 0
    let state = ScreenState.chat(Array(records[...end]))
    // Wrong drafts were paid for, and the dense model would not have run them.
    #expect(state.tally?.arithmetic.map { $0 > 1 } == true)
    #expect(state.statistics.wrongDrafts?.hasSuffix("wrong drafts") == true)
    #expect(state.statistics.agreed == nil)
  }

  @Test func `until there is an answer, the numbers say how long loading took`() throws {
    let records = RecordedSession.make()
    guard case .session(var session)? = records.first else { throw Missing() }
    session.load = SessionRecord.Load(openMs: 20, tokenizerMs: 70, repackMs: 250)
    let words = "loaded in 0.34 s, of which 0.25 s repacked the weights"
    for (rows, columns) in [(24, 80), (50, 160)] {
      var state = ScreenState.chat([.session(session)])
      _ = state.update(.resized(rows: rows, columns: columns))
      #expect(state.statistics.lines.contains { $0.contains(words) })
      #expect(!draw(state).lines.contains { $0.contains("repacked") })
      for record in records.dropFirst() { _ = state.update(.record(record)) }
      #expect(!draw(state).lines.contains { $0.contains("loaded in") })
    }
    var plain = PlainRenderer()
    #expect(plain.text(for: .session(session)).contains("; \(words)"))
  }

  private struct Missing: Error {}

  @Test func `a sampler that is set shows in the title, once an answer has it`() {
    var state = ScreenState.chat()
    _ = state.update(.resized(rows: 24, columns: 160))
    #expect(draw(state).lines[0].contains("greedy seed 42"))
    for (key, new) in [("temperature", "0.7"), ("seed", "9")] {
      let change = ParameterRecord(key: key, old: "", new: new, tNs: 0)
      _ = state.update(.record(.parameter(change)))
    }
    #expect(draw(state).lines[0].contains("greedy seed 42"))
    #expect(state.pending == "T 0.70 seed 9")
    _ = state.update(.record(.turn(TurnRecord(turn: 9, role: .assistant, text: "", tNs: 0))))
    #expect(draw(state).lines[0].contains("T 0.70 seed 9"))
  }

  @Test func `a context that fills up says so without colour`() throws {
    var state = ScreenState.chat()
    _ = state.update(.resized(rows: 24, columns: 80))
    #expect(!draw(state).lines[0].contains("%!"))
    var token = try #require(state.tokens.last?.record)
    token.kv.used = 7000
    _ = state.update(.record(.token(token)))
    #expect(draw(state).lines[0].contains("7000/8192 tokens 85%!"))
  }

  /// An answer of 21 tokens, 2 ms each, in which so many plain passes took 3 ms, beside the text or not.
  private func paced(_ plainCount: Int, areBeside: Bool) throws -> Statistics {
    let example = try #require(ScreenState.chat().tokens.first?.record)
    let settings = AnswerSettings(policy: DialSettings(exit: .fixed(depth: 12)))
    var tally = AnswerTally(
      TurnRecord(turn: 9, role: .assistant, text: "", tNs: 0), settings: settings)
    var now = 1_000_000
    for place in 0...20 {
      var token = example
      (token.turn, token.answer, token.phase, token.spec) = (9, nil, .gen, nil)
      (token.i, token.time.total) = (place, 2000)
      let isPlain = place > 0 && place <= plainCount
      token.time.plain = isPlain ? 3000 : nil
      token.time.beside = isPlain && areBeside ? 3000 : nil
      now += 2_000_000 + (token.time.beside ?? 0) * 1000
      token.tNs = now
      tally.add(.token(token))
    }
    return Statistics(tally: tally, next: settings, blockCount: 30)
  }

  @Test(arguments: [false, true])
  func `the pace is that of plain passes of the same answer, whose own time does not count`(
    areBeside: Bool
  ) throws {
    let statistics = try paced(6, areBeside: areBeside)
    #expect(statistics.pace == "1.50x [1.50, 1.50] as fast as plain (6 passes)")
    #expect(statistics.yardstick == (areBeside ? "yardstick 0.02 s" : nil))
    // 20 intervals of 2 ms, not 21 tokens.
    #expect(statistics.speed == "500.0 tok/s")
  }

  @Test func `nothing is said of the pace by fewer than five plain passes`() throws {
    #expect(try paced(4, areBeside: true).pace == nil)
    #expect(try paced(5, areBeside: true).pace != nil)
  }

  @Test func `a failed answer ends with its reason in the conversation`() {
    var state = ScreenState.chat()
    _ = state.type("hi\n")
    _ = state.update(.record(.turn(TurnRecord(turn: 9, role: .assistant, text: "", tNs: 0))))
    let timings = EndRecord.Timings(
      cacheN: 0, promptN: 0, promptMs: 0, predictedN: 0, predictedMs: 0, draftN: 0,
      draftNAccepted: 0)
    _ = state.update(
      .record(
        .end(EndRecord(turn: 9, reason: .error, message: "out of memory", timings: timings, tNs: 1))
      ))
    #expect(!state.isAnswering)
    #expect(state.passages.last?.text == "out of memory")
  }

  @Test func `an answer that never began can be asked for again`() {
    var state = ScreenState.chat()
    _ = state.type("hi\n")
    _ = state.update(.notice(Notice(.error, "no model")))
    #expect(!state.isAnswering)
  }

  @Test func `the inspector walks from token to token and stops at the ends`() {
    var state = ScreenState.chat()
    _ = state.update(.key(.function(2)))
    #expect(state.overlay == .inspector(token: state.tokens.count - 1))
    _ = state.update(.key(.right))
    #expect(state.overlay == .inspector(token: state.tokens.count - 1))
    for _ in 0..<500 { _ = state.update(.key(.left)) }
    #expect(state.overlay == .inspector(token: 0))
    _ = state.update(.key(.escape))
    #expect(state.overlay == nil)
  }

  @Test func `the panel keeps the newest tokens and their numbers`() throws {
    var state = ScreenState.chat()
    let token = try #require(state.tokens.last?.record)
    for _ in 0..<5000 { _ = state.update(.record(.token(token))) }
    #expect(state.tokens.count <= TokenShelf.tokenLimit)
    #expect(state.shelf.first + state.tokens.count == 5000 + ScreenState.chat().tokens.count)
    #expect(state.token(state.shelf.first) != nil && state.token(state.shelf.first - 1) == nil)
  }

  @Test func `scrolling stops at the first line and comes back to the end`() {
    var state = ScreenState.chat()
    _ = state.update(.resized(rows: 24, columns: 80))
    for _ in 0..<20 { _ = state.update(.key(.pageUp)) }
    #expect(state.scrollTop == 0)
    #expect(draw(state).lines[1].contains("You"))
    for _ in 0..<20 { _ = state.update(.key(.pageDown)) }
    #expect(state.scrollTop == nil)
    #expect(draw(state).lines.contains { $0.contains("Stopped.") })
  }

  @Test func `Tab completes as far as it is certain and offers the rest`() {
    var state = ScreenState.chat()
    _ = state.type("/exit")
    _ = state.update(.key(.tab))
    #expect(state.hint?.contains("/exit-policy") == true)
    _ = state.type("-p")
    _ = state.update(.key(.tab))
    #expect(state.editor.text == "/exit-policy ")
    _ = state.type("f")
    _ = state.update(.key(.tab))
    #expect(state.editor.text == "/exit-policy fixed ")
  }

  @Test func `a replay takes no text and leaves on q`() {
    var state = ScreenState(stage: .replay(file: "x.jsonl"))
    #expect(state.update(.key(.scalar("a"))) == [])
    #expect(state.editor.text.isEmpty)
    #expect(state.update(.key(.scalar("q"))) == [.quit])
    #expect(state.update(.key(.control("d"))) == [.quit])
  }

  @Test func `a pause of the person is shortened, the model's pace is kept`() {
    let paced = ReplayPace.paced(RecordedSession.make())
    #expect(paced.map(\.record) == RecordedSession.make())
    #expect(paced.allSatisfy { $0.pause >= .zero && $0.pause <= .seconds(2) })
    #expect(paced.contains { $0.pause == .seconds(2) })
    let tokens = paced.filter { if case .token = $0.record { true } else { false } }
    #expect(
      tokens.filter { $0.pause >= .milliseconds(9) && $0.pause <= .milliseconds(131) }.count
        == tokens.count)
  }
}
