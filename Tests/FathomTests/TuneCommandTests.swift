import Foundation
import GGUF
import TestSupport
import Testing
import Transformer

/// `fathom tune` from prompts to an adapter, on a tiny model.
@Suite(.needsProgram) struct TuneCommandTests {
  @Test func `prompts become answers, answers become exits, and both go on where they stopped`()
    async throws
  {
    try await withTemporaryFolder { folder in
      let setup = try Self.setUp(in: folder)
      let answer = try setup.run(["answers", "-o", "\(folder)/own.jsonl", "-n", "24"])
      #expect(answer.status == 0, "\(answer.errors)")
      let rows = try String(contentsOfFile: "\(folder)/own.jsonl", encoding: .utf8)
        .split(separator: "\n")
      #expect(rows.count == 40)
      #expect(rows[0].contains(#"{"messages":[{"content":"#))
      let again = try setup.run(["answers", "-o", "\(folder)/own.jsonl", "-n", "24"])
      #expect(again.errors.contains("0 prompts to answer, 40 passed over"))

      let exits =
        ["exits", "--exits", "1,2", "--module", "mlp:16,lowrank:4", "--shortlist", "64"]
        + ["--draws", "16", "--batch", "256", "--work", "\(folder)/work"]
        + ["-o", "\(folder)/exits.gguf", "--license", "MIT", "--steps", "4"]
      let estimate = try setup.run(exits + ["--estimate"], data: "own.jsonl")
      #expect(estimate.status == 0, "\(estimate.errors)")
      #expect(estimate.errors.contains("of memory"))
      #expect(!FileManager.default.fileExists(atPath: "\(folder)/exits.gguf"))

      let train = try setup.run(exits, data: "own.jsonl")
      #expect(train.status == 0, "\(train.errors)")
      #expect(train.output.contains("EXIT  HEAD"))
      let file = try GGUFFile(path: "\(folder)/exits.gguf")
      let head = try AdapterHead(metadata: file.metadata)
      #expect(head.exits.map(\.kind) == ["mlp", "lowrank"])
      #expect(head.recipe.steps == 4 && head.license == "MIT" && head.shortlist.count == 64)
      #expect(head.base.sha256.count == 64 && head.recipe.digests.first?.count == 64)
      #expect(file.tensor(named: "exit.1.gate.weight") != nil)
    }
  }

  @Test func `a draft head is trained, drafts where it is named, and changes no word`() async throws
  {
    try await withTemporaryFolder { folder in
      let setup = try Self.setUp(in: folder)
      let answers = try setup.run(["answers", "-o", "\(folder)/own.jsonl", "-n", "24"])
      #expect(answers.status == 0, "\(answers.errors)")
      let head = "\(folder)/draft.gguf"
      let draft =
        ["draft", "--inner", "32", "--tokens", "64", "--batch", "256", "--work", "\(folder)/work"]
        + ["-o", head, "--license", "MIT", "--steps", "4", "--type", "f16"]
      let estimate = try setup.run(draft + ["--estimate"], data: "own.jsonl")
      #expect(estimate.status == 0 && estimate.errors.contains("to train"), "\(estimate.errors)")
      #expect(!FileManager.default.fileExists(atPath: head))
      let train = try setup.run(draft, data: "own.jsonl")
      #expect(train.status == 0, "\(train.errors)")
      #expect(train.output.contains("of 3 guesses come true"))
      let plain = try setup.answer(model: "tiny.gguf", ["--draft", "off"])
      let learned = ["--draft-head", head, "--draft", "learned"]
      let drafted = try setup.answer(model: "tiny.gguf", learned)
      #expect(drafted.status == 0, "\(drafted.errors)")
      func ids(_ output: String) -> [String] {
        output.split(separator: "\n").filter { $0.contains(#""type":"token""#) }.compactMap {
          $0.firstMatch(of: /"id":\d+/).map { String($0.output) }
        }
      }
      #expect(!ids(plain.output).isEmpty && ids(plain.output) == ids(drafted.output))
      let none = try setup.answer(model: "tiny.gguf", ["--draft", "learned"])
      #expect(none.status == 64 && none.errors.contains("--draft-head"), "\(none.errors)")
      let wrong = try setup.answer(model: "tiny.gguf", ["--draft-head", "\(folder)/own.jsonl"])
      #expect(wrong.status == 65, "\(wrong.errors)")
      let adapter = try setup.answer(model: "tiny.gguf", ["--adapter", head])
      #expect(adapter.status == 65 && adapter.errors.contains("--draft-head"))
    }
  }

  @Test func `LITE writes a LoRA of llama cpp's form, which runs`() async throws {
    try await withTemporaryFolder { folder in
      let setup = try Self.setUp(in: folder)
      let train = try setup.run(
        ["lite", "--exits", "1", "--rank", "2", "--steps", "2", "--batch", "4", "--guard", "0.5"]
          + ["--length", "128", "--work", "\(folder)/work", "-o", "\(folder)/lite.gguf"])
      #expect(train.status == 0, "\(train.errors)")
      #expect(train.output.contains("CROSS-ENTROPY"))
      let file = try GGUFFile(path: "\(folder)/lite.gguf")
      #expect(try AdapterHead(metadata: file.metadata).form == .lora)
      #expect(file.tensor(named: "blk.2.ffn_up.weight.lora_b")?.shape == [2, 96])
      let answer = try setup.answer(model: "tiny.gguf", ["--adapter", "\(folder)/lite.gguf"])
      #expect(answer.status == 0 && answer.output.contains(#""changes_model":true"#))
    }
  }

  @Test func `LITE of whole projections writes a model, which runs`() async throws {
    try await withTemporaryFolder { folder in
      let setup = try Self.setUp(in: folder)
      let full =
        ["lite", "--full", "--exits", "1", "--steps", "2", "--batch", "4", "--type", "q8_0"]
        + ["--work", "\(folder)/work", "-o", "\(folder)/full.gguf"]
      let estimate = try setup.run(full + ["--estimate"])
      #expect(estimate.status == 0 && estimate.errors.contains("of memory"))
      let train = try setup.run(full)
      #expect(train.status == 0, "\(train.errors)")
      let file = try GGUFFile(path: "\(folder)/full.gguf")
      #expect(file.tensor(named: "blk.1.attn_k.weight")?.type == .q8_0)
      #expect(file.tensor(named: "token_embd.weight")?.type == .f32)
      #expect(file.metadata["fathom.base.sha256"]?.string?.count == 64)
      let answer = try setup.answer(model: "full.gguf", [])
      #expect(answer.status == 0 && !answer.output.contains("changes_model"))
    }
  }

  @Test func `noise training writes a LoRA that runs, and says how it fares`() async throws {
    try await withTemporaryFolder { folder in
      let setup = try Self.setUp(in: folder)
      let train = ["msn", "--segment", "1-2", "--clean-limit", "inf", "--clean-every", "1"]
      let few = ["--steps", "2", "--batch", "4", "--rank", "2", "--held-out", "0.3"]
      let files = ["--work", "\(folder)/work", "-o", "\(folder)/msn.gguf"]
      let estimate = try setup.run(train + few + files + ["--estimate"])
      #expect(estimate.status == 0 && estimate.errors.contains("of memory"))
      #expect(estimate.errors.contains("noise: 1-2 tokens in 0.5 of the texts"))
      let plain = try setup.run(train + few + files)
      #expect(plain.status == 0, "\(plain.errors)")
      #expect(plain.output.contains("without noise, last block: "))
      #expect(plain.output.contains("at noisy positions the next token is right: "))
      let file = try GGUFFile(path: "\(folder)/msn.gguf")
      let head = try AdapterHead(metadata: file.metadata)
      #expect(head.form == .lora && head.exits.isEmpty)
      #expect(head.recipe.noise == "1-2 tokens in 0.5 of the texts")
      let answer = try setup.answer(model: "tiny.gguf", ["--adapter", "\(folder)/msn.gguf"])
      #expect(answer.status == 0 && answer.output.contains(#""changes_model":true"#))

      let joint = ["--lite", "--exits", "1,2", "--rotate", "--guard", "0.5", "--force"]
      let both = try setup.run(train + few + files + joint)
      #expect(both.status == 0, "\(both.errors)")
      let second = try AdapterHead(metadata: GGUFFile(path: "\(folder)/msn.gguf").metadata)
      #expect(second.exits.map(\.depth) == [1, 2] && second.name.hasSuffix(" MSN LITE"))

      let full = try setup.run(train + few + files + ["--full", "--rate", "1e-5", "--force"])
      #expect(full.status == 0, "\(full.errors)")
      let model = try GGUFFile(path: "\(folder)/msn.gguf")
      #expect(model.metadata["fathom.recipe.noise"]?.string == "1-2 tokens in 0.5 of the texts")
      #expect(try setup.answer(model: "msn.gguf", []).status == 0)
    }
  }

  @Test func `noise that makes no sense is named and has its exit code`() async throws {
    try await withTemporaryFolder { folder in
      let setup = try Self.setUp(in: folder)
      for (arguments, word) in [
        (["--segment", "0"], "--segment"), (["--segment", "5-1"], "--segment"),
        (["--segment", "96"], "--length"), (["--noisy", "1.5"], "--noisy"),
        (["--segments", "0"], "--segments"), (["--paper", "--noisy", "0.5"], "--paper"),
        (["--exits", "1"], "--lite"), (["--clean-limit", "-1"], "--clean-limit"),
        (["--clean-every", "0"], "--clean-every"), (["--rank", "0"], "--rank"),
      ] {
        let bad = try setup.run(["msn"] + arguments)
        #expect(bad.status == 64 && bad.errors.contains(word), "\(arguments): \(bad.errors)")
      }
      let long = try setup.run(["msn", "--segment", "90", "--held-out", "0.3"])
      #expect(long.status == 65 && long.errors.contains("room for 90 tokens"), "\(long.errors)")
      let unwatched = try setup.run(["msn", "--segment", "1", "--held-out", "0.0000001"])
      #expect(unwatched.status == 65 && unwatched.errors.contains("--held-out"))
      try Data("{\"prompt\":\"only asked\"}\n".utf8)
        .write(to: URL(filePath: "\(folder)/prompts.jsonl"))
      for command in ["msn", "lite"] {
        let empty = try setup.run([command], data: "prompts.jsonl")
        #expect(empty.status == 65 && empty.errors.contains("fathom tune answers"))
      }
    }
  }

  @Test func `bad input is named and has its exit code`() async throws {
    try await withTemporaryFolder { folder in
      let setup = try Self.setUp(in: folder)
      let none = try setup.run(["exits"], data: "nowhere.jsonl")
      #expect(none.status == 66)
      #expect(none.errors.contains("nowhere.jsonl"))
      try Data("{\"x\":1}\n".utf8).write(to: URL(filePath: "\(folder)/bad.jsonl"))
      let bad = try setup.run(["exits"], data: "bad.jsonl")
      #expect(bad.status == 65)
      #expect(bad.errors.contains("Line 1"))
      for arguments in [["--exits", "3"], ["--exits", "0"], ["--module", "cube:3"]] {
        #expect(try setup.run(["exits"] + arguments).status == 64, "\(arguments)")
      }
      let prompts = "{\"prompt\":\"only asked\"}\n"
      try Data(prompts.utf8).write(to: URL(filePath: "\(folder)/prompts.jsonl"))
      let unanswered = try setup.run(["exits"], data: "prompts.jsonl")
      #expect(unanswered.status == 65)
      #expect(unanswered.errors.contains("fathom tune answers"))
    }
  }

  /// A folder with a tiny model and data.
  private struct Setup {
    let folder: String

    func run(_ arguments: [String], data: String = "data.jsonl") throws -> BuiltProgram.Result {
      try BuiltProgram.run(
        ["tune"] + arguments + ["-m", "\(folder)/tiny.gguf", "-t", "2"]
          + (arguments.contains("--length") ? [] : ["--length", "96"])
          + ["--data", "\(folder)/\(data)"])
    }

    func answer(model: String, _ arguments: [String]) throws -> BuiltProgram.Result {
      try BuiltProgram.run(
        ["run", "--json", "-p", "number 3", "-n", "4", "-t", "1", "-m", "\(folder)/\(model)"]
          + arguments)
    }
  }

  @inline(never)
  private static func setUp(in folder: String) throws -> Setup {
    try Data(TinyModel(blockCount: 3).bytes()).write(to: URL(filePath: "\(folder)/tiny.gguf"))
    let rows = (0..<40).map {
      #"{"question":"number \#($0) and the rest","answer":"it is \#($0)"}"#
    }
    try Data((rows.joined(separator: "\n") + "\n").utf8)
      .write(to: URL(filePath: "\(folder)/data.jsonl"))
    return Setup(folder: folder)
  }
}
