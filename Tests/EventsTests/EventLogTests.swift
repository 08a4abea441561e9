import Dials
import Events
import Foundation
import TestSupport
import Testing

struct EventLogTests {
  @Test(arguments: Record.kinds)
  func `every record comes back as it was written`(kind: String) throws {
    var generator = SeededGenerator(seed: 1)
    let session = Record.random(kind: "session", using: &generator)
    for _ in 0..<100 {
      let record = Record.random(kind: kind, using: &generator)
      #expect(record.type == kind)
      let read = try EventLog.records(in: EventLog.data(for: [session, record]))
      #expect(read == [session, record])
    }
  }

  @Test func `a record is one line, whatever its text holds`() throws {
    var generator = SeededGenerator(seed: 2)
    var token = TokenRecord.random(using: &generator)
    token.token = "a\nb\r\u{2028}\u{0}c"
    let line = try EventLog.line(for: .token(token))
    #expect(!line.contains(UInt8(ascii: "\n")) && !line.contains(UInt8(ascii: "\r")))
    #expect(line.allSatisfy { $0 >= 0x20 })
  }

  @Test func `names are written in snake case`() throws {
    var generator = SeededGenerator(seed: 3)
    let expected: [String: [String]] = [
      "session": [
        "n_head_kv", "attn_per_pos", "repeat_last_n", "ctx_size", "draft_length", "sources",
        "sha256",
      ],
      "turn": ["n_prompt", "n_cached", "t_ns"],
      "token": [
        "top_logprobs", "t_ns", "macs_full", "bytes_read", "draft_layers", "p_draft", "source",
      ],
      "draft": [
        "k_drafted", "k_accepted", "t_draft_us", "t_verify_us", "accepted", "parent", "rest",
      ],
      "probe": ["settled"],
      "param": ["policy"],
      "end": ["cache_n", "prompt_ms", "predicted_n", "draft_n_accepted"],
    ]
    for (kind, names) in expected {
      let lines = try (0..<50).map { _ in
        let line = try EventLog.line(for: .random(kind: kind, using: &generator))
        return String(decoding: line, as: UTF8.self)
      }
      for name in names {
        #expect(lines.contains { $0.contains("\"\(name)\":") }, "\(kind) \(name)")
      }
    }
  }

  @Test func `numbers that are none survive`() throws {
    var generator = SeededGenerator(seed: 4)
    var token = TokenRecord.random(using: &generator)
    token.logprob = -.infinity
    token.entropy = .nan
    token.margin = .infinity
    let session = Record.random(kind: "session", using: &generator)
    let read = try EventLog.records(in: EventLog.data(for: [session, .token(token)]))
    guard case .token(let back)? = read.last else {
      Issue.record("the last record is the token's")
      return
    }
    #expect(back.logprob == -.infinity && back.entropy.isNaN && back.margin == .infinity)
  }

  @Test func `a record of a type that is not known is passed over`() throws {
    let text = try session() + "\n{\"v\":1,\"type\":\"aurora\",\"colour\":{\"deep\":[1]}}\n"
    let read = try EventLog.records(in: Data(text.utf8))
    #expect(read.last?.type == "aurora")
    #expect(
      try read.last.map(EventLog.line)
        == Data(#"{"colour":{"deep":[1]},"type":"aurora","v":1}"#.utf8))
    #expect(
      try EventLog.line(for: .unknown(UnknownRecord(type: "aurora")))
        == Data(#"{"type":"aurora","v":1}"#.utf8))
  }

  @Test func `a field that is not known is passed over`() throws {
    let turn =
      #"{"v":1,"type":"turn","turn":0,"role":"user","text":"hi","n_prompt":1,"#
      + #""n_cached":0,"t_ns":5,"mood":"good"}"#
    let read = try EventLog.records(in: Data((try session() + "\n" + turn).utf8))
    #expect(
      read.last == .turn(TurnRecord(turn: 0, role: .user, text: "hi", nPrompt: 1, tNs: 5)))
  }

  @Test(arguments: [
    ("not json", "line 3 "),
    (#"{"v":1,"type":"turn","turn":0}"#, "\"role\" is missing"),
    (#"{"v":1,"type":"draft","turn":"zero"}"#, "\"turn\" has the wrong type"),
    (#"{"v":2,"type":"turn"}"#, "record version 2"),
    (#"{"type":"turn"}"#, "\"v\" is missing"),
    (#"[1]"#, "line 3 "),
    (#"{"v":1,"type":"turn","turn":0,"role":1}"#, "\"role\" has the wrong type"),
  ])
  func `a line that is no record is named by its number and what is wrong`(
    line: String, reason: String
  ) throws {
    let text = try session() + "\n\n" + line + "\n"
    let error = #expect(throws: EventLog.LineError.self) {
      try EventLog.records(in: Data(text.utf8))
    }
    #expect(error?.line == 3)
    #expect(error?.description.contains(reason) == true, "\(error?.description ?? "")")
    #expect(error?.description.contains("/save or `fathom run --json` wrote") == true)
  }

  @Test func `a stream that does not begin with its session is refused`() throws {
    let turn = try EventLog.data(for: [.turn(TurnRecord(turn: 0, role: .user, text: "hi", tNs: 0))])
    for data in [Data(), Data("\n\n".utf8), turn] {
      let error = #expect(throws: EventLog.LineError.self) { try EventLog.records(in: data) }
      #expect(error?.line == 1)
    }
  }

  @Test func `line breaks of Windows and a missing last one do no harm`() throws {
    let text = try session() + "\r\n" + #"{"v":1,"type":"aurora"}"#
    #expect(try EventLog.records(in: Data(text.utf8)).count == 2)
  }

  private func session() throws -> String {
    var generator = SeededGenerator(seed: 5)
    return String(
      decoding: try EventLog.line(for: .random(kind: "session", using: &generator)), as: UTF8.self)
  }
}
