import Foundation
import TestSupport
import Testing

/// `fathom replay`, as a program: what it writes where no terminal is, and how it ends.
@Suite(.needsProgram) struct ReplayCommandTests {
  private static let golden = URL(filePath: #filePath).deletingLastPathComponent()
    .deletingLastPathComponent().appending(path: "ScreenTests/Golden")

  private func replay(_ arguments: String...) throws -> BuiltProgram.Result {
    try BuiltProgram.run(["replay"] + arguments)
  }

  @Test func `without a terminal a session becomes the text of plain mode`() throws {
    let result = try replay(Self.golden.appending(path: "session.jsonl").path)
    #expect(result.status == 0)
    let plain = try String(contentsOf: Self.golden.appending(path: "plain.txt"), encoding: .utf8)
    #expect(result.output == plain)
  }

  @Test
  func `a bad file ends with 65 and its line, a missing one with 66, wrong usage with 64`() throws {
    let folder = try TemporaryFolder()
    let file = folder.file("bad.jsonl")
    let session = try String(
      contentsOf: Self.golden.appending(path: "session.jsonl"), encoding: .utf8)
    let lines = session.split(separator: "\n").prefix(3) + ["{\"v\":1,\"type\":\"token\"}"]
    try Data(lines.joined(separator: "\n").utf8).write(to: URL(filePath: file))
    let bad = try replay(file)
    #expect(bad.status == 65 && bad.errors.contains("line 4") && bad.output.isEmpty)
    let missing = try replay(file + ".none")
    #expect(missing.status == 66 && missing.errors.contains(".none"))
    #expect(try replay("--speed", "0", file).status == 64)
  }
}
