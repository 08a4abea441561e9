import Dials
import Foundation
import TestSupport
import Testing

@Suite(.needsProgram)
struct ReachTests {
  /// Runs the program on a tiny random model whose file's path follows `-m`.
  private func fathom(
    _ arguments: String..., text: String = "the land of the free ", input: String = ""
  ) async throws -> BuiltProgram.Result {
    try await withTemporaryFolder { folder in
      let path = folder + "/tiny.gguf"
      try Data(TinyModel().bytes()).write(to: URL(filePath: path))
      let file = folder + "/text.txt"
      try Data(text.utf8).write(to: URL(filePath: file))
      let all = arguments.map { $0.replacing("TEXT", with: file) }
      return try BuiltProgram.run([all[0], "-t", "1", "-m", path] + all.dropFirst(), input: input)
    }
  }

  private let long = String(
    repeating: "the land of the free and the home of the brave. ", count: 60)

  @Test func `perplexity by position has a line for each bucket and its ratio to a fresh text`()
    async throws
  {
    let result = try await fathom(
      "eval", "--by-position", "--window", "32", "--sinks", "4", "--bucket", "64", "--chunks", "4",
      "--beside", "128", "-f", "TEXT", text: long)
    #expect(result.status == 0, "\(result.errors)")
    let lines = result.output.split(separator: "\n").map(String.init)
    #expect(lines.count == 10, "\(result.output)")
    #expect(lines[0].contains("lambda 32, 4 sinks"))
    #expect(lines[2].hasPrefix("0-64") && lines[2].contains("1.0000 (1.0000 to 1.0000)"))
    let last = lines[5].split(separator: " ")
    #expect(last[0] == "192-256" && last[3] == "-" && last[4] == "-" && last.count == 9)
  }

  @Test func `buckets are also written as values and drawn`() async throws {
    try await withTemporaryFolder { folder in
      let result = try await fathom(
        "eval", "--by-position", "--window", "16", "--bucket", "32", "--chunks", "5", "--every",
        "3", "-o", "json", "--svg", folder + "/p.svg", "-f", "TEXT", text: long)
      #expect(result.status == 0, "\(result.errors)")
      guard case .array(let rows) = try JSONValue(parsing: Data(result.output.utf8)) else {
        Issue.record("the output is a list")
        return
      }
      #expect(Set(rows.map { $0["from"] }) == [.number(0), .number(96), .number(128)])
      #expect(rows.contains { $0["reach"] == .string("off") })
      let svg = try String(contentsOfFile: folder + "/p.svg", encoding: .utf8)
      #expect(svg.contains("<polyline") && svg.contains("perplexity by position"))
    }
  }

  @Test func `a window that cannot be is refused before anything is read`() async throws {
    for (window, words) in [("0", "at least the token itself"), ("wide", "not a window")] {
      let result = try await fathom("run", "-p", "the land", "--window", window)
      #expect(result.status != 0)
      #expect(result.errors.contains(words), "\(result.errors)")
    }
    let sinks = try await fathom("run", "-p", "the land", "--window", "4", "--sinks", "5")
    #expect(sinks.errors.contains("5 first positions are more than the window of 4"))
    let untrained = try await fathom("run", "-p", "the land", "--window", "1000000")
    #expect(untrained.status != 0 && untrained.errors.contains("knows no farther ones"))
  }

  @Test func `a prompt longer than the context is answered with a window, and that is said`()
    async throws
  {
    let result = try await fathom(
      "run", "--raw", "-c", "64", "-n", "8", "--temp", "0", "-f", "TEXT", text: long)
    #expect(result.status == 0, "\(result.errors)")
    #expect(result.errors.contains("attention sees the first 16 and the last 32 tokens"))
    let full = try await fathom(
      "run", "--raw", "-c", "64", "-n", "8", "--window", "off", "-f", "TEXT", text: long)
    #expect(full.status != 0 && full.errors.contains("--window"), "\(full.errors)")
  }

  @Test func `a hidden number is asked for at every length, depth and reach`() async throws {
    let result = try await fathom(
      "passkey", "--lengths", "400,600", "--depths", "0,1", "--trials", "1", "--window", "48",
      "--sinks", "4", "-o", "csv")
    #expect(result.status == 0, "\(result.errors)")
    let rows = result.output.split(separator: "\n")
    #expect(rows.count >= 1 + 2 * 2 * 2)
    #expect(rows.contains { $0.hasPrefix("600,0.0,") && $0.contains("false") })
    #expect(rows.contains { $0.hasPrefix("600,1.0,") && $0.contains("true") })
    for (lengths, words) in [("128,x", "are numbers"), ("64", "no room for the question")] {
      let bad = try await fathom("passkey", "--lengths", lengths)
      #expect(bad.status != 0 && bad.errors.contains(words), "\(bad.errors)")
    }
  }
}
