import Dials
import Foundation
import TestSupport
import Testing

@Suite(.needsProgram)
struct EvalCommandTests {
  private static let text = String(
    repeating: "the land of the free and the home of the brave, one two three. ", count: 20)

  private func eval(
    _ arguments: String..., text: String = text
  ) async throws -> BuiltProgram.Result {
    try await withTemporaryFolder { folder in
      let path = folder + "/tiny.gguf"
      try Data(TinyModel().bytes()).write(to: URL(filePath: path))
      let file = folder + "/text.txt"
      try Data(text.utf8).write(to: URL(filePath: file))
      return try BuiltProgram.run(
        ["eval", "-t", "1", "-m", path, "-c", "64", "-f", file] + arguments)
    }
  }

  @Test func `the plain model has a perplexity with an error and nothing to compare with`()
    async throws
  {
    let result = try await eval("--chunks", "2", "-o", "json")
    #expect(result.status == 0)
    guard case .array(let rows) = try JSONValue(parsing: Data(result.output.utf8)) else {
      Issue.record("the output is a list")
      return
    }
    #expect(rows.count == 1)
    let row = try #require(rows.first)
    #expect(row["n_ctx"] == .number(64))
    #expect(row["n_chunk"] == .number(2))
    #expect(row["n_scored"] == .number(62))
    #expect(row["setting"] == .string("plain"))
    #expect(row["mean_kld"] == nil)
    guard case .number(let perplexity)? = row["ppl"], case .number(let error)? = row["ppl_error"]
    else {
      Issue.record("a row has a perplexity and an error")
      return
    }
    #expect(perplexity > 1 && perplexity < 10_000)
    #expect(error > 0)
    guard case .number(let speed)? = row["write_ts"] else {
      Issue.record("a row has a speed of writing")
      return
    }
    #expect(speed > 0)
  }

  @Test func `a turned dial is compared with the plain model`() async throws {
    let result = try await eval("--prune-blocks", "1,2", "-o", "csv")
    #expect(result.status == 0)
    let lines = result.output.split(separator: "\n").map {
      $0.split(separator: ",").map(String.init)
    }
    #expect(lines.count == 3)
    #expect(lines[0].contains("mean_kld") && lines[0].last == "write_ts")
    #expect(lines.dropFirst().allSatisfy { $0.last.flatMap(Double.init) ?? 0 > 0 })
    #expect(result.output.contains("\"prune 1-2\"") || result.output.contains(",prune 1-2,"))
    #expect(result.output.contains(",approximate,"))
  }

  @Test func `the table has a line for each setting`() async throws {
    let result = try await eval("--exit-policy", "fixed 2", "--mode", "approximate")
    #expect(result.status == 0)
    #expect(result.errors.isEmpty)
    let lines = result.output.split(separator: "\n")
    #expect(lines.count == 4)
    #expect(lines[1].contains("MEAN KLD"))
    #expect(lines[2].hasPrefix("plain "))
    #expect(lines[3].hasPrefix("exit fixed 2 (approximate, "))
  }

  @Test func `a text that is too short or not there is said to be so`() async throws {
    let short = try await eval(text: "the land")
    #expect(short.status == 65)
    #expect(short.errors.contains("less than one window of 64"))
    #expect(short.output.isEmpty)
    #expect(try await eval("-f", "/nowhere.txt").status == 66)
    #expect(try await eval("--chunks", "0").status == 64)
    #expect(try await eval("--prune-blocks", "0-3").status == 64)
  }
}
