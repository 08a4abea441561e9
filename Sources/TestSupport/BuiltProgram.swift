import Foundation
import Testing

/// The program itself, as built beside the tests, run as a user runs it.
package enum BuiltProgram {
  /// What a run left.
  package struct Result: Sendable {
    /// The exit code; 128 and the signal's number after a signal.
    package var status: Int32
    /// The standard output.
    package var output: String
    /// The error output.
    package var errors: String
  }

  /// Where the program lies, if it was built.
  package static var path: String? {
    var folder = URL(filePath: CommandLine.arguments[0]).resolvingSymlinksInPath()
    while folder.path.count > 1 {
      folder.deleteLastPathComponent()
      let program = folder.appending(path: "fathom").path
      var isFolder: ObjCBool = false
      if FileManager.default.fileExists(atPath: program, isDirectory: &isFolder),
        !isFolder.boolValue
      {
        return program
      }
    }
    return nil
  }

  /// Runs the program to its end, `input` on its standard input. `variables` are set over the tests'
  /// environment.
  package static func run(
    _ arguments: [String], variables: [String: String] = [:], input: String = ""
  ) throws -> Result {
    let result = try run(path ?? "fathom", arguments, variables: variables, input: input)
    if let word = foreignWord(in: result.errors) {
      Issue.record("a message has \(word): \(result.errors)")
    }
    return result
  }

  /// The first word of the compiler or its libraries in a message: such words say nothing to a person.
  package static func foreignWord(in message: String) -> String? {
    let words = [
      "ErrorDomain", "MetadataValue", "Cannot initialize", "Optional(", "DecodingError",
      "CodingKey",
      "EncodingError", "Fatal error", "Swift.", "UInt64", "Int32", "not representable", "(null)",
      "debugDescription", "localizedDescription", "SubprocessError",
      "The operation could not be completed",
    ]
    return words.first(where: message.contains)
  }

  /// Runs another program in the same way.
  package static func run(
    _ program: String, _ arguments: [String], variables: [String: String] = [:], input: String = ""
  ) throws -> Result {
    let folder = try TemporaryFolder()
    defer { withExtendedLifetime(folder) {} }
    // Files and not pipes: a pipe that nobody empties stops the program.
    let files = try ["input", "output", "errors"].map { name in
      let url = URL(filePath: folder.file(name))
      try Data(name == "input" ? input.utf8 : "".utf8).write(to: url)
      return url
    }
    let status = try ChildProcess(
      program, arguments,
      environment: ProcessInfo.processInfo.environment.merging(variables) { $1 },
      files: files.map(\.path)
    ).wait()
    return Result(
      status: status,
      output: String(decoding: try Data(contentsOf: files[1]), as: UTF8.self),
      errors: String(decoding: try Data(contentsOf: files[2]), as: UTF8.self))
  }
}
