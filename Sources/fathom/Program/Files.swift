import ArgumentParser
import Files
import Foundation
import Models
import Reports

/// A file that a command reads.
enum InputFile {
  /// The text of the file at `path`; of the standard input for `-` and where none is named. What a person
  /// should know of how it was read is said.
  static func text(_ path: String?) throws -> String {
    let decoded = DecodedText(try FileReader.contents(of: path ?? "-"))
    if let notice = decoded.notice {
      let name = path.flatMap { $0 == "-" ? nil : $0 } ?? "standard input"
      printError("fathom: \(name): \(notice)".visible)
    }
    return decoded.text
  }
}

/// Whether a command that writes files may replace some.
struct OutputOptions: ParsableArguments {
  @Flag(help: "Replace files that are there already.")
  var force = false

  /// The file at `path`, made of what `inputs` hold.
  func file(_ path: String, from inputs: [String]) -> OutputFile {
    OutputFile(path, inputs: inputs, replaces: force)
  }

  /// The file at `path`, which is a report on what `inputs` hold.
  private func report(_ path: String, from inputs: [String]) -> OutputFile {
    OutputFile(path, inputs: inputs, replaces: force, renewsLinked: true)
  }

  /// Writes a report to the file at `path`, if one is named.
  func write(
    _ text: @autoclosure () throws -> String, to path: String?, from inputs: [String]
  ) throws {
    guard let path else { return }
    try report(path, from: inputs).write(Data(text().utf8))
  }

  /// Throws where the file or one of the reports that are named could not be written, or two of them are one,
  /// so that no work is done in vain.
  func check(_ path: String? = nil, reports: [String?] = [], from inputs: [String]) throws {
    let reports = reports.compactMap(\.self).map { report($0, from: inputs) }
    var seen: Set<String> = []
    for file in [path.map { file($0, from: inputs) }].compactMap(\.self) + reports {
      try file.check()
      let path = file.path
      let name = URL(filePath: path).standardizedFileURL.path
      guard seen.insert(name).inserted || FileIdentity(path: path)?.kind == .characterDevice else {
        throw ValidationError("\(path) is named for two outputs; give each a file of its own.")
      }
    }
  }
}

extension ModelOptions {
  /// The files that the model is made of, as they are named.
  func inputs() throws -> [String] {
    try ModelFolder.parts(of: ModelFolder().resolve(model))
      + [adapter, draftHead, duo].compactMap { $0 }
  }
}
