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
    #expect(state.passages.last?.text.contains("32% compute saved") == true)
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

  @Test func `agreement counts tokens of the settings in force only`() {
    let records = RecordedSession.make()
    let change = records.firstIndex { if case .parameter = $0 { true } else { false } } ?? 0
    var state = ScreenState.chat(Array(records[..<change]))
    let before = state.agreement.checked
    #expect(before > 0)
    for record in records[change...(change + 2)] { _ = state.update(.record(record)) }
    #expect(state.agreement.checked == 0 && state.epoch == 3)
    // A probe that arrives late is about a token of the old settings.
    let late = records[..<change].compactMap {
      if case .probe(let probe) = $0 { probe } else { nil }
    }
    let unprobed = state.tokens.filter { $0.probe == nil && $0.record.phase == .gen }
    #expect(!late.isEmpty && !unprobed.isEmpty)
    if var probe = late.first, let token = unprobed.first?.record {
      (probe.turn, probe.i) = (token.turn, token.i)
      _ = state.update(.record(.probe(probe)))
    }
    #expect(state.agreement.checked == 0)
  }

  @Test func `the numbers are those of the records`() throws {
    let records = RecordedSession.make()
    let state = ScreenState.chat(records)
    let turn = try #require(state.tally?.turn)
    let tokens = records.compactMap { if case .token(let token) = $0 { token } else { nil } }
      .filter { $0.turn == turn }
    let committed = tokens.filter { $0.phase == .gen }
    let saved =
      1 - Double(tokens.reduce(0) { $0 + $1.cost.macs })
      / Double(committed.reduce(0) { $0 + $1.cost.macsFull })
    #expect(state.tally?.tokenCount == committed.count)
    #expect(state.tally?.computeSaved == saved)
    #expect(
      state.tally?.meanDepth == Double(committed.reduce(0) { $0 + $1.exit.layers })
        / Double(committed.count))
    #expect(state.contextUsed == tokens.last?.kv.used)
  }

  @Test func `more work than the dense model is called more`() {
    let records = RecordedSession.make()
    let end = records.firstIndex { if case .end = $0 { true } else { false } } ?? 0
    let state = ScreenState.chat(Array(records[...end]))
    // Rejected drafts were paid for, and the dense model would not have run them.
    #expect(state.tally?.computeSaved.map { $0 < 0 } == true)
    #expect(state.statistics.compute?.hasSuffix("more compute") == true)
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
      #expect(draw(state).lines.contains { $0.contains(words) })
      for record in records.dropFirst() { _ = state.update(.record(record)) }
      #expect(!draw(state).lines.contains { $0.contains("loaded in") })
    }
    var plain = PlainRenderer()
    #expect(plain.text(for: .session(session)).contains("; \(words)"))
  }

  private struct Missing: Error {}

  @Test func `a sampler that is set shows in the title`() {
    var state = ScreenState.chat()
    _ = state.update(.resized(rows: 24, columns: 160))
    #expect(draw(state).lines[0].contains("greedy seed 42"))
    for (key, new) in [("temperature", "0.7"), ("seed", "9")] {
      let change = ParameterRecord(key: key, old: "", new: new, tNs: 0)
      _ = state.update(.record(.parameter(change)))
    }
    #expect(draw(state).lines[0].contains("T 0.70 seed 9"))
    // Sampling is no dial: what was measured under these dials still counts.
    #expect(state.agreement == ScreenState.chat().agreement)
  }

  @Test func `a context that fills up says so without colour`() throws {
    var state = ScreenState.chat()
    _ = state.update(.resized(rows: 24, columns: 80))
    #expect(!draw(state).lines[0].contains("%!"))
    var token = try #require(state.tokens.last?.record)
    token.kv.used = 7000
    _ = state.update(.record(.token(token)))
    #expect(draw(state).lines[0].contains("7000/8192 85%!"))
  }

  @Test(arguments: [(4000, "1.50x as fast as plain"), (1000, "33% slower than plain"), (nil, nil)])
  func `what guesses are worth in time is said beside what they cost`(
    plain: Int?, words: String?
  ) throws {
    var token = try #require(ScreenState.chat().tokens.first?.record)
    (token.turn, token.phase, token.spec) = (9, .gen, nil)
    token.time.total = 2000
    var guessed = token
    guessed.spec = TokenRecord.Speculation(
      round: 1, k: 1, idx: 0, status: .bonus)
    var tally = AnswerTally(turn: 9)
    // A plain token of 2 ms, and a round of 2 ms for what plain passes take `plain` for.
    tally.add(.token(token))
    tally.add(.token(guessed))
    tally.add(
      .draft(
        DraftRecord(
          turn: 9, round: 1, kDrafted: 1, kAccepted: 0, draftLayers: 0, tDraftUs: 0, tVerifyUs: 0,
          tPlainUs: plain)))
    let statistics = Statistics(
      tally: tally, agreement: Agreement(), policy: .plain, blockCount: 30)
    #expect(statistics.pace == words)
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
    #expect(state.tokens.count <= ScreenState.tokenLimit)
    #expect(state.firstToken + state.tokens.count == 5000 + ScreenState.chat().tokens.count)
    #expect(state.token(state.firstToken) != nil && state.token(state.firstToken - 1) == nil)
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
