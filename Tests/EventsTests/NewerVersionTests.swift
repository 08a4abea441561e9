import Dials
import Events
import Foundation
import Techniques
import TestSupport
import Testing

/// Records of a version that knows more than this one: no word of theirs makes a file unreadable, and
/// what is read is written again as it was.
struct NewerVersionTests {
  private static let word = "kaleidoscope"
  private var generator = SeededGenerator(seed: 21)
  /// What every stream begins with.
  private let opening: Data

  init() throws {
    opening = try EventLog.data(for: [.random(kind: "session", using: &generator)])
  }

  @Test(arguments: Record.kinds)
  mutating func `any word may be one that is not known, and is kept`(kind: String) throws {
    var places: Set<String> = []
    for _ in 0..<25 {
      let value = try JSONValue(
        parsing: EventLog.line(for: .random(kind: kind, using: &generator)))
      for place in JSONPlace.strings(in: value) {
        let changed = place.putting(.string(Self.word), into: value)
        let read = try read(changed)
        #expect(try written(read) == changed, "\(place)")
        places.insert(place.name)
      }
    }
    #expect(places.contains("type"))
    let words = ["turn": ["role"], "token": ["phase", "reason", "status", "source", "depth"]]
    let dials = ["measure", "mode", "fill", "technique", "distance", "sources"]
    let more = ["session": dials, "param": dials, "draft": ["source"], "end": ["reason"]]
    let expected = (words[kind] ?? []) + (more[kind] ?? [])
    #expect(places.isSuperset(of: expected), "\(places)")
  }

  @Test(arguments: Record.kinds)
  mutating func `any object may have a field more, and what is known stays as it was`(
    kind: String
  ) throws {
    for _ in 0..<25 {
      let record = Record.random(kind: kind, using: &generator)
      let value = try JSONValue(parsing: EventLog.line(for: record))
      let objects = JSONPlace.objects(in: value)
      #expect(!objects.isEmpty)
      for place in objects {
        let more: JSONValue = .object(["new_words": .array([.string("a"), .null])])
        #expect(try read(place.putting(more, under: "aa_new", into: value)) == record, "\(place)")
      }
    }
  }

  @Test mutating func `an exit of a newer version is named and promises nothing`() throws {
    let exits = [
      #"{"rain_bow":{"deep_words":[9007199254740993,18446744073709551615,-1,0.5,true,"nan"]}}"#,
      #"{"confidence":{"measure":"rain_bow","points":[]}}"#,
    ]
    for exit in exits {
      let policy = try policy(with: exit, as: "exit")
      #expect(policy.contract == .approximate && !policy.isKnown)
      #expect(policy.exit != .off && policy.leavesEarly)
      #expect(policy.exit.label { "\($0)" } == "exit rain_bow (unknown to this version)")
      #expect(throws: DialError.self) { try policy.validate(blockCount: 30) }
    }
  }

  @Test(arguments: [
    "9007199254740993", "9223372036854775807", "9223372036854775808", "18446744073709549568",
    "18446744073709551615", "-9223372036854775808", "1e+20", "0.5",
  ])
  mutating func `a number that is kept is written as it was, however large`(number: String) throws {
    let exit = #"{"rain_bow":{"n":\#(number)}}"#
    let policy = try policy(with: exit, as: "exit")
    var session = SessionRecord.random(using: &generator)
    session.policy = policy
    let line = String(decoding: try EventLog.line(for: .session(session)), as: UTF8.self)
    #expect(line.contains(exit))
  }

  @Test mutating func `a reach, a mode or a fill of a newer version is named and promises nothing`()
    throws
  {
    let dials = [
      ("reach", #"{"technique":"rain_bow","window":7}"#, "reach rain_bow"),
      ("reach", #"{"technique":"lambda","window":7,"distance":"far"}"#, "reach far"),
      ("mode", #""hopeful""#, "mode hopeful"), ("fill", #""later""#, "fill later"),
    ]
    for (name, text, label) in dials {
      let policy = try policy(with: text, as: name)
      #expect(policy.contract == .approximate && !policy.isKnown)
      #expect(policy.unknownDials.map(\.label) == [label + " (unknown to this version)"])
      #expect(throws: DialError.self) { try policy.validate(blockCount: 30) }
    }
  }

  @Test mutating func `what an unknown word decides is left out of the text`() throws {
    var token = TokenRecord.random(using: &generator)
    (token.phase, token.special, token.bytes) = (.gen, false, Array("a".utf8))
    var value = try JSONValue(parsing: EventLog.line(for: .token(token)))
    var text = ReplyText()
    #expect(try text.append(read(value)) == "a")
    value = JSONPlace(["phase"]).putting(.string(Self.word), into: value)
    #expect(try text.append(read(value)) == "")

    let end = EndRecord.random(using: &generator)
    value = try JSONValue(parsing: EventLog.line(for: .end(end)))
    value = JSONPlace(["reason"]).putting(.string(Self.word), into: value)
    guard case .end(let read) = try read(value) else {
      Issue.record("an end is an end, whatever the reason")
      return
    }
    #expect(read.reason.rawValue == Self.word && read.timings == end.timings)
  }

  // MARK: - Pieces

  /// The plain policy with one dial as `text` says, read from a session's record and written again.
  private mutating func policy(with text: String, as name: String) throws -> DialSettings {
    var session = SessionRecord.random(using: &generator)
    session.policy = .plain
    let dial = try JSONValue(parsing: Data(text.utf8))
    let value = JSONPlace(["policy"]).putting(
      dial, under: name, into: try JSONValue(parsing: EventLog.line(for: .session(session))))
    let record = try read(value)
    #expect(try written(record) == value)
    guard case .session(let read) = record else {
      Issue.record("the session's record is one")
      return .plain
    }
    return read.policy
  }

  private func read(_ value: JSONValue) throws -> Record {
    try #require(try EventLog.records(in: opening + value.text).last)
  }

  private func written(_ record: Record) throws -> JSONValue {
    try JSONValue(parsing: EventLog.line(for: record))
  }
}
