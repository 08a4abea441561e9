import Dials
import Events
import Screen
import Techniques
import TestSupport
import Testing

struct WhatIfTests {
  private static let blockCount = 30
  private static let depths = [10, 20]

  private static func setting(_ threshold: Float) -> ExitSetting {
    .confidence(
      measure: .top1, points: depths.map { ExitPoint(depth: $0, threshold: threshold) })
  }

  /// A token as full knowledge has it: what each exit would say, and what full depth takes.
  private struct Truth {
    var readouts: [Readout]
    var whole: TokenID

    init(_ generator: inout SeededGenerator) {
      readouts = depths.map { depth in
        Readout(
          depth: depth, token: TokenID(Int.random(in: 1...3, using: &generator)),
          probability: Float.random(in: 0...1, using: &generator), margin: 0.1, entropy: 0.5)
      }
      whole = TokenID(Int.random(in: 1...3, using: &generator))
    }

    /// Where it leaves at a threshold, and with which token.
    func outcome(_ threshold: Float) -> (depth: Int, token: TokenID) {
      let exit = readouts.first { $0.probability > threshold }
      return (exit?.depth ?? blockCount, exit?.token ?? whole)
    }
  }

  /// The records of an answer that was made at a threshold.
  private static func tally(
    _ truths: [Truth], _ threshold: Float
  ) throws -> (AnswerTally, [TokenRecord]) {
    let template = try #require(
      RecordedSession.make().lazy.compactMap {
        if case .token(let token) = $0, token.phase == .gen { token } else { nil }
      }.first)
    let policy = DialSettings(exit: setting(threshold), mode: .approximate, fill: .catchUp)
    let sampler = SessionRecord.Sampler(temperature: 0)
    let turn = TurnRecord(turn: 1, role: .assistant, text: "", answer: 1, tNs: 0)
    var tally = AnswerTally(turn, settings: AnswerSettings(policy: policy, sampler: sampler))
    let tokens = truths.enumerated().map { place, truth in
      let (depth, id) = truth.outcome(threshold)
      let shown = truth.readouts.filter { $0.depth <= depth }
      var token = template
      (token.turn, token.answer, token.i, token.id, token.spec) = (1, 1, place, id, nil)
      token.depth = Route.plain.line(to: depth, of: blockCount)
      token.exit = TokenRecord.Exit(
        layers: depth, left: depth < blockCount ? ExitReason("threshold") : nil,
        evidence: Evidence(readouts: shown), probes: 0)
      return token
    }
    for token in tokens { tally.add(.token(token)) }
    let others = zip(tokens, truths).filter { $0.id != $1.whole }.map {
      CheckRecord.Other(i: $0.i, id: $1.whole, token: "")
    }
    let line = String(zip(tokens, truths).map { $0.id == $1.whole ? "=" : "~" })
    tally.add(.check(CheckRecord(turn: 1, answer: 1, line: line, others: others, tUs: 0)))
    return (tally, tokens)
  }

  @Test func `lower thresholds are answered in full, and the truth lies within every bound`() throws
  {
    var generator = SeededGenerator(seed: 11)
    for _ in 0..<60 {
      let count = Int.random(in: 1...40, using: &generator)
      let truths = (0..<count).map { _ in Truth(&generator) }
      let made = Float(Int.random(in: 0...20, using: &generator)) / 20
      let (tally, tokens) = try Self.tally(truths, made)
      let whatIf = try #require(WhatIf(tally, tokens))
      #expect(whatIf.checkedCount == count)
      for row in whatIf.rows {
        let threshold = try #require(row.threshold)
        let outcomes = truths.map { $0.outcome(threshold) }
        let left = outcomes.count { $0.depth < Self.blockCount }
        let same = zip(outcomes, truths).count { $0.token == $1.whole }
        let blocks = outcomes.reduce(0) { $0 + $1.depth }
        #expect(row.left.contains(left) && row.same.contains(same) && row.blocks.contains(blocks))
        if threshold <= made {
          #expect(row.left == left...left && row.blocks == blocks...blocks)
          #expect(row.same == same...same)
        }
        let firstOther = zip(outcomes, tokens).enumerated()
          .first { $0.element.0.token != $0.element.1.id }?.offset
        if let firstOther { #expect(try #require(row.change).place <= firstOther) }
        if let change = row.change, change.isSure { #expect(change.place == firstOther) }
      }
    }
  }

  @Test func `the setting that made the answer gives the answer back`() throws {
    var generator = SeededGenerator(seed: 3)
    let truths = (0..<50).map { _ in Truth(&generator) }
    let (tally, tokens) = try Self.tally(truths, 0.6)
    let whatIf = try #require(WhatIf(tally, tokens))
    let early = tokens.count { $0.exit.left != nil }
    #expect(whatIf.now.left == early...early)
    #expect(whatIf.now.change == nil)
    let agreed = try #require(tally.agreement).all.agreed
    #expect(whatIf.now.same == agreed...agreed)
  }

  @Test func `F6 slides, Enter answers again so and lays both side by side`() throws {
    var generator = SeededGenerator(seed: 5)
    let (tally, tokens) = try Self.tally((0..<30).map { _ in Truth(&generator) }, 0.5)
    var state = ScreenState.recorded(rows: 30, columns: 100, records: [])
    let made = tally.settings
    let turn = TurnRecord(turn: 1, role: .assistant, text: "", answer: 1, made: made, tNs: 0)
    let session = RecordedSession.make()[0]
    let timings = EndRecord.Timings(
      cacheN: 0, promptN: 1, promptMs: 1, predictedN: 30, predictedMs: 1, draftN: 0,
      draftNAccepted: 0)
    let end = EndRecord(turn: 1, answer: 1, reason: .stop, timings: timings, tNs: 1)
    for record in [session, .turn(turn)] + tokens.map(Record.token) + [.end(end)] {
      _ = state.update(.record(record))
    }
    #expect(state.update(.key(.function(6))) == [])
    guard case .whatIf(let whatIf) = state.overlay else {
      Issue.record("nothing opened: \(state.hint ?? "")")
      return
    }
    _ = state.update(.key(.down))
    guard case .whatIf(let moved) = state.overlay else { return }
    #expect(moved.cursor == whatIf.cursor + 1)
    draw(state).expectWhole("what if")
    let setting = try #require(moved.selected).setting
    #expect(
      state.update(.key(.enter)) == [.command(.exitPolicy("\(setting)")), .command(.compare)])
    #expect(state.overlay == .comparison)
  }

  @Test func `without exits that were taken there is nothing to slide`() {
    var state = ScreenState.recorded(
      rows: 24, columns: 80, records: Array(RecordedSession.make().prefix(1)))
    #expect(state.update(.key(.function(6))) == [])
    #expect(state.overlay == nil)
    #expect(state.hint == "no answer yet to ask about")
  }
}
