import Foundation
import TestSupport
import Testing

/// Standard streams that are closed, full, slow, or not what they seem.
@Suite(.needsProgram)
struct StreamTests {
  /// Runs a line of shell with `$F` for the program, `$M` for a tiny model and `$R` for a record; it stands in
  /// a folder of its own.
  private func shell(_ line: String, home: Bool = true) async throws -> BuiltProgram.Result {
    try await withTemporaryFolder { folder in
      let model = folder + "/tiny.gguf"
      try Data(TinyModel(seed: 4).bytes()).write(to: URL(filePath: model))
      let record = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
        .appending(path: "ScreenTests/Golden/session.jsonl").path
      return try BuiltProgram.run(
        "/bin/sh", ["-c", "cd '\(folder)' && " + line],
        variables: ["F": BuiltProgram.path ?? "fathom", "M": model, "R": record, "HOME": folder])
    }
  }

  private static let run = "$F run -m $M --temp 0 -n 4 -p hi"
  private static let talk = "echo hi | $F chat --plain --no-history -m $M -n 2"

  @Test(arguments: [
    run, run + " --json", talk, "$F replay --plain $R", "$F show $M", "$F --help", "$F --version",
    "echo hi | $F tokenize -m $M", "$F bench -m $M -p 8 -n 2 -r 1",
    "$F replay --svg /dev/stdout $R", "$F export -m $M --prune-blocks 1 -o -",
  ])
  func `what cannot be written is no success`(command: String) async throws {
    for (end, words) in [(">/dev/full", "No space left on device"), (">&-", "standard output")] {
      // A closed output has no name.
      if command.contains("/dev/stdout"), end == ">&-" { continue }
      let result = try await shell(command + " " + end)
      #expect(result.status == 74, "\(command) \(end): \(result.errors)")
      #expect(command.contains("F --") || result.errors.contains(words), "\(result.errors)")
    }
  }

  @Test func `who reads only the beginning is told nothing`() async throws {
    let result = try await shell("\(Self.run) --json | head -c 1; echo; $F show $M | head -n 0")
    #expect(result.output == "{\n" && !result.errors.contains("standard output"))
  }

  @Test(arguments: ["2>&-", "2>/dev/full"])
  func `a closed or full error output changes nothing`(end: String) async throws {
    let plain = try await shell(Self.run)
    let silent = try await shell("\(Self.run) \(end)")
    #expect(silent.status == 0 && silent.output == plain.output)
    #expect(try await shell("$F run -m /nowhere -p hi \(end)").status == 66)
    #expect(try await shell("$F run --nonsense \(end)").status == 64)
  }

  @Test func `no file takes the number of a closed stream`() async throws {
    let result = try await shell(
      "printf 'hi\\n/quit\\n' | $F chat --plain -m $M -n 2 >out 2>&-; "
        + "head -c 15 .local/share/fathom/sessions.sqlite; grep -q Model: out && echo 1")
    #expect(result.output == "SQLite format 31\n")
  }

  @Test func `piped input is waited for beside a prompt`() async throws {
    for late in [
      "sleep 0.3; echo PINEAPPLE", "sh -c 'sleep 1; printf PINE; sleep 0.2; echo APPLE'",
    ] {
      let result = try await shell("{ \(late); } | $F run -m $M --temp 0 -n 1 --json -p Repeat:")
      #expect(result.output.contains("Repeat:\\n\\nPINEAPPLE"), "\(result.output)")
    }
    let alone = try await shell("$F run -m $M --temp 0 -n 1 --json -p Repeat: </dev/null")
    #expect(alone.output.contains("\"text\":\"Repeat:\""))
  }

  @Test func `a standard input that cannot be read is said`() async throws {
    for (end, words) in [("</", "standard input: Is a directory"), ("<&-", "standard input")] {
      let result = try await shell("$F run -m $M \(end)")
      #expect(result.status != 0 && result.errors.contains(words), "\(result.errors)")
      #expect(try await shell("$F tokenize -m $M \(end)").status == 66)
    }
  }

  @Test func `a dash and a pipe are read wherever a file is`() async throws {
    for command in [
      "$F replay --plain - <$R", "cat $R | $F replay --plain -", "$F replay --plain /dev/stdin <$R",
      "mkfifo p; cat $R >p & $F replay --plain p",
    ] {
      let result = try await shell(command)
      #expect(
        result.status == 0 && result.output.contains("Model:"), "\(command): \(result.errors)")
    }
    let told = try await shell("echo the cat | $F run -m $M --temp 0 -n 1 --json -f -")
    #expect(told.output.contains("\"text\":\"the cat\\n\""))
  }

  @Test func `other encodings are read, or said`() async throws {
    let marked = try await shell(
      "printf '\\357\\273\\277hi' | $F run -m $M --temp 0 -n 1 --json")
    #expect(marked.output.contains("\"text\":\"hi\"") && !marked.errors.contains("UTF"))
    let wide = try await shell(
      "printf '\\377\\376h\\000i\\000\\n\\000' | $F chat --plain --no-history -m $M -n 1")
    #expect(wide.errors.contains("standard input: read as UTF-16"))
    let latin = try await shell("printf 'caf\\351' | $F run -m $M --temp 0 -n 1 --json")
    #expect(latin.errors.contains("not UTF-8 at byte 4"))
  }

  @Test(arguments: ["--svg p", "--svg ./p --force"])
  func `a record is not written over by its own picture`(end: String) async throws {
    let result = try await shell("cp $R p && $F replay \(end) p; cmp p $R && echo same")
    #expect(result.output == "same\n" && result.errors.contains("which is read"))
  }

  @Test func `a report that is there is replaced where that was asked for`() async throws {
    let result = try await shell(
      "$F replay --svg s.svg $R && cp s.svg t && $F replay --svg s.svg $R; echo $?; "
        + "$F replay --size 80x24 --force --svg s.svg $R && cmp -s s.svg t || echo new")
    #expect(result.output == "73\nnew\n" && result.errors.contains("--force"))
  }

  @Test func `two reports do not share a file`() async throws {
    let result = try await shell("$F bench -m $M -p 8 -n 2 -r 1 --json x --markdown ./x; ls")
    #expect(result.errors.contains("two outputs") && !result.output.contains("x"))
  }

  @Test func `a record that was cut within a line shows what is there`() async throws {
    let result = try await shell("head -c $(($(wc -c <$R) - 40)) $R >cut; $F replay --plain cut")
    #expect(result.status == 0 && result.output.contains("Model:"))
    #expect(result.errors.contains("the last line is cut off"))
  }

  @Test func `what a conversation leaves is for its owner alone`() async throws {
    let result = try await shell(
      "umask 022; printf 'hi\\n/save s.jsonl\\n/quit\\n' | $F chat --plain -m $M -n 2 >/dev/null; "
        + "find . -name '*.jsonl' -perm /077; find .local -name 'sessions*' -perm /077; ls")
    #expect(result.output == "s.jsonl\ntiny.gguf\n", "\(result.output)")
  }
}
