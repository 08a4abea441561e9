import Foundation
import Models
import TestSupport
import Testing

/// `fathom oracle` on a tiny model.
@Suite(.needsProgram) struct OracleCommandTests {
  private func run(_ arguments: [String], in folder: String) throws -> BuiltProgram.Result {
    try BuiltProgram.run(
      ["oracle", "-m", "\(folder)/tiny.gguf", "-t", "2", "--data", "\(folder)/data.jsonl"]
        + arguments,
      variables: ["XDG_DATA_HOME": folder, "XDG_STATE_HOME": folder])
  }

  @inline(never)
  private func setUp(in folder: String) throws {
    let tiny = TinyModel(blockCount: 4, contextLength: 256)
    try Data(tiny.bytes()).write(to: URL(filePath: "\(folder)/tiny.gguf"))
    let duo = TinyDuo(
      base: tiny, sha256: FileDigest.hexadecimal(ofFile: "\(folder)/tiny.gguf") ?? "")
    try Data(duo.bytes()).write(to: URL(filePath: "\(folder)/duo.gguf"))
    let rows = (0..<4).map { #"{"prompt":"number \#($0)","response":"and the rest of it"}"# }
    try Data((rows.joined(separator: "\n") + "\n").utf8)
      .write(to: URL(filePath: "\(folder)/data.jsonl"))
  }

  @Test func `tables, curves and tokens come out, and nothing is written over`() async throws {
    try await withTemporaryFolder { folder in
      try setUp(in: folder)
      let arguments = [
        "--duo", "\(folder)/duo.gguf", "--tokens-limit", "20", "-o", "\(folder)/curves.csv", "-o",
        "\(folder)/curves.svg", "--tokens", "\(folder)/tokens.csv",
      ]
      let result = try run(arguments, in: folder)
      #expect(result.status == 0, "\(result.errors)")
      #expect(result.output.contains("all 16 patterns") && result.output.contains("routers get"))
      let csv = try String(contentsOfFile: "\(folder)/curves.csv", encoding: .utf8)
      #expect(csv.hasPrefix("curve,share_big,loss,kl,agreement,pattern\n"))
      let svg = try String(contentsOfFile: "\(folder)/curves.svg", encoding: .utf8)
      #expect(svg.hasPrefix("<svg"))
      let tokens = try String(contentsOfFile: "\(folder)/tokens.csv", encoding: .utf8)
      #expect(tokens.split(separator: "\n").count == 21)
      #expect(try run(arguments, in: folder).status == 73)
      #expect(try run(arguments + ["--force"], in: folder).output == result.output)
    }
  }

  @Test func `what is missing or makes no sense is wrong usage`() async throws {
    try await withTemporaryFolder { folder in
      try setUp(in: folder)
      let duo = ["--duo", "\(folder)/duo.gguf"]
      let cases: [([String], String)] = [
        ([], "--duo"), (duo + ["--groups", "3"], "groups of equal length"),
        (duo + ["-o", "x.txt"], ".csv or .svg"), (duo + ["--search", "luck"], "--search"),
        (duo + ["--width", "0"], "--width"), (duo + ["--tokens-limit", "1"], "--tokens-limit"),
      ]
      for (arguments, word) in cases {
        let result = try run(arguments, in: folder)
        #expect(result.status == 64, "\(arguments)")
        #expect(result.errors.contains(word), "\(arguments): \(result.errors)")
      }
    }
  }
}
