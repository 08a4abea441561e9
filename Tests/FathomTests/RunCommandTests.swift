import Dials
import Events
import Files
import Foundation
import GGUF
import Techniques
import TestSupport
import Testing

/// `fathom run` as a shell sees it, with a tiny model.
@Suite(.needsProgram)
struct RunCommandTests {
  /// Calls `body` with the path of a tiny model and of its folder.
  private func withModel(
    _ model: TinyModel = TinyModel(seed: 4), _ body: (String, String) throws -> Void
  ) async throws {
    try await withTemporaryFolder { folder in
      let path = folder + "/tiny.gguf"
      try Data(model.bytes()).write(to: URL(filePath: path))
      try body(path, folder)
    }
  }

  private func run(
    _ arguments: String..., input: String = "", variables: [String: String] = [:]
  ) throws -> BuiltProgram.Result {
    try BuiltProgram.run(["run", "-t", "1"] + arguments, variables: variables, input: input)
  }

  private func records(_ result: BuiltProgram.Result) throws -> [Record] {
    try EventLog.records(in: Data(result.output.utf8))
  }

  @Test func `the answer alone is on the standard output, its numbers on the other`() async throws {
    try await withModel { path, _ in
      let result = try run("-m", path, "-p", "the cat", "-n", "12", "--temp", "0")
      #expect(result.status == 0)
      #expect(result.output.hasSuffix("\n"))
      #expect(!result.output.contains("Stats:"))
      #expect(result.errors.contains("Stats: 12 tokens"))
      #expect(result.errors.contains("text identical"))
      let controls = result.output.unicodeScalars.filter {
        $0.properties.generalCategory == .control && $0 != "\n" && $0 != "\t"
      }
      #expect(controls.isEmpty)
      let again = try run("-m", path, "-p", "the cat", "-n", "12", "--temp", "0")
      #expect(again.output == result.output)
    }
  }

  @Test(arguments: [
    "-n", "--seed", "--temp", "--top-k", "-c", "-t", "--window", "--repeat-penalty",
  ])
  func `a negative number is told as the number that it is`(option: String) async throws {
    try await withModel { path, _ in
      let result = try BuiltProgram.run(["run", "-m", path, "-p", "hi", option, "-1"])
      #expect(result.status == 64)
      #expect(!result.errors.contains("Missing value") && !result.errors.contains("Unknown option"))
      let words = ["-1", "or more", "above 0", "between", "at least"]
      #expect(words.contains(where: result.errors.contains), "\(result.errors)")
    }
  }

  @Test func `that a file has no template is said where a template is used alone`() async throws {
    try await withModel(TinyModel(metadata: ["tokenizer.chat_template": .string("?")])) { path, _ in
      let chat = try run("-m", path, "-p", "the", "-n", "1").errors
      let raw = try run("-m", path, "-p", "the", "-n", "1", "--raw").errors
      #expect(chat.contains("ChatML is used") && !raw.contains("ChatML"))
    }
  }

  @Test(arguments: [Float.nan, .infinity, -.infinity, 3e38])
  func `weights that are no numbers end in an error and in no text`(weight: Float) async throws {
    for name in ["output_norm.weight", "blk.1.attn_norm.weight"] {
      try await withModel { path, folder in
        let file = try GGUFFile(path: path)
        var writer = GGUFWriter()
        for (key, value) in file.metadata.sorted(by: { $0.key < $1.key }) {
          writer.set(key, to: value)
        }
        for tensor in file.tensors {
          var bytes = file.withBytes(of: tensor) { Array($0) }
          if tensor.name == name {
            bytes.replaceSubrange(
              0..<4, with: withUnsafeBytes(of: weight.bitPattern.littleEndian) { Array($0) })
          }
          writer.add(name: tensor.name, shape: tensor.shape, type: tensor.type, bytes: bytes)
        }
        let other = folder + "/other.gguf"
        try writer.write(to: OutputFile(other))
        let result = try run("-m", other, "-p", "the cat", "-n", "8")
        if weight.isFinite {
          // 3e38 is a number, and what comes of it may be one too, for some tokens.
          #expect(result.status == (result.errors.contains("Stats:") ? 0 : 1), "\(result.errors)")
        } else {
          #expect(result.status == 65 && result.output.isEmpty, "\(result.output)")
          #expect(result.errors.contains(name), "\(result.errors)")
        }
      }
    }
  }

  @Test func `a file that is cut while it is mapped ends in an error`() async throws {
    try await withModel { path, _ in
      let program = try #require(BuiltProgram.path)
      let script = """
        (sleep 1; : >'\(path)'; echo hello; sleep 1) | \
          '\(program)' chat --plain --no-history -t 1 -m '\(path)'
        """
      let result = try BuiltProgram.run("/bin/sh", ["-c", script])
      #expect(result.status == 74)
      #expect(result.errors.contains("was cut short"))
    }
  }

  @Test func `the prompt comes from -p, a file, the standard input, or text and input together`()
    async throws
  {
    try await withModel { path, folder in
      let options = ["-m", path, "-n", "8", "--temp", "0", "--json"]
      func text(_ arguments: [String], input: String = "") throws -> String? {
        let result = try BuiltProgram.run(["run"] + options + arguments, input: input)
        return try records(result).lazy.compactMap {
          if case .turn(let turn) = $0, turn.role == .user { turn.text } else { nil }
        }.first
      }
      let file = folder + "/prompt.txt"
      try Data("from a file\n".utf8).write(to: URL(filePath: file))
      #expect(try text(["-p", "said"]) == "said")
      #expect(try text([], input: "piped\n") == "piped\n")
      #expect(try text(["-f", file]) == "from a file\n")
      #expect(try text(["-p", "said"], input: "piped") == "said\n\npiped")
      #expect(try text(["-p", "said", "-f", file]) == "said\n\nfrom a file\n")
      #expect(try text(["-p", "- a dash"]) == "- a dash")
      #expect(try text(["-p", "--json"]) == "--json")
    }
  }

  @Test func `records come line by line, and say the same as the text`() async throws {
    try await withModel { path, folder in
      let arguments = ["-m", path, "-p", "the cat", "-n", "20", "--temp", "0.9", "--seed", "3"]
      let result = try BuiltProgram.run(["run", "--json", "--inspect"] + arguments)
      #expect(result.status == 0)
      #expect(result.errors.isEmpty)
      let records = try records(result)
      let types = records.map(\.type)
      #expect(types.prefix(3) == ["session", "turn", "turn"])
      #expect(types.count { $0 == "probe" } == types.count { $0 == "token" })
      let bytes = records.flatMap { record -> [UInt8] in
        if case .token(let token) = record, token.phase == .gen, !token.special {
          return token.bytes
        }
        return []
      }
      let answer = try BuiltProgram.run(["run"] + arguments).output
      // What can be told apart on a screen: controls are shown as symbols there.
      let letters = { (text: String) in text.filter { $0.isASCII && $0.isLetter } }
      #expect(letters(answer) == letters(String(decoding: bytes, as: UTF8.self)))
      let file = folder + "/session.jsonl"
      try Data(result.output.utf8).write(to: URL(filePath: file))
      let replay = try BuiltProgram.run(["replay", "--plain", file])
      #expect(replay.status == 0)
      #expect(replay.output.contains("You: the cat"))
      #expect(replay.output.contains("20 tokens"))
    }
  }

  @Test func `what cannot be done has its exit code and a line that helps`() async throws {
    try await withModel { path, folder in
      let corrupt = folder + "/corrupt.gguf"
      try Data(TinyModel().bytes().prefix(2000)).write(to: URL(filePath: corrupt))
      let cases: [([String], Int32, String)] = [
        (["-m", path], 64, "-p"),
        (["-m", path, "-p", " \n"], 64, "no prompt"),
        (["-m", "/nowhere/model.gguf", "-p", "x"], 66, "/nowhere/model.gguf"),
        (["-m", path, "-f", "/nowhere/prompt"], 66, "/nowhere/prompt"),
        (["-m", corrupt, "-p", "x"], 65, "at byte"),
        (["-m", path, "-p", "x", "--exit-policy", "nonsense"], 64, "not an exit setting"),
        (["-m", path, "-p", "x", "--exit-policy", "fixed 9"], 64, "1 to 3"),
        (["-m", path, "-p", "x", "--prune-blocks", "0-3"], 64, "Keep at least one"),
        (["-m", path, "-p", "x", "--mode", "vague"], 64, "identical"),
        (["-m", path, "-p", "x", "--temp", "-1"], 64, "--temp"),
        (["-m", path, "-p", "x", "--draft", "97"], 64, "wider than a pass"),
        (["-m", path, "-p", "x", "--draft", "0"], 64, "cannot verify 0"),
        (["-m", path, "-p", "x", "--draft=-2"], 64, "--draft"),
        (["-m", path, "-p", "x", "--draft", "wizard"], 64, "not a draft setting"),
        (["-m", path, "-p", "x", "-n", "0"], 64, "--predict"),
        (["-m", path, "-p", "x", "-c", "3"], 64, "--ctx-size"),
        (["-m", path, "-p", "x", "-t", "0"], 64, "--threads"),
        (["-m", path, "-p", "x", "--colour"], 64, "--colour"),
        (
          ["-m", path, "-p", "a long prompt for a short context", "-c", "16", "--window", "off"], 1,
          "-c"
        ),
      ]
      for (arguments, status, words) in cases {
        let result = try BuiltProgram.run(["run"] + arguments)
        #expect(result.status == status, "\(arguments) \(result.errors)")
        #expect(result.errors.contains(words), "\(arguments) \(result.errors)")
        let said = result.output.filter { !$0.isWhitespace }
        #expect(said.isEmpty, "\(arguments)")
      }
    }
  }

  @Test func `an error is the last record too, and the exit code says so`() async throws {
    try await withModel { path, _ in
      let result = try run(
        "-m", path, "-p", String(repeating: "x", count: 50), "-c", "16", "--json",
        "--window", "off")
      #expect(result.status == 1)
      guard case .end(let end)? = try records(result).last else {
        Issue.record("the last record is the end")
        return
      }
      #expect(end.reason == .error)
      #expect(end.message?.contains("-c") == true)
    }
  }

  @Test(arguments: [
    ["-p", "the cat"],
    ["-p", "it's \"$HOME\" `ls` \\ \n* ~ ! é 猫"],
    ["-p", "- a list\n- of two", "-sys", "-- Be brief; it's late."],
    ["-p", "--temp", "--raw"],
    [
      "-p", "the cat", "--temp", "1.3", "--seed", "9", "--top-k", "0", "--top-p", "1", "--min-p",
      "0",
    ],
    ["-p", "the cat", "--temp", "1e-4", "--repeat-penalty", "1.2", "--repeat-last-n", "5"],
    ["-p", "the cat", "--exit-policy", "entropy -4.2 at 1,3", "--mode", "approximate"],
    ["-p", "the cat", "--exit-policy", "fixed 2", "--draft", "7", "--prune-blocks", "0,2"],
    ["-p", "the cat", "--draft", "ngram,recycle 6"],
    ["-p", "the cat", "-c", "30"],
  ])
  func `the line of an answer gives it again in a shell`(arguments: [String]) async throws {
    try await withModel { path, _ in
      let program = try #require(BuiltProgram.path)
      let limit = arguments.contains("-c") ? [] : ["-n", "12"]
      let first = try BuiltProgram.run(["run", "--json", "-m", path] + limit + arguments)
      #expect(first.status == 0, "\(first.errors)")
      guard
        let end = try records(first).lazy.compactMap({
          if case .end(let end) = $0 { end } else { nil }
        }).first, let line = end.repro
      else {
        Issue.record("an answer ends with the line that gives it again")
        return
      }
      let folder = URL(filePath: program).deletingLastPathComponent().path
      let path = ProcessInfo.processInfo.environment["PATH"] ?? ""
      let again = try BuiltProgram.run(
        "/bin/sh", ["-c", line + " --json"], variables: ["PATH": folder + ":" + path])
      #expect(again.status == 0, "\(line)\n\(again.errors)")
      #expect(try tokens(again) == tokens(first), "\(line)")
    }
  }

  private func tokens(_ result: BuiltProgram.Result) throws -> [TokenID] {
    try records(result).compactMap {
      if case .token(let token) = $0, token.phase == .gen { token.id } else { nil }
    }
  }

  @Test func `any kernels give the same text, unknown ones a list of those there are`() async throws
  {
    try await withModel(TinyModel(type: .q4_1, seed: 4)) { path, _ in
      let arguments = ["-m", path, "-p", "the cat", "-n", "12", "--json"]
      let best = try BuiltProgram.run(["run"] + arguments)
      for name in ["scalar", ""] {
        let other = try BuiltProgram.run(["run"] + arguments, variables: ["FATHOM_SIMD": name])
        #expect(try tokens(other) == tokens(best))
        if case .session(let session)? = try records(other).first, !name.isEmpty {
          #expect(session.host.simd == name)
        }
      }
      let unknown = try run("-m", path, "-p", "x", variables: ["FATHOM_SIMD": "nonsense"])
      #expect(unknown.status == 64)
      #expect(unknown.errors.contains("FATHOM_SIMD is \"nonsense\""))
      #expect(unknown.errors.contains("scalar"))
      #expect(unknown.output.isEmpty)
    }
  }

  /// The seed of a model that does not end its answer within a thousand tokens.
  @inline(never)
  private static func talkativeSeed() throws -> UInt64 {
    let folder = try TemporaryFolder()
    let path = folder.file("tiny.gguf")
    for seed in 4..<60 as Range<UInt64> {
      try Data(TinyModel(contextLength: 8192, seed: seed).bytes()).write(to: URL(filePath: path))
      let errors = try BuiltProgram.run(
        [
          "run", "-t", "1", "-m", path, "-p", "x", "--temp", "0", "--circle-limit", "0", "-n",
          "1000",
        ]
      ).errors
      if errors.contains("the limit on new tokens") { return seed }
    }
    Issue.record("every model falls silent")
    return 0
  }

  @Test func `a signal stops the answer, keeps its text and is the exit code`() async throws {
    try await withModel(TinyModel(contextLength: 8192, seed: try Self.talkativeSeed())) {
      path, folder in
      let program = try #require(BuiltProgram.path)
      // The signal comes when the first words are there; 8192 tokens are more than that.
      let script = """
        "$0" run -t 1 -m "$1" -p x --temp 0 --circle-limit 0 > "$2/out" 2> "$2/err" &
        while [ ! -s "$2/out" ]; do sleep 0.01; done
        kill -TERM $!; wait $!; echo $?
        """
      let result = try BuiltProgram.run("/bin/sh", ["-c", script, program, path, folder])
      #expect(result.output == "143\n")
      let errors = try String(contentsOfFile: folder + "/err", encoding: .utf8)
      #expect(errors.contains("Stopped."))
      #expect(errors.contains("tokens"))
    }
  }

  @Test func `an answer that runs in a circle is stopped and says how to go on`() async throws {
    try await withModel(TinyModel(contextLength: 8192, seed: try Self.talkativeSeed())) { path, _ in
      let usual = ["run", "-t", "1", "-m", path, "-p", "x", "--temp", "0", "-n", "2000"]
      let stopped = try BuiltProgram.run(usual)
      #expect(stopped.status == 0)
      #expect(
        stopped.errors.contains(
          /Stopped: The text runs in a circle: its last .*token.* \d+ times over\. --circle-limit 0 goes on/
        ), "\(stopped.errors)")
      let whole = try BuiltProgram.run(usual + ["--circle-limit", "0"])
      #expect(
        whole.errors.contains("the limit on new tokens is reached. The text runs in a circle"))
      #expect(whole.output.hasPrefix(stopped.output.dropLast()))
      let wrong = try BuiltProgram.run(usual + ["--circle-limit", "4"])
      #expect(wrong.status == 64 && wrong.errors.contains("--circle-limit must be 5 or more"))
    }
  }
}
