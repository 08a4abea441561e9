package import Foundation
import Subprocess

/// The rows of a data file: JSON Lines, a JSON list, or plain text; `.xz` and `.gz` are unpacked.
package struct DataFile: Sendable {
  /// A row that was left out.
  package struct Skipped: Hashable, Sendable {
    /// Its line in the file, or its place in a list, from 1.
    package var line: Int
    /// What is wrong with it.
    package var reason: String
  }

  /// Where it lies.
  package let path: String
  /// What can be used.
  package private(set) var rows: [DataRow] = []
  /// What cannot.
  package private(set) var skipped: [Skipped] = []

  /// Reads the file at `path`.
  package init(path: String) async throws(TrainingError) {
    try self.init(path: path, data: await Self.unpacked(path))
  }

  /// Reads the unpacked contents of a file.
  package init(path: String, data: Data) throws(TrainingError) {
    self.path = path
    let start = data.first { !Self.isSpace($0) }
    if start == UInt8(ascii: "{") {
      readLines(data)
    } else if start == UInt8(ascii: "["), let list = try? Self.list(data) {
      for (index, item) in list.enumerated() { add(item, line: index + 1) }
    } else if let text = String(data: data, encoding: .utf8), start != nil {
      rows = [.text(text)]
    }
    guard !rows.isEmpty else {
      let first = skipped.first.map { " Line \($0.line): \($0.reason)." } ?? ""
      throw TrainingError(
        .emptyData, at: path,
        "no row of this file can be used.\(first) JSON Lines with messages, with instruction and "
          + "output, or with question and answer are understood, and plain text.")
    }
  }

  private mutating func readLines(_ data: Data) {
    var line = 0
    for part in data.split(separator: 0x0A, omittingEmptySubsequences: false) {
      line += 1
      if part.allSatisfy(Self.isSpace) { continue }
      add(Result { try JSONDecoder().decode(RowFields.self, from: Data(part)) }, line: line)
    }
  }

  private static func list(_ data: Data) throws -> [Result<RowFields, any Error>] {
    try JSONDecoder().decode([RowFields].self, from: data).map { .success($0) }
  }

  private mutating func add(_ fields: Result<RowFields, any Error>, line: Int) {
    do { rows.append(try fields.get().row()) } catch {
      let reason = (error as? BadRow)?.reason ?? "it is no JSON object with such fields"
      skipped.append(Skipped(line: line, reason: reason))
    }
  }

  private static func isSpace(_ byte: UInt8) -> Bool {
    byte == 0x20 || byte == 0x0A || byte == 0x0D || byte == 0x09
  }

  /// No data file is unpacked to more.
  private static let greatestBytes = 1 << 31

  /// The contents of the file at `path`, unpacked where its name ends in `.xz` or `.gz`.
  package static func unpacked(_ path: String) async throws(TrainingError) -> Data {
    let unpackers = ["xz": "xz", "gz": "gzip"]
    guard let program = unpackers[URL(filePath: path).pathExtension] else {
      do { return try Data(contentsOf: URL(filePath: path)) } catch {
        throw TrainingError(
          .unreadableData, at: path, "it cannot be read. Check the path and its permissions.")
      }
    }
    guard FileManager.default.isReadableFile(atPath: path) else {
      throw TrainingError(.unreadableData, at: path, "there is no such file. Check the path.")
    }
    do {
      let result = try await Subprocess.run(
        .name(program), arguments: ["-dc", "--", path], input: .none,
        output: .bytes(limit: greatestBytes), error: .discarded)
      guard result.terminationStatus.isSuccess else {
        throw TrainingError(
          .unreadableData, at: path, "\(program) cannot unpack it: the file is damaged.")
      }
      return Data(result.standardOutput)
    } catch let error as TrainingError {
      throw error
    } catch {
      throw TrainingError(
        .unreadableData, at: path, "unpacking it needs the program \(program): install it.")
    }
  }
}
