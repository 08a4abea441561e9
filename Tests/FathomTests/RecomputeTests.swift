import Events
import Foundation
import Screen
import TestSupport
import Testing

/// Every figure that the program shows of an answer is what `scripts/recompute.py` makes of the record,
/// character by character.
@Suite(.needsProgram, .needsPython)
struct RecomputeTests {
  /// A way to make answers, and what has to stand in their figures for the test to have tried it.
  struct Mode: Sendable, CustomTestStringConvertible {
    var testDescription: String
    var flags: [String]
    var signs: [String]

    init(_ name: String, _ flags: [String], _ signs: String...) {
      (testDescription, self.flags, self.signs) = (name, flags, signs)
    }
  }

  static let modes = [
    Mode("plain", ["--draft", "off"], "IDENTICAL: every block, every token", "draft off"),
    Mode("guesses", ["--draft", "auto"], "PASS ", "lookahead ", "BYTES ", "PACE "),
    Mode("some guesses", ["--draft", "ngram,recycle 3"], "draft ngram,recycle 3", "PASS "),
    Mode(
      "exits that draft", ["--exit-policy", "top1 0.01 at 1,2", "--draft", "exit"],
      "early exits only draft", "DRAFT ", " from ", "draft 4"),
    Mode(
      "exits and guesses that draft", ["--exit-policy", "fixed 2", "--draft", "auto 8"],
      "early exits and guesses only draft", "auto 8"),
    Mode(
      "exits taken, caught up", approximate + ["top1 0.05/0.02 at 1,2", "--fill", "catch-up"],
      "Check: ", "AGREE ", "left early", "fill catch-up", "PACE "),
    Mode(
      "exits taken, propagated, behind gates",
      approximate + ["margin 0 at 1,2 gate .5/.4", "--fill", "propagate"],
      "fill propagate", "gate 0.5/0.4", "probes "),
    Mode(
      "a short head", approximate + ["off", "--short-head", "0.01", "--draft", "off"],
      "a short head decides", "short head 0.01"),
    Mode("a preset", ["--preset", "saving"], "preset saving", "APPROXIMATE"),
    Mode(
      "an uncertified preset", ["--preset", "saving", "--temp", "0.5", "--seed", "9"],
      "preset saving, uncertified: another sampler", "T 0.5 top-k"),
    Mode("pruning", ["--prune-blocks", "1,3", "--draft", "off"], "blocks 1,3 are pruned", "PACE "),
    Mode(
      "a window", ["--window", "16", "--sinks", "2"], "WINDOW: attention sees the first 2",
      "REACH ", "window lambda 16 sinks 2", "#."),
    Mode(
      "a window alone, pruned", ["--window", "sliding 12", "--prune-blocks", "2"],
      "sees the last 12 tokens", "window sliding 12", "block 2 is pruned"),
    Mode(
      "remembered losses", ["--window", "sirllm 16", "--draft", "off"], "window sirllm 16 sinks"),
    Mode(
      "sampling", ["--temp", "0.8", "--top-k", "0", "--top-p", "0.9", "--repeat-penalty", "1.1"],
      "T 0.8 top-k 0 top-p 0.9 min-p 0.05 repeat-penalty 1.1 over 64"),
    Mode("a changed model", ["--adapter", "HOME/lora.gguf"], "tiny LoRA changes the model"),
  ]

  private static let approximate = ["--mode", "approximate", "--exit-policy"]

  private func withHome(_ body: (TinyHome) throws -> Void) async throws {
    try await withTemporaryFolder { folder in try body(try TinyHome(folder: folder)) }
  }

  @Test(.slow, arguments: modes)
  func `a conversation and its replay show the figures of the record`(mode: Mode) async throws {
    try await withHome { home in
      let said = [
        "/stats", "the cat sat on the mat and on the mat", "/stats", "and again on the mat",
        "/stats", "/save HOME/two.jsonl", "/regen", "/stats", "/save HOME/three.jsonl",
      ]
      let printed = try home.chat(said, mode.flags).figures
      let two = try Recomputation.sections(ofFile: home.file("two.jsonl"))
      let three = try Recomputation.sections(ofFile: home.file("three.jsonl"))
      #expect(two.count == 3 && three.count == 4)
      // The second answer has what is set next twice: an answer given again has another seed.
      #expect(printed == two.flatMap(\.figures) + three.suffix(1).flatMap(\.figures))
      for sign in mode.signs {
        #expect(printed.contains { $0.contains(sign) }, "\(sign) in \(printed)")
      }
      try expectReplays("two.jsonl", of: home, show: two)
      try expectReplays("three.jsonl", of: home, show: three)
    }
  }

  @Test(.slow, arguments: modes)
  func `one answer with looks through the lens shows the figures of the record`(
    mode: Mode
  ) async throws {
    try await withHome { home in
      let result = try home.run(
        ["run", "--json", "--inspect", "-p", "the cat sat on the mat"], mode.flags)
      #expect(result.status == 0, "\(result.errors)")
      try home.write(result.output.utf8, to: "r.jsonl")
      let sections = try Recomputation.sections(ofFile: home.file("r.jsonl"))
      #expect(sections.map(\.isAnswer) == [false, true])
      #expect(sections.last?.statistics.contains { $0.hasPrefix("LENS ") } == true)
      try expectReplays("r.jsonl", of: home, show: sections)
    }
  }

  /// Plain mode shows the sentences; the panel, and `/stats` if somebody asked for it, the lines.
  private func expectReplays(
    _ name: String, of home: TinyHome, show sections: [Recomputation.Section],
    sourceLocation: SourceLocation = #_sourceLocation
  ) throws {
    let sentences = sections.flatMap(\.sentences)
    #expect(try home.replay(name).figures == sentences, sourceLocation: sourceLocation)
    Self.expect(sections, of: try home.records(name), sourceLocation: sourceLocation)
  }

  /// Folds the records as the screen and plain mode do, and compares what stands at the end of each answer.
  private static func expect(
    _ sections: [Recomputation.Section], of records: [Record],
    sourceLocation: SourceLocation = #_sourceLocation
  ) {
    var (state, renderer) = (ScreenState(), PlainRenderer())
    var (panel, stats, tags): ([[String]], [[String]], [String]) = ([], [], [])
    func look() {
      panel.append(state.statistics.lines)
      stats.append(renderer.statistics.lines)
      tags.append(state.shown.tag)
    }
    for record in records {
      if case .turn(let turn) = record, turn.role == .assistant { look() }
      _ = state.update(.record(record))
      _ = renderer.text(for: record)
    }
    look()
    let lines = sections.map(\.statistics)
    #expect(panel == lines, sourceLocation: sourceLocation)
    #expect(stats == lines, sourceLocation: sourceLocation)
    #expect(tags == sections.map(\.tag), sourceLocation: sourceLocation)
  }

  // MARK: - Settings that change

  private static let changes = [
    "/set temperature 0.7", "/set seed 7", "/exit-policy top1 0.02 at 1,2", "/mode approximate",
    "/prune 3", "/window 24", "/draft ngram 4", "/window off", "/prune off", "/adapter off",
    "/adapter HOME/exits.gguf", "/preset saving", "/set temperature 0", "/preset off",
  ]

  @Test func `after each change of a setting the figures are those of the record so far`()
    async throws
  {
    try await withHome { home in
      var said = ["the cat sat on the mat"]
      for (number, change) in Self.changes.enumerated() {
        if number == 7 { said.append("and on the mat") }
        said += [change, "/stats", "/save HOME/\(number).jsonl"]
      }
      let printed = try home.chat(said).figures.filter { !$0.hasPrefix("Stats: ") }
        .filter { !$0.hasPrefix("Check: ") }
      let blocks = printed.split { $0.hasPrefix("TEXT ") }.map(Array.init)
      #expect(blocks.count == Self.changes.count)
      var (expected, next): ([[String]], Set<String>) = ([], [])
      for number in Self.changes.indices {
        let section = try #require(
          Recomputation.sections(ofFile: home.file("\(number).jsonl")).last)
        expected.append(Array(section.statistics.dropFirst()))
        next.formUnion(section.statistics.filter { $0.hasPrefix("NEXT ") })
      }
      #expect(blocks == expected)
      #expect(next.count > 8)
      let last = "\(Self.changes.count - 1).jsonl"
      let sections = try Recomputation.sections(ofFile: home.file(last))
      try expectReplays(last, of: home, show: sections)
    }
  }

  @Test func `a comparison has the figures of both answers and of the text that was measured`()
    async throws
  {
    try await withHome { home in
      let said = ["the cat sat", "/stats", "/prune 3", "/compare", "/stats", "/save HOME/s.jsonl"]
      let printed = try home.chat(said, ["--draft", "off"])
      let sections = try Recomputation.sections(ofFile: home.file("s.jsonl"))
      let answers = sections.filter(\.isAnswer)
      #expect(answers.count == 2 && answers[1].sentences.count == 2)
      let measured = printed.filter { $0.contains(": perplexity ") }
      #expect(measured.count == 1)
      #expect(answers[1].lines.filter { $0.contains(": perplexity ") } == measured)
      // The first answer's were asked for before block 3 was pruned.
      let early = answers[0].figures.filter { !$0.hasPrefix("NEXT ") }
      #expect(printed.figures == early + answers[1].figures)
      try expectReplays("s.jsonl", of: home, show: sections)
    }
  }

  @Test(arguments: [true, false])
  func `a setting that changes while an answer comes leaves its figures as they are`(
    isOld: Bool
  ) async throws {
    try await withHome { home in
      let said = ["the cat sat", "/prune 3", "/set temperature 0.5", "on the mat"]
      _ = try home.chat(said + ["/save HOME/s.jsonl"])
      var records = try home.records("s.jsonl")
      if isOld { records = records.map(\.withoutAnswer) }
      let changes = records.filter { $0.type == "param" }
      #expect(changes.count == 2)
      let middle = try #require(
        records.indices.filter { records[$0].type == "token" }.dropFirst(5).first)
      try home.write(EventLog.data(for: records), to: "before.jsonl")
      var edited = records.filter { $0.type != "param" }
      edited.insert(contentsOf: changes, at: middle)
      try home.write(EventLog.data(for: edited), to: "after.jsonl")
      let before = try Recomputation.sections(ofFile: home.file("before.jsonl"))
      let after = try Recomputation.sections(ofFile: home.file("after.jsonl"))
      #expect(before.map(\.figures) == after.map(\.figures))
      #expect(after[1].statistics.contains { $0.hasPrefix("NEXT ") && $0.contains("pruned 3") })
      #expect(after[2].tag == "APPROXIMATE" && after[1].tag == "IDENTICAL")
      try expectReplays("before.jsonl", of: home, show: before)
      try expectReplays("after.jsonl", of: home, show: after)
    }
  }

  @Test(arguments: ["tiny.gguf", "deep.gguf"])
  func `a loaded session keeps its figures, and goes on with new ones`(model: String) async throws {
    try await withHome { home in
      let settings = ["--prune-blocks", "1", "--temp", "0.5"]
      _ = try home.chat(["the cat sat", "/save HOME/a.jsonl"], settings)
      let printed = try home.chat(
        ["/load HOME/a.jsonl", "/stats", "on the mat", "/stats", "/save HOME/b.jsonl"],
        model: model)
      let loaded = try Recomputation.sections(ofFile: home.file("a.jsonl"))
      let sections = try Recomputation.sections(ofFile: home.file("b.jsonl"))
      #expect(sections.count == 3)
      #expect(printed.figures == sections.dropFirst().flatMap(\.figures))
      // The answer was made with four blocks, whatever goes on.
      #expect(loaded[1].sentences == sections[1].sentences)
      #expect(sections[1].sentences[0].contains("/4,"))
      #expect(sections[2].sentences[0].contains(model == "deep.gguf" ? "/6," : "/4,"))
      try expectReplays("b.jsonl", of: home, show: sections)
    }
  }

  // MARK: - Files

  private static let documents = URL(filePath: #filePath).deletingLastPathComponent()
    .deletingLastPathComponent().deletingLastPathComponent().appending(path: "docs")

  @Test(arguments: ["screen.jsonl", "approximate.jsonl"])
  func `the records of the documents' pictures have the figures of the pictures`(
    name: String
  ) throws {
    let file = Self.documents.appending(path: name)
    let sections = try Recomputation.sections(ofFile: file.path)
    #expect(sections.contains { $0.isAnswer })
    Self.expect(sections, of: try EventLog.records(in: Data(contentsOf: file)))
    let replay = try BuiltProgram.run(["replay", "--plain", file.path])
    #expect(replay.output.components(separatedBy: "\n").figures == sections.flatMap(\.sentences))
  }

  @Test func `types and fields that nobody knows change nothing`() throws {
    let file = Self.documents.appending(path: "screen.jsonl")
    let text = try String(contentsOf: file, encoding: .utf8)
    let folder = try TemporaryFolder()
    let new = text.split(separator: "\n").flatMap { line in
      [#"{"mood":{"x":[null]},"# + line.dropFirst(), #"{"type":"mood","v":1}"#, "  "]
    }.joined(separator: "\n")
    try Data(new.utf8).write(to: URL(filePath: folder.file("new.jsonl")))
    let expected = try Recomputation.text(ofFile: file.path, ["--tokens"])
    #expect(expected.contains("Answer 2"))
    #expect(try Recomputation.text(ofFile: folder.file("new.jsonl"), ["--tokens"]) == expected)
    let second = try Recomputation.text(ofFile: file.path, ["--tokens", "--answer", "2"])
    #expect(expected.hasSuffix("\n" + second))
  }

  @Test(arguments: [
    ("", "there is no record in it"), ("words", "line 1 is not a Fathom record"),
    (#"{"v":1,"type":"end"}"#, #"the field "turn" is missing"#),
    (#"{"v":1,"type":"mood"}"#, "the first record must be the session's"),
    (#"{"v":2,"type":"session"}"#, #""v" must be 1"#),
  ])
  func `what is no record is refused with its line`(text: String, words: String) throws {
    let folder = try TemporaryFolder()
    try Data(text.utf8).write(to: URL(filePath: folder.file("bad.jsonl")))
    let failure = #expect(throws: Recomputation.Failure.self) {
      try Recomputation.text(ofFile: folder.file("bad.jsonl"))
    }
    #expect(failure?.description.contains("bad.jsonl: ") == true)
    #expect(failure?.description.contains(words) == true)
    #expect(failure?.description.split(separator: "\n").count == 1)
  }
}

extension Record {
  /// The record as it was before answers had numbers and said what they are made with.
  fileprivate var withoutAnswer: Record {
    switch self {
    case .turn(var record):
      (record.answer, record.made) = (nil, nil)
      return .turn(record)
    case .token(var record):
      record.answer = nil
      return .token(record)
    case .draft(var record):
      record.answer = nil
      return .draft(record)
    case .probe(var record):
      record.answer = nil
      return .probe(record)
    case .check(var record):
      record.answer = nil
      return .check(record)
    case .end(var record):
      record.answer = nil
      return .end(record)
    default: return self
    }
  }
}
