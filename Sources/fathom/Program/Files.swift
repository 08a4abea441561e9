import ArgumentParser
import Foundation
import Reports

/// A file that a command reads.
enum InputFile {
  /// What is in the file; where it cannot be read, that is said and the exit code is 66.
  static func data(_ path: String) throws -> Data {
    if let data = FileManager.default.contents(atPath: path) { return data }
    printError("fathom: \(path.visible): there is no such file, or it cannot be read.")
    throw ExitCode.missingInput
  }

  /// The text of the file at `path`; of the standard input for `-` and where none is named.
  static func text(_ path: String?) throws -> String {
    let data =
      if let path, path != "-" { try data(path) } else {
        try FileHandle.standardInput.readToEnd() ?? Data()
      }
    return String(decoding: data, as: UTF8.self)
  }
}

/// A file that a command writes besides what it prints; where it cannot be written, that is said and the
/// exit code is 73.
enum OutputFile {
  /// Writes text.
  static func write(_ text: String, to path: String) throws {
    try write(Data(text.utf8), to: path)
  }

  /// Writes bytes, whole or not at all.
  static func write(_ data: Data, to path: String) throws {
    do { try data.write(to: URL(filePath: path), options: .atomic) } catch {
      printError("fathom: \(path): \(error.systemReason)".visible)
      throw ExitCode.cannotCreate
    }
  }
}
