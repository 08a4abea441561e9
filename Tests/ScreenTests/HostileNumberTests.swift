import Dials
import Events
import Foundation
import Reports
import Screen
import Techniques
import TestSupport
import Testing

/// Records whose numbers are none that a session has: a reader refuses them or shows them, and never traps.
struct HostileNumberTests {
  private static let hostile: [JSONValue] = [
    .integer(.min), .number(-1), .number(0), .number(4096), .number(Double(1 << 31)),
    .integer(1 << 48), .integer(1 << 53), .integer(1 << 62), .integer(.max), .number(1e308),
    .string("nan"),
  ]
  /// What may be any number: floats, whose largest mean nothing worse, seeds, and the first positions where a
  /// window alone has none.
  private static let free: Set<String> = [
    "logprob", "entropy", "margin", "u", "conf", "thr", "probability", "value", "least", "needed",
    "p_draft", "p", "sink", "prompt_ms", "predicted_ms", "open_ms", "tokenizer_ms", "repack_ms",
    "temperature", "top_p", "min_p", "repeat_penalty", "seed", "threshold", "gate", "short_head",
    "perplexity", "perplexity_full", "divergence", "same_top", "sinks", "share", "offset",
    "scores",
  ]

  @Test(arguments: Record.kinds)
  func `whatever one number says, the record is refused or shown`(kind: String) throws {
    var generator = SeededGenerator(seed: 31)
    var free: Set<String> = []
    var shown = 0
    for _ in 0..<4 {
      let value = try JSONValue(
        parsing: EventLog.line(for: .random(kind: kind, using: &generator)))
      for place in JSONPlace.numbers(in: value) where place.name != "v" {
        for number in Self.hostile {
          guard let records = try stream(of: place.putting(number, into: value)) else { continue }
          if number == .integer(.max) { free.insert(place.name) }
          show(records)
          shown += 1
        }
      }
    }
    #expect(shown > 20)
    #expect(free.isSubset(of: Self.free), "\(free.subtracting(Self.free).sorted())")
  }

  @Test(arguments: Record.kinds)
  func `whatever many numbers say together, the record is refused or shown`(kind: String) throws {
    var generator = SeededGenerator(seed: 32)
    for round in 0..<60 {
      var value = try JSONValue(
        parsing: EventLog.line(for: .random(kind: kind, using: &generator)))
      // Every other time within what is read, where sums and products are what could trap.
      let numbers = round % 2 == 0 ? Self.hostile : [.number(0), .number(1), .integer(1 << 48)]
      for place in JSONPlace.numbers(in: value) where place.name != "v" {
        guard Bool.random(using: &generator) else { continue }
        let number = numbers.randomElement(using: &generator) ?? .null
        let changed = place.putting(number, into: value)
        if try round % 2 == 0 || stream(of: changed) != nil { value = changed }
      }
      if let records = try stream(of: value) { show(records) }
    }
  }

  @Test func `sums of the largest numbers end at the largest there is`() throws {
    var generator = SeededGenerator(seed: 33)
    var token = TokenRecord.random(using: &generator)
    let most = NumberCheck.count.upperBound
    (token.turn, token.answer, token.phase) = (1, nil, .gen)
    token.cost = .init(
      macs: most, macsFull: most, bytesRead: most,
      bytes: .init(blocks: most, head: most, probes: most, fill: most, full: most))
    token.time = .init(
      total: most, blocks: most, head: most, probes: most, sample: most, fill: most, plain: most,
      beside: most)
    var tally = AnswerTally(
      TurnRecord(turn: 1, role: .assistant, text: "", tNs: 0),
      settings: AnswerSettings(policy: .plain))
    for place in 0..<40_000 {
      token.i = place
      tally.add(.token(token))
    }
    #expect(tally.macs == .max && tally.bytes?.total == .max)
    #expect(tally.arithmetic == 1)
    let statistics = Statistics(
      tally: tally, next: AnswerSettings(policy: .plain), blockCount: 4096)
    #expect(!statistics.sentence.isEmpty && !statistics.lines.isEmpty)
  }

  @Test func `a number that is refused is named, with what it can be`() throws {
    var generator = SeededGenerator(seed: 34)
    var token = TokenRecord.random(using: &generator)
    token.exit.layers = -5
    let session = Record.random(kind: "session", using: &generator)
    let error = #expect(throws: EventLog.LineError.self) {
      try EventLog.records(in: EventLog.data(for: [session, .token(token)]))
    }
    #expect(error?.line == 2)
    #expect(error?.reason == "the field \"exit.layers\" is -5; it can be 0 to 4096")
  }

  // MARK: - Pieces

  /// A session with an answer, to which the changed record belongs and in which it is there more than once;
  /// nil where a reader refuses it.
  private func stream(of value: JSONValue) throws -> [Record]? {
    var generator = SeededGenerator(seed: 35)
    var session = SessionRecord.random(using: &generator)
    session.policy = DialSettings(exit: .fixed(depth: 3), reach: ReachSetting(.lambda, window: 8))
    var turn = TurnRecord(turn: 1, role: .assistant, text: "", answer: nil, tNs: 5)
    guard var records = try? EventLog.records(in: EventLog.data(for: [.session(session)])),
      let record = try? EventLog.records(
        in: EventLog.data(for: records) + value.text + Data("\n".utf8)
      ).last
    else { return nil }
    if case .number(let number)? = value["turn"] { turn.turn = Int(exactly: number) ?? 0 }
    if case .number(let number)? = value["answer"] { turn.answer = Int(exactly: number) }
    var token = TokenRecord.random(using: &generator)
    (token.turn, token.answer, token.phase, token.i) = (turn.turn, turn.answer, .gen, 0)
    records += [.turn(turn), .token(token), record, .token(token), record, record]
    var end = EndRecord.random(using: &generator)
    (end.turn, end.answer) = (turn.turn, turn.answer)
    return records + [.end(end), record]
  }

  private func show(_ records: [Record]) {
    var plain = PlainRenderer(showsUser: true)
    for record in records { _ = plain.text(for: record) }
    _ = plain.statistics.lines
    _ = ReplayPace.paced(records)
    var state = ScreenState(stage: .replay(file: "x"))
    for record in records { _ = state.update(.record(record)) }
    let theme = Theme(name: "plain")
    for (rows, columns) in [(24, 80), (60, 180), (9, 40)] {
      _ = state.update(.resized(rows: rows, columns: columns))
      let frame = draw(state)
      frame.expectWhole("\(columns)x\(rows)")
      if rows == 24 { #expect(!frame.svg(theme: theme).isEmpty) }
      _ = state.update(.key(.function(2)))
      draw(state).expectWhole("\(columns)x\(rows) with another panel")
    }
  }
}
