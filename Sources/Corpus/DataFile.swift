package import Foundation

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
  package init(path: String) async throws(CorpusError) {
    try self.init(path: path, data: await PackedFile.contents(of: path))
  }

  /// Reads the unpacked contents of a file.
  package init(path: String, data: Data) throws(CorpusError) {
    self.path = path
    let start = data.first { !$0.isBlank }
    if start == UInt8(ascii: "{") {
      for line in JSONLine.all(in: data) {
        add(Result { try line.fields }, line: line.number)
      }
    } else if start == UInt8(ascii: "["),
      let list = try? JSONDecoder().decode([RowFields].self, from: data)
    {
      for (index, fields) in list.enumerated() { add(.success(fields), line: index + 1) }
    } else if let text = String(data: data, encoding: .utf8), start != nil {
      rows = [.text(text)]
    }
    guard !rows.isEmpty else {
      let first = skipped.first.map { " Line \($0.line): \($0.reason)." } ?? ""
      throw CorpusError(
        .unusable, place: path,
        "no row of this file can be used.\(first) JSON Lines with messages, with instruction and "
          + "output, or with question and answer are understood, and plain text.")
    }
  }

  private mutating func add(_ fields: Result<RowFields, any Error>, line: Int) {
    do { rows.append(try DataRow(try fields.get())) } catch {
      let reason = (error as? BadRow)?.reason ?? "it is no JSON object with such fields"
      skipped.append(Skipped(line: line, reason: reason))
    }
  }
}
