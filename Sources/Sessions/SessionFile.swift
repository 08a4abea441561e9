package import Events
import Foundation

/// A conversation as a file of JSON Lines: what `/save` writes, `/load` and `fathom replay` read.
package enum SessionFile {
  /// Saves `records` to `path`; the file has all of them or is as it was before.
  package static func save(_ records: [Record], to path: String) throws(SessionError) {
    let data: Data
    do {
      data = try EventLog.data(for: records)
    } catch {
      throw SessionError(
        .system, path: path, reason: "a record cannot be written as JSON: \(error)",
        remedy: "Please report this with the reproduction line of the answer")
    }
    try AtomicFile.write(data, to: path)
  }

  /// The records of the file at `path`.
  package static func load(_ path: String) throws(SessionError) -> [Record] {
    let data: Data
    do {
      data = try Data(contentsOf: URL(filePath: path))
    } catch {
      throw SessionError(files: error, path: path)
    }
    do throws(EventLog.LineError) {
      return try EventLog.records(in: data)
    } catch {
      throw SessionError(
        .corrupt, path: path, reason: "line \(error.line) is not a record: \(error.reason)",
        remedy: "Name a file that /save or fathom run --json wrote")
    }
  }
}
