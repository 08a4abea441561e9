package import Events
package import Files
import Foundation

/// A conversation as a file of JSON Lines: what `/save` writes, `/load` and `fathom replay` read.
package enum SessionFile {
  /// Saves `records` to `file`, which has all of them or is as it was before.
  package static func save(_ records: [Record], to file: OutputFile) throws(SessionError) {
    let data: Data
    do {
      data = try EventLog.data(for: records)
    } catch {
      throw SessionError(
        .system, path: file.path, reason: "a record cannot be written as JSON: \(error)",
        remedy: "Please report this with the reproduction line of the answer")
    }
    do { try file.write(data) } catch { throw SessionError(error) }
  }

  /// Saves `lines` to `file`, as ``save(_:to:)`` saves records, and returns how many there are.
  package static func save(_ lines: SessionLines, to file: OutputFile) throws(SessionError) -> Int {
    do { try file.write(lines.text) } catch { throw SessionError(error) }
    return lines.count
  }

  /// What the file at `path` holds; a pipe is read to its end.
  package static func load(_ path: String) throws(SessionError) -> EventLog.Reading {
    let data: Data
    do { data = try FileReader.contents(of: path) } catch { throw SessionError(error) }
    do throws(EventLog.LineError) {
      return try EventLog.read(data)
    } catch {
      throw SessionError(
        .corrupt, path: path, reason: "line \(error.line) is not a record: \(error.reason)",
        remedy: "Name a file that /save or fathom run --json wrote")
    }
  }
}
