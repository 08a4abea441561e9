import Dials
import Events
import Foundation
import TestSupport
import Testing

/// `--adapter`, `/adapter`, and the adapters that come with the program, on a tiny model.
@Suite(.needsProgram)
struct AdapterTests {
  /// A home with a tiny model, an adapter for it, and one for another model.
  private struct Home {
    let folder: String
    var adapter: String { "\(folder)/adapters/exits.gguf" }
    /// One that changes the model.
    var change: String { "\(folder)/lora.gguf" }

    init(folder: String) throws {
      self.folder = folder
      let tiny = TinyModel(seed: 5)
      let model = tiny.bytes()
      try Data(model).write(to: URL(filePath: "\(folder)/tiny.gguf"))
      try Data(TinyModel(seed: 6).bytes()).write(to: URL(filePath: "\(folder)/other.gguf"))
      try FileManager.default.createDirectory(
        atPath: "\(folder)/adapters", withIntermediateDirectories: true)
      // The fingerprint comes from a program that is not Fathom's.
      let digest = try Self.sha256(ofFile: "\(folder)/tiny.gguf")
      let adapter = TinyAdapter(base: tiny, sha256: digest, depths: [1, 2], gateBias: 50)
      try Data(adapter.bytes()).write(to: URL(filePath: self.adapter))
      var change = TinyLowRank(base: tiny)
      change.sha256 = digest
      try Data(change.bytes()).write(to: URL(filePath: self.change))
    }

    private static func sha256(ofFile path: String) throws -> String {
      #if os(macOS)
        let words = ["shasum", "-a", "256", path]
      #else
        let words = ["sha256sum", path]
      #endif
      return String(try BuiltProgram.run("/usr/bin/env", words).output.prefix(64))
    }

    func run(
      _ arguments: [String], model: String = "tiny.gguf", input: String = ""
    ) throws -> BuiltProgram.Result {
      try BuiltProgram.run(
        arguments + ["-m", "\(folder)/\(model)", "-t", "1", "-n", "8", "--temp", "0"]
          + ["--draft", "off"],
        variables: [
          "XDG_DATA_HOME": folder, "XDG_STATE_HOME": folder,
          "FATHOM_ADAPTERS": "\(folder)/adapters",
        ], input: input)
    }

    func records(_ arguments: [String], model: String = "tiny.gguf") throws -> [Record] {
      let result = try run(["run", "--json", "-p", "the cat"] + arguments, model: model)
      #expect(result.status == 0, "\(result.errors)")
      return try EventLog.records(in: Data(result.output.utf8))
    }
  }

  private func withHome(_ body: (Home) throws -> Void) async throws {
    try await withTemporaryFolder { folder in try body(try Home(folder: folder)) }
  }

  private static func session(_ records: [Record]) -> SessionRecord? {
    if case .session(let session)? = records.first { session } else { nil }
  }

  private static let gated = ["--exit-policy", "top1 0 gate .5", "--mode", "approximate"]

  @Test
  func `what came with the program is loaded for the file that it names, and changes nothing`()
    async throws
  {
    try await withHome { home in
      let records = try home.records([])
      let adapter = try #require(Self.session(records)?.adapter)
      #expect(adapter == SessionRecord.Adapter(name: "tiny exits", exits: [1, 2], isBuiltIn: true))
      let without = try home.records(["--adapter", "none"])
      #expect(Self.session(without)?.adapter == nil)
      #expect(Self.tokens(records).map(\.id) == Self.tokens(without).map(\.id))
      #expect(Self.tokens(records).map(\.cost) == Self.tokens(without).map(\.cost))
      // The same shape, but another file.
      #expect(Self.session(try home.records([], model: "other.gguf"))?.adapter == nil)
    }
  }

  @Test func `an adapter that is named is used, and said to be no part of the program`()
    async throws
  {
    try await withHome { home in
      let records = try home.records(["--adapter", home.adapter] + Self.gated)
      #expect(Self.session(records)?.adapter?.isBuiltIn == false)
      let tokens = Self.tokens(records)
      #expect(tokens.dropFirst().allSatisfy { $0.exit.layers == 1 && $0.exit.gates?.count == 1 })
      let plain = try home.run(["run", "-p", "the cat"] + Self.gated)
      #expect(plain.errors.contains(/weights read \d+%/))
    }
  }

  @Test func `a gate that is not there, and an adapter of another file, end with a remedy`()
    async throws
  {
    try await withHome { home in
      let missing = try home.run(["run", "-p", "x", "--adapter", "none"] + Self.gated)
      #expect(missing.status == 64)
      #expect(missing.errors.contains("no adapter is loaded"))
      let other = try home.run(["run", "-p", "x", "--adapter", home.adapter], model: "other.gguf")
      #expect(other.status == 65)
      #expect(other.errors.contains("made for another file"))
      let nowhere = try home.run(["run", "-p", "x", "--adapter", "\(home.folder)/none.gguf"])
      #expect(nowhere.status == 66)
    }
  }

  @Test func `in the conversation an adapter comes and goes`() async throws {
    try await withHome { home in
      let lines = [
        "/adapter off", "the cat", "/exit-policy top1 0 at 1 gate 0.5", "/adapter \(home.adapter)",
        "/exit-policy top1 0 at 1 gate 0.5", "/mode approximate", "and the dog", "/adapter off",
        "/save \(home.folder)/s.jsonl",
      ]
      let chat = try home.run(
        ["chat", "--plain", "--no-history"], input: lines.map { $0 + "\n" }.joined())
      #expect(chat.status == 0)
      #expect(chat.output.contains("adapter tiny exits (built in)"))
      #expect(chat.output.contains("Set: adapter from tiny exits to off"))
      #expect(chat.output.contains("Set: adapter from off to tiny exits, for the next answer"))
      // Refused twice: without an adapter, and because the exit policy still asks its gate.
      #expect(chat.output.matches(of: /asks the gate of the exit at 1/).count == 2)
      let data = try Data(contentsOf: URL(filePath: "\(home.folder)/s.jsonl"))
      let records = try EventLog.records(in: data)
      let tokens = Self.tokens(records)
      #expect(tokens.contains { $0.exit.gates?.isEmpty == false })
      let repro = records.compactMap { if case .end(let end) = $0 { end.repro } else { nil } }
      #expect(repro.first?.contains("--adapter none") == true)
    }
  }

  @Test func `an adapter that changes the model is used, and named as what it is`() async throws {
    try await withHome { home in
      let plain = try home.records(["--adapter", "none"])
      let records = try home.records(["--adapter", home.change])
      #expect(Self.session(records)?.adapter?.changesModel == true)
      #expect(Self.tokens(records).map(\.id) != Self.tokens(plain).map(\.id))
      let lines = ["/prune 1", "/export \(home.folder)/x.gguf", "/adapter off", "/prune off"]
      let chat = try home.run(
        ["chat", "--plain", "--no-history", "--adapter", home.change],
        input: lines.map { $0 + "\n" }.joined())
      #expect(chat.output.contains("changed by tiny LoRA"))
      #expect(chat.output.contains("a file of its blocks would not have the changes"))
      #expect(chat.output.contains("Set: adapter from tiny LoRA to off"))
      #expect(!FileManager.default.fileExists(atPath: "\(home.folder)/x.gguf"))
    }
  }

  @Test func `the model is hashed once for all starts`() async throws {
    try await withHome { home in
      let old = Date(timeIntervalSince1970: 1_700_000_000)
      try FileManager.default.setAttributes(
        [.modificationDate: old], ofItemAtPath: "\(home.folder)/tiny.gguf")
      _ = try home.records([])
      let path = "\(home.folder)/fathom/fingerprints.json"
      var text = try String(contentsOfFile: path, encoding: .utf8)
      let digest = try #require(text.firstMatch(of: /[0-9a-f]{64}/)).0
      // A cache that says something else is believed: nobody hashes again.
      text.replace(digest, with: String(repeating: "0", count: 64))
      try text.write(toFile: path, atomically: true, encoding: .utf8)
      #expect(Self.session(try home.records([]))?.adapter == nil)
    }
  }

  private static func tokens(_ records: [Record]) -> [TokenRecord] {
    records.compactMap {
      if case .token(let token) = $0, token.phase == .gen { token } else { nil }
    }
  }
}
