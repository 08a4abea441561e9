package import Events
import Foundation
import GRDB

/// The conversations, kept in an SQLite database.
///
/// Each record is one row that holds the line `/save` would write, so the store and the files never
/// disagree. Any number of readers, also in other processes, see whole turns only.
package struct SessionStore: Sendable {
  /// The database file.
  package let path: String
  let database: DatabasePool

  /// Opens the database at `path`, and makes it and its folder when they are not there.
  ///
  /// The error names the file and what to do; a chat goes on without a store.
  package init(path: String) throws(SessionError) {
    try AtomicFile.makeFolder(of: path)
    var configuration = Configuration()
    configuration.busyMode = .timeout(5)
    self.path = path
    do {
      database = try DatabasePool(path: path, configuration: configuration)
      let isNewer = try database.read { try Self.schema.hasBeenSuperseded($0) }
      if isNewer {
        throw SessionError(
          .newer, path: path, reason: "a newer Fathom made this database",
          remedy: "Use that version, or move the file away to begin a new one")
      }
      try Self.schema.migrate(database)
    } catch {
      throw SessionError(error, path: path)
    }
  }

  /// Adds the records of a turn to the session `id`: all of them or none.
  ///
  /// The session's own record, which comes first in a conversation, makes the session.
  package func append(_ records: [Events.Record], to id: String) throws(SessionError) {
    try perform { [database] in
      try database.write { db in
        for record in records {
          if case .session(let session) = record { try Self.insert(session, id: id, in: db) }
          try Self.insert(record, id: id, in: db)
        }
        try Self.summarize(records, id: id, in: db)
      }
    }
  }

  /// The sessions, the one that was added to last first.
  package func list(limit: Int = 100) throws(SessionError) -> [SessionSummary] {
    try perform { [database] in
      try database.read { db in
        try Row.fetchAll(
          db,
          sql: """
            SELECT id, started, model, title, turn_count, token_count FROM session
            ORDER BY touched DESC LIMIT ?
            """, arguments: [limit]
        ).map { row in
          SessionSummary(
            id: row["id"], started: row["started"], model: row["model"], title: row["title"],
            turnCount: row["turn_count"], tokenCount: row["token_count"])
        }
      }
    }
  }

  /// The records of a session: its id, the beginning of its id that no other has, or `last`.
  package func records(of name: String) throws(SessionError) -> [Events.Record] {
    let id = try resolve(name)
    let lines = try perform { [database] in
      try database.read { db in
        try Data.fetchAll(
          db, sql: "SELECT line FROM record WHERE session = ? ORDER BY number", arguments: [id])
      }
    }
    do throws(EventLog.LineError) {
      return try EventLog.records(in: Data(lines.joined(separator: [UInt8(ascii: "\n")])))
    } catch {
      throw SessionError(
        .corrupt, path: path,
        reason: "record \(error.line) of session \(id) cannot be read: \(error.reason)",
        remedy: "Delete that session, or open another")
    }
  }

  /// Deletes a session, named as for `records(of:)`, and returns its id.
  @discardableResult
  package func delete(_ name: String) throws(SessionError) -> String {
    let id = try resolve(name)
    try perform { [database] in
      try database.write { db in
        try db.execute(sql: "DELETE FROM session WHERE id = ?", arguments: [id])
      }
    }
    return id
  }

  /// The id that `name` stands for.
  private func resolve(_ name: String) throws(SessionError) -> String {
    let ids = try perform { [database] in
      try database.read { db in
        if name == "last" {
          return try String.fetchAll(
            db, sql: "SELECT id FROM session ORDER BY touched DESC LIMIT 1")
        }
        return try String.fetchAll(
          db, sql: "SELECT id FROM session WHERE substr(id, 1, length(?1)) = ?1 AND ?1 <> ''",
          arguments: [name])
      }
    }
    if let exact = ids.first(where: { $0 == name }) { return exact }
    guard let id = ids.first else {
      throw SessionError(
        .missing, path: path,
        reason: name == "last" ? "there is no session yet" : "there is no session \"\(name)\"",
        remedy: "List the sessions to see their names")
    }
    if ids.count > 1 {
      throw SessionError(
        .ambiguous, path: path, reason: "\(ids.count) sessions begin with \"\(name)\"",
        remedy: "Give more of the id")
    }
    return id
  }

  private func perform<Value>(_ work: () throws -> Value) throws(SessionError) -> Value {
    do { return try work() } catch { throw SessionError(error, path: path) }
  }
}
