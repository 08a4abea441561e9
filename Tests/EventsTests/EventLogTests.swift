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

  @Test func `no line has a character that could steer a terminal, and none is lost`() throws {
    var generator = SeededGenerator(seed: 6)
    let session = Record.random(kind: "session", using: &generator)
    let steering =
      Array(0..<0x20) + Array(0x7F...0xA0) + [
        0xAD, 0x61C, 0x200B, 0x200E, 0x2028, 0x2029, 0x202E, 0x2066, 0xFEFF, 0xFFF9, 0x1D173,
        0xE0041,
      ]
    let text = steering.compactMap { Unicode.Scalar($0).map(String.init) }.joined(separator: "é日")
    let record = Record.turn(
      TurnRecord(turn: 0, role: .user, text: text + "नि\u{200d}👩‍👧", tNs: 0))
    let line = try EventLog.line(for: record)
    for scalar in String(decoding: line, as: UTF8.self).unicodeScalars {
      let kind = scalar.properties.generalCategory
      #expect(
        scalar.value == 0x200D
          || ![.control, .format, .lineSeparator, .paragraphSeparator].contains(kind))
    }
    #expect(String(decoding: line, as: UTF8.self).contains(#"\u009b"#))
    #expect(try EventLog.records(in: EventLog.data(for: [session, record])) == [session, record])
  }

  @Test(arguments: [
    (#"{"v":1,"type":"turn","turn":1e400,"role":"user"}"#, "this is not JSON"),
    (#"{"v":1,"type":"turn","turn":99999999999999999999,"role":"user"}"#, "a number in it"),
    (#"{"v":1,"type":"turn","turn":1.5,"role":"user"}"#, "a number in it"),
    (#"{"v":1,"type":"turn""#, "this is not JSON"), ("{\u{1b}", "this is not JSON"),
  ])
  func `what is wrong with a line is told without a programmer's words`(
    line: String, reason: String
  ) throws {
    let data = Data((try session() + "\n" + line).utf8)
    let error = #expect(throws: EventLog.LineError.self) { try EventLog.records(in: data) }
    let text = error?.reason ?? ""
    #expect(text.contains(reason), "\(text)")
    for word in ["Int", "Swift", "Parsed", "Decod", "Cocoa", "NS"] {
      #expect(!text.contains(word), "\(text)")
    }
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
