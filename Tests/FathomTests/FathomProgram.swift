import Foundation

/// The program itself, run as a user runs it.
enum FathomProgram {
  /// What a run left behind.
  struct Outcome {
    var output: String
    var errorOutput: String
    var exitCode: Int32
  }

  /// The built program, beside the tests' own bundle.
  private static var url: URL {
    let tests = Bundle.allBundles.first { $0.bundlePath.hasSuffix(".xctest") }
    let folder = tests?.bundleURL.deletingLastPathComponent() ?? Bundle.main.bundleURL
    return folder.appending(path: "fathom")
  }

  /// Runs `fathom` with `input` on its standard input.
  static func run(
    _ arguments: [String], input: String = "", environment: [String: String] = [:]
  ) throws -> Outcome {
    let process = Process()
    process.executableURL = url
    process.arguments = arguments
    process.environment = ProcessInfo.processInfo.environment.merging(environment) { $1 }
    // Files, not pipes: a pipe that fills up would stop the program.
    let folder = FileManager.default.temporaryDirectory.appending(path: UUID().uuidString)
    try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    defer { try? FileManager.default.removeItem(at: folder) }
    let files = ["in", "out", "err"].map { folder.appending(path: $0) }
    for (file, content) in zip(files, [input, "", ""]) { try Data(content.utf8).write(to: file) }
    process.standardInput = try FileHandle(forReadingFrom: files[0])
    process.standardOutput = try FileHandle(forWritingTo: files[1])
    process.standardError = try FileHandle(forWritingTo: files[2])
    try process.run()
    process.waitUntilExit()
    return Outcome(
      output: try String(contentsOf: files[1], encoding: .utf8),
      errorOutput: try String(contentsOf: files[2], encoding: .utf8),
      exitCode: process.terminationStatus)
  }
}
