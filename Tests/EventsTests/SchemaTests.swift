import Dials
import Events
import Foundation
import Techniques
import TestSupport
import Testing

/// docs/schema/record-v1.schema.json says what a record is; here the program is held to it.
struct SchemaTests {
  private static let folder = URL(filePath: #filePath)
    .deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()
    .appending(path: "docs")

  private let schema: JSONSchema

  init() throws {
    schema = try JSONSchema(
      contentsOf: Self.folder.appending(path: "schema/record-v1.schema.json"))
  }

  @Test(arguments: Record.kinds)
  func `every record that is written fits the schema`(kind: String) throws {
    var generator = SeededGenerator(seed: 11)
    for _ in 0..<100 {
      let line = try EventLog.line(for: .random(kind: kind, using: &generator))
      #expect(schema.problems(of: line).isEmpty)
    }
  }

  @Test func `the words of the schema are those of the catalogue`() throws {
    let definitions = try #require(schema.root["$defs"])
    #expect(
      definitions["draft_source"]?["enum"]?.strings == Catalogue.drafters.map(\.source.rawValue))
    let reasons = definitions["exit"]?["properties"]?["reason"]?["enum"]?.strings
    #expect(reasons.map(Set.init) == Set(["full"] + Catalogue.exitReasons))
    for exit in Catalogue.exits {
      #expect(definitions["exit_\(exit.key)"]?["required"]?.strings == [exit.key])
    }
  }

  @Test(arguments: Record.kinds)
  func `a record that lacks a field, has one too many or a wrong one does not fit`(
    kind: String
  ) throws {
    var generator = SeededGenerator(seed: 12)
    let line = try EventLog.line(for: .random(kind: kind, using: &generator))
    let record = try #require(
      try JSONSerialization.jsonObject(with: line) as? [String: any Sendable])
    let required = try #require(schema.root["$defs"]?[kind]?["required"]?.strings)
    #expect(required.count > 4)
    for name in required {
      var copy = record
      copy[name] = nil
      #expect(try !problems(of: copy).isEmpty, "without \(name)")
      copy[name] = ["of another": "type"]
      #expect(try !problems(of: copy).isEmpty, "with another \(name)")
    }
    var copy = record
    copy["mood"] = "good"
    #expect(try problems(of: copy) == ["$: mood is not a field"])
  }

  @Test(arguments: [
    (#"{"v":1,"type":"aurora"}"#, "type"),
    ("[]", "array where object is asked"),
    ("{", "this is not JSON"),
    (
      #"{"v":1,"type":"turn","turn":-1,"role":"user","text":"","n_prompt":0,"n_cached":0,"t_ns":0}"#,
      "$.turn: -1.0 is less than 0.0"
    ),
    (
      #"{"v":1,"type":"turn","turn":0.5,"role":"user","text":"","n_prompt":0,"n_cached":0,"t_ns":0}"#,
      "$.turn: number where integer is asked"
    ),
    (
      #"{"v":2,"type":"turn","turn":0,"role":"user","text":"","n_prompt":0,"n_cached":0,"t_ns":0}"#,
      "$.v: "
    ),
  ])
  func `what is wrong is said with its place`(text: String, problem: String) {
    let problems = schema.problems(of: Data(text.utf8))
    #expect(problems.contains { $0.contains(problem) }, "\(problems)")
  }

  @Test func `a number that is none fits where probabilities are`() throws {
    var generator = SeededGenerator(seed: 13)
    var token = TokenRecord.random(using: &generator)
    token.entropy = .nan
    token.logprob = -.infinity
    #expect(schema.problems(of: try EventLog.line(for: .token(token))).isEmpty)
  }

  @Test func `the examples of the documentation fit, one for each kind, and can be read`() throws {
    let text = try String(
      contentsOf: Self.folder.appending(path: "EVENTS.md"), encoding: .utf8)
    let examples = text.split(separator: "\n").filter { $0.hasPrefix("{") }
    #expect(examples.count == Record.kinds.count)
    for example in examples {
      #expect(schema.problems(of: Data(example.utf8)).isEmpty)
    }
    let records = try EventLog.records(in: Data(examples.joined(separator: "\n").utf8))
    #expect(records.map(\.type) == Record.kinds)
  }

  @Test func `the documentation names every field`() throws {
    let text = try String(
      contentsOf: Self.folder.appending(path: "EVENTS.md"), encoding: .utf8)
    let sections = text.split(separator: "\n## ").dropFirst()
    for kind in Record.kinds {
      let section = try #require(sections.first { $0.hasPrefix("`\(kind)`") })
      guard case .object(let properties)? = schema.root["$defs"]?[kind]?["properties"] else {
        Issue.record("the schema has no \(kind)")
        continue
      }
      for name in properties.keys where name != "v" && name != "type" {
        #expect(section.contains("| `\(name)` |"), "\(kind): \(name)")
      }
    }
  }

  private func problems(of record: [String: any Sendable]) throws -> [String] {
    schema.problems(of: try JSONSerialization.data(withJSONObject: record))
  }
}
