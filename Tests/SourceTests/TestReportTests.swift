import Foundation
import Testing

/// `make test` on a machine whose `swift` says what the tests of these tests want.
struct TestReportTests {
  private static let lines = """
    ◇ Test run started.
    ◇ Suite OneTests started.
    ◇ Test "slow, with 2 test cases" started.
    ✔ Test "slow, with 2 test cases" with 2 test cases passed after 12.500 seconds.
    ✘ Test "wrong" failed after 3.250 seconds with 1 issue.
    ✔ Suite OneTests passed after 15.750 seconds.
    ◇ Suite TwoTests started.
    ✔ Test plain() passed after 4.000 seconds.
    """

  @Test func `the slowest tests are named, slowest first, and the closing line is the last`() throws
  {
    let closing = "✔ Test run with 14 tests in 2 suites passed after 20.000 seconds."
    let quick = (0..<11).map { "✔ Test \"quick \($0)\" passed after 0.00\($0 % 10) seconds." }
    let all = Self.lines + "\n" + (quick + [closing]).joined(separator: "\n")
    let (status, output) = try make("test-quick", saying: all, exitCode: 0)
    #expect(status == 0)
    let lines = output.split(separator: "\n")
    #expect(lines.last.map(String.init) == closing)
    let heading = try #require(lines.firstIndex { $0.hasPrefix("The slowest of 14 tests") })
    #expect(lines[heading...].count == 1 + 10 + 1)
    #expect(
      lines[(heading + 1)...].prefix(3).map { $0.trimmingCharacters(in: .whitespaces) } == [
        "12.50  OneTests: slow, with 2 test cases", "4.00  TwoTests: plain()",
        "3.25  OneTests: wrong",
      ])
    #expect(lines.starts(with: Self.lines.split(separator: "\n")))
  }

  @Test(arguments: [
    "✘ Test run with 3 tests in 2 suites failed after 20.000 seconds with 1 issue.", "",
  ])
  func `tests that fail, or end before they close, fail the target`(closing: String) throws {
    let (status, output) = try make(
      "test-quick", saying: Self.lines + "\n" + closing, exitCode: 1)
    #expect(status != 0)
    #expect(output.contains("The slowest of 3 tests"))
    #expect(output.hasSuffix(closing.isEmpty ? "OneTests: wrong\n" : closing + "\n"))
  }

  /// Runs a target of the Makefile; `swift test` prints these lines and ends with this code.
  private func make(
    _ target: String, saying lines: String, exitCode: Int
  ) throws -> (status: Int32, output: String) {
    let folder = FileManager.default.temporaryDirectory
      .appending(path: "fathom-make-\(UUID().uuidString)")
    try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    defer { try? FileManager.default.removeItem(at: folder) }
    let swift = folder.appending(path: "swift").path
    try Data((lines + "\n").utf8).write(to: folder.appending(path: "lines"))
    let script = """
      #!/bin/sh
      if [ "$1" = test ]; then cat "\(folder.path)/lines"; exit \(exitCode); fi

      """
    try Data(script.utf8).write(to: URL(filePath: swift))
    try FileManager.default.setAttributes([.posixPermissions: 0o755], ofItemAtPath: swift)
    let process = Process()
    let output = Pipe()
    process.executableURL = URL(filePath: "/usr/bin/env")
    process.arguments = ["make", "-s", "-C", SourceTree.root.path, "-o", "setup", target]
    let path = ProcessInfo.processInfo.environment["PATH"] ?? ""
    process.environment = ["PATH": folder.path + ":" + path]
    process.standardInput = FileHandle.nullDevice
    process.standardError = FileHandle.nullDevice
    process.standardOutput = output
    try process.run()
    let text = String(decoding: output.fileHandleForReading.readDataToEndOfFile(), as: UTF8.self)
    process.waitUntilExit()
    return (process.terminationStatus, text)
  }
}
