import Dials
import Events
import Foundation
import Models
import TestSupport
import Testing

/// `fathom calibrate` and `fathom bench --instruct` on a tiny model.
@Suite(.needsProgram) struct CalibrateCommandTests {
  /// A folder with a tiny model, exits for it, and prompts.
  private struct Setup {
    let folder: String

    func run(
      _ arguments: [String], adapter: Bool = true, input: String = ""
    ) throws -> BuiltProgram.Result {
      try BuiltProgram.run(
        arguments + ["-m", "\(folder)/tiny.gguf", "-t", "2"]
          + (adapter ? ["--adapter", "\(folder)/exits.gguf"] : []),
        variables: ["XDG_DATA_HOME": folder, "XDG_STATE_HOME": folder], input: input)
    }

    func calibrate(_ more: [String] = []) throws -> BuiltProgram.Result {
      try run(
        ["calibrate", "--data", "\(folder)/data.jsonl", "--length", "96", "-n", "24"]
          + ["--risk", "0.05,0.2,0.4"] + more)
    }
  }

  @inline(never)
  private static func setUp(in folder: String) throws -> Setup {
    let tiny = TinyModel(blockCount: 3, contextLength: 256)
    try Data(tiny.bytes()).write(to: URL(filePath: "\(folder)/tiny.gguf"))
    let adapter = TinyAdapter(
      base: tiny, sha256: FileDigest.hexadecimal(ofFile: "\(folder)/tiny.gguf") ?? "",
      depths: [1, 2], gateBias: nil, shortlist: Array(0..<200))
    try Data(adapter.bytes()).write(to: URL(filePath: "\(folder)/exits.gguf"))
    let rows = (0..<60).map { #"{"prompt":"number \#($0) and the rest"}"# }
    try Data((rows.joined(separator: "\n") + "\n").utf8)
      .write(to: URL(filePath: "\(folder)/data.jsonl"))
    return Setup(folder: folder)
  }

  @Test(.slow) func `a certificate names model, adapter and data, and its presets are settings`()
    async throws
  {
    try await withTemporaryFolder { folder in
      let setup = try Self.setUp(in: folder)
      let result = try setup.calibrate(
        ["--csv", "\(folder)/sweep.csv", "--svg", "\(folder)/sweep.svg"])
      #expect(result.status == 0, "\(result.errors)")
      #expect(result.output.contains("balanced"))
      #expect(result.errors.contains("100.0 % are the model's own"))
      let path = "\(folder)/exits.certificate.json"
      let certificate = try JSONValue(parsing: Data(contentsOf: URL(filePath: path)))
      for (key, file) in [("model", "tiny.gguf"), ("adapter", "exits.gguf")] {
        let digest = FileDigest.hexadecimal(ofFile: "\(folder)/\(file)") ?? ""
        #expect(certificate[key]?["sha256"] == .string(digest))
      }
      #expect(certificate["sampler"]?["name"] == .string("greedy"))
      let setting = try #require(certificate["presets"]?["saving"])
      #expect(setting["risk"] == .number(0.4))
      let csv = try String(contentsOfFile: "\(folder)/sweep.csv", encoding: .utf8)
      let header = "exit,short_head,agreement,relative_bytes,mean_blocks,on_path,time_ratio\n"
      #expect(csv.hasPrefix(header))
      #expect(csv.split(separator: "\n").count > 100)
      let svg = try String(contentsOfFile: "\(folder)/sweep.svg", encoding: .utf8)
      #expect(svg.hasPrefix("<svg") && svg.contains("agreement with full depth"))
      let refused = try setup.calibrate()
      #expect(refused.status == 73 && refused.errors.contains("exits.certificate.json: "))
      let again = try setup.calibrate(["--force"])
      #expect(again.output == result.output)
    }
  }

  @Test func `what the bench compares: presets, fills, verification and the raw lens`() async throws
  {
    try await withTemporaryFolder { folder in
      let setup = try Self.setUp(in: folder)
      try Self.writeInstructions(to: folder)
      let arguments = [
        "bench", "--instruct", folder, "-n", "12", "--rounds", "1", "-o", "json",
        "--csv", "\(folder)/rows.csv", "--markdown", "\(folder)/table.md",
        "--setting", "top1 0 at 2; propagate",
      ]
      let result = try setup.run(arguments)
      #expect(result.status == 0, "\(result.errors)")
      let report = try JSONValue(parsing: Data(result.output.utf8))
      guard case .array(let summaries)? = report["summaries"] else {
        Issue.record("a report has summaries")
        return
      }
      let all = summaries.filter { $0["set"] == .string("all") }
      let names = ["full depth", "full depth, guesses", "top1 0 at 2; propagate"]
      #expect(all.prefix(3).map { $0["setting"] } == names.map { JSONValue.string($0) })
      #expect(all.count == 6)
      #expect(all[0]["agreement"] == .number(1) && all[0]["relative_bytes"] == .number(1))
      #expect(all[1]["agreement"] == .number(1) && all[1]["mean_blocks"] == .number(3))
      #expect(all[2]["mean_blocks"] == .number(2))
      let verified = all.first { $0["setting"] == .string("top1 0 at 2; propagate, verify") }
      #expect(verified?["agreement"] == .number(1) && verified?["rouge_l"] == .number(1))
      let table = try String(contentsOfFile: "\(folder)/table.md", encoding: .utf8)
      #expect(table.contains("| raw lens |") && table.contains("37.86 %"))
      let csv = try String(contentsOfFile: "\(folder)/rows.csv", encoding: .utf8)
      #expect(csv.split(separator: "\n").count == 1 + 5 * 6)
    }
  }

  @inline(never)
  private static func writeInstructions(to folder: String) throws {
    let sets = [
      "vicuna": #"{"question_id":1,"category":"generic","turns":["the cat","again"]}"#,
      "koala": #"{"id":"koala_0","prompt":"a b a b"}"# + "\n" + #"{"id":"k","prompt":"the dog"}"#,
      "wizardlm": #"{"idx":2,"Skill":"Math","Difficulty":3,"Instruction":"if x + y"}"#,
      "self_instruct":
        #"{"id":"t","instruction":"do it","instances":[{"input":"a","output":"b"}]}"#,
    ]
    for (name, text) in sets {
      try Data((text + "\n").utf8).write(to: URL(filePath: "\(folder)/\(name).jsonl"))
    }
  }

  @Test(.slow) func `a preset holds for greedy answers, and says so when it does not`() async throws
  {
    try await withTemporaryFolder { folder in
      let setup = try Self.setUp(in: folder)
      #expect(try setup.run(["run", "-p", "the cat", "--preset", "saving"]).status == 66)
      #expect(try setup.calibrate().status == 0)
      let answer = ["run", "-p", "the cat", "-n", "8", "--preset", "saving"]
      let greedy = try setup.run(answer + ["--temp", "0", "--json"])
      #expect(greedy.status == 0, "\(greedy.errors)")
      #expect(try Self.presets(greedy.output) == ["saving"])
      let warm = try setup.run(answer + ["--temp", "0.5"])
      #expect(warm.status == 0)
      #expect(warm.errors.contains("saving, uncertified: another sampler"))
      let both = try setup.run(answer + ["--exit-policy", "fixed 2"])
      #expect(both.status == 64 && both.errors.contains("--exit-policy"))
      let unknown = try setup.run(["run", "-p", "the cat", "--preset", "wild"])
      #expect(unknown.status == 64)
    }
  }

  @Test func `a conversation follows a preset until a dial is turned by hand`() async throws {
    try await withTemporaryFolder { folder in
      let setup = try Self.setUp(in: folder)
      #expect(try setup.calibrate().status == 0)
      let lines = [
        "/preset saving", "the cat", "/set temperature 0.5", "/set temperature 0", "/adapter off",
        "/adapter \(folder)/exits.gguf", "/exit-policy fixed 2", "/preset wild",
        "/save \(folder)/talk.jsonl",
      ]
      let chat = try setup.run(
        ["chat", "--plain", "--no-history", "--temp", "0", "-n", "6"],
        input: lines.map { $0 + "\n" }.joined())
      #expect(chat.status == 0)
      #expect(chat.output.contains("quality | balanced | saving | off"))
      let records = try String(contentsOfFile: "\(folder)/talk.jsonl", encoding: .utf8)
      #expect(
        try Self.presets(records) == [
          "saving", "saving, uncertified: another sampler", "saving",
          "saving, uncertified: no certificate", "saving", "off",
        ])
    }
  }

  /// The presets that a session's records name, one after another.
  @inline(never)
  private static func presets(_ lines: String) throws -> [String] {
    try EventLog.records(in: Data(lines.utf8)).compactMap {
      if case .parameter(let change) = $0, change.key == "preset" { change.new } else { nil }
    }
  }

  @Test func `what makes no sense is said`() async throws {
    try await withTemporaryFolder { folder in
      let setup = try Self.setUp(in: folder)
      for more in [["--risk", "0.1,0.2"], ["--risk", "2"], ["--confidence", "1"], ["-n", "96"]] {
        #expect(try setup.calibrate(more).status == 64, "\(more)")
      }
      #expect(try setup.calibrate(["--exits", "3"]).status == 64)
      let nothing = try setup.run(["calibrate", "--data", "\(folder)/none.jsonl"])
      #expect(nothing.status == 66)
      let bare = try setup.run(["calibrate", "--data", "\(folder)/data.jsonl"], adapter: false)
      #expect(bare.status == 64 && bare.errors.contains("-o"))
      let unset = try setup.run(["bench", "--instruct", folder])
      #expect(unset.status == 64 && unset.errors.contains("--setting"))
      let folderless = try setup.run(
        ["bench", "--instruct", "\(folder)/none", "--setting", "top1 0.5 at 2"])
      #expect(folderless.status != 0 && folderless.errors.contains("vicuna.jsonl"))
    }
  }
}
