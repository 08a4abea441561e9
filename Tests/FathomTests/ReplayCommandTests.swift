import Foundation
import Testing

/// `fathom replay`, as a program: what it writes where no terminal is, and how it ends.
@Suite struct `fathom replay` {
  /// The program lies beside the tests.
  static let program = URL(filePath: CommandLine.arguments[0]).deletingLastPathComponent()
    .appending(path: "fathom")
  static let isBuilt = FileManager.default.isExecutableFile(atPath: program.path)
  static let golden = URL(filePath: #filePath).deletingLastPathComponent()
    .deletingLastPathComponent().appending(path: "ScreenTests/Golden")

  static func run(_ arguments: String...) throws -> (status: Int32, output: String, errors: String)
  {
    let process = Process()
    let (output, errors) = (Pipe(), Pipe())
    process.executableURL = program
    process.arguments = ["replay"] + arguments
    (process.standardOutput, process.standardError) = (output, errors)
    process.standardInput = FileHandle.nullDevice
    try process.run()
    let text = String(decoding: output.fileHandleForReading.readDataToEndOfFile(), as: UTF8.self)
    let words = String(decoding: errors.fileHandleForReading.readDataToEndOfFile(), as: UTF8.self)
    process.waitUntilExit()
    return (process.terminationStatus, text, words)
  }

  @Test(.enabled(if: isBuilt, "the program is not built beside the tests"))
  func `without a terminal a session becomes the text of plain mode`() throws {
    let (status, output, _) = try Self.run(Self.golden.appending(path: "session.jsonl").path)
    #expect(status == 0)
    let plain = try String(contentsOf: Self.golden.appending(path: "plain.txt"), encoding: .utf8)
    #expect(output == plain)
  }

  @Test(.enabled(if: isBuilt, "the program is not built beside the tests"))
  func `a bad file ends with 65 and its line, a missing one with 66, wrong usage with 64`() throws {
    let file = FileManager.default.temporaryDirectory.appending(path: "\(UUID()).jsonl")
    defer { try? FileManager.default.removeItem(at: file) }
    let session = try String(
      contentsOf: Self.golden.appending(path: "session.jsonl"), encoding: .utf8)
    let lines = session.split(separator: "\n").prefix(3) + ["{\"v\":1,\"type\":\"token\"}"]
    try Data(lines.joined(separator: "\n").utf8).write(to: file)
    let bad = try Self.run(file.path)
    #expect(bad.status == 65 && bad.errors.contains("line 4") && bad.output.isEmpty)
    let missing = try Self.run(file.path + ".none")
    #expect(missing.status == 66 && missing.errors.contains(".none"))
    #expect(try Self.run("--speed", "0", file.path).status == 64)
  }
}
