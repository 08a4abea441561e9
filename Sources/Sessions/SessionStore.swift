package import Events
import Files
import Foundation
import GRDB

/// The conversations, kept in an SQLite database.
///
/// The records are the lines that `/save` would write, packed many together, so the store and the files never
/// disagree. Any number of readers, also in other processes, see whole writes only.
package struct SessionStore: Sendable {
  /// The database file.
  package let path: String
  let database: DatabaseQueue

  /// Opens the database at `path`, and makes it and its folder when they are not there. Waits for other
  /// programs `patience` seconds long, here and later.
  ///
  /// The error names the file and what to do; a chat goes on without a store.
  package init(path: String, patience: Double = 5) throws(SessionError) {
    do { try PrivateFile.make(path) } catch { throw SessionError(error) }
    var configuration = Configuration()
    configuration.busyMode = .timeout(patience)
    // What was written is there when the program is killed, and readers and a writer do not wait for each other.
    configuration.journalMode = .wal
    self.path = path
    do {
      database = try DatabaseQueue(path: path, configuration: configuration)
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

  /// Closes the database: what it has lies in its one file then, unless another program uses it.
  package func close() {
    try? shrink()
    try? database.close()
  }

  /// Writes what the session `log` has and the store lacks: all of it or nothing. All is packed where the log
  /// `rests`; else what is still to grow stays as it is, so that nothing is packed again and again.
  package func write(_ log: inout SessionLog, rests: Bool = true) throws(SessionError) {
    // Before the database is asked for, which others may want as well.
    let rows = log.rows(rests: rests)
    try perform { [database, log] in
      try database.write { db in
        try Self.put(log, in: db)
        try Self.put(rows, of: log.id, in: db)
      }
    }
    log.wasStored(rests: rests)
  }

  /// Brings everything into the one file of the database, as far as others let it.
  package func settle() {
    try? shrink()
    try? database.writeWithoutTransaction { _ = try $0.checkpoint(.truncate) }
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
    let text = try perform { [database] in
      try database.read { try Self.text(of: id, in: $0) }
    }
    let damage = { (reason: String) in
      SessionError(
        .corrupt, path: path, reason: reason, remedy: "Delete that session, or open another")
    }
    guard let text else { throw damage("a part of session \(id) cannot be unpacked") }
    do throws(EventLog.LineError) {
      return try EventLog.records(in: text)
    } catch {
      throw damage("record \(error.line) of session \(id) cannot be read: \(error.reason)")
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

  func perform<Value>(_ work: () throws -> Value) throws(SessionError) -> Value {
    do { return try work() } catch { throw SessionError(error, path: path) }
  }
}
