package import Events
import Files
package import Foundation
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
    let touched = try perform { [database, log] in
      try database.write { db in
        let touched = try Self.put(log, in: db)
        try Self.put(rows, of: log.id, in: db)
        return touched
      }
    }
    log.wasStored(rests: rests, touched: touched)
  }

  /// Writes as ``write(_:rests:)`` does. A session to which another program added since this one opened it
  /// goes on under an id of its own, and one that was deleted comes back: nothing that is said is lost.
  package func writeSafely(_ log: inout SessionLog, rests: Bool = true) throws(SessionError) {
    do throws(SessionError) {
      try write(&log, rests: rests)
    } catch {
      guard error.code == .overtaken else { throw error }
      log.goOnApart(isGone: try count(id: log.id) == 0)
      try write(&log, rests: rests)
    }
  }

  private func count(id: String) throws(SessionError) -> Int {
    try perform { [database] in
      try database.read {
        try Int.fetchOne($0, sql: "SELECT count(*) FROM session WHERE id = ?", arguments: [id]) ?? 0
      }
    }
  }

  /// How many bytes the database needs; what deleted sessions left free is not counted.
  package var usedBytes: Int {
    get throws(SessionError) {
      try perform { [database] in
        try database.read { db in
          let size = try Int.fetchOne(db, sql: "PRAGMA page_size") ?? 0
          let all = try Int.fetchOne(db, sql: "PRAGMA page_count") ?? 0
          let free = try Int.fetchOne(db, sql: "PRAGMA freelist_count") ?? 0
          return size * (all - free)
        }
      }
    }
  }

  /// Throws where the database has grown to the `limit`; returns whether it is near.
  func isNear(_ limit: StorageLimit) throws(SessionError) -> Bool {
    guard let most = limit.bytes else { return false }
    let used = try usedBytes
    if limit.isReached(used) {
      throw SessionError(
        .limit, path: path,
        reason: "the conversations take \(used >> 20) MiB, and may take \(most >> 20)",
        remedy: "Delete some (fathom sessions list, fathom sessions delete ID), or let them grow: "
          + "fathom --sessions-limit 4G")
    }
    return limit.isNear(used)
  }

  /// Brings everything into the one file of the database, as far as others let it.
  package func settle() {
    try? shrink()
    try? database.writeWithoutTransaction { _ = try $0.checkpoint(.truncate) }
  }

  /// The records of a session: its id, the beginning of its id that no other has, or `last`.
  package func records(of name: String) throws(SessionError) -> [Events.Record] {
    let id = try resolve(name)
    let text = try perform { [database] in
      try database.read { try Self.text(of: id, in: $0) }
    }
    return try records(in: text, of: id)
  }

  /// The records of a session as lines of JSON, as they were written.
  package func lines(of name: String) throws(SessionError) -> Data {
    let id = try resolve(name)
    let text = try perform { [database] in
      try database.read { try Self.text(of: id, in: $0) }
    }
    guard let text else { throw damage("a part of session \(id) cannot be unpacked") }
    return text
  }

  private func records(in text: Data?, of id: String) throws(SessionError) -> [Events.Record] {
    guard let text else { throw damage("a part of session \(id) cannot be unpacked") }
    do throws(EventLog.LineError) {
      return try EventLog.records(in: text)
    } catch {
      throw damage("record \(error.line) of session \(id) cannot be read: \(error.reason)")
    }
  }

  private func damage(_ reason: String) -> SessionError {
    SessionError(
      .corrupt, path: path, reason: reason, remedy: "Delete that session, or open another")
  }

  /// A session with all that is needed to add to it, named as for `records(of:)`.
  package func open(_ name: String) throws(SessionError) -> StoredSession {
    let id = try resolve(name)
    let (rows, touched) = try perform { [database] in
      try database.write { db in
        try Self.packOldLines(of: id, in: db)
        let touched = try Int.fetchOne(
          db, sql: "SELECT touched FROM session WHERE id = ?", arguments: [id])
        return (try Self.rows(of: id, in: db), touched ?? 0)
      }
    }
    var text: Data? = Data()
    for row in rows { text = row.text.flatMap { lines in text.map { $0 + lines } } }
    let records = try records(in: text, of: id)
    guard let summary = try summary(of: id),
      let log = SessionLog(
        id: id, name: summary.title, touched: touched, rows: rows, records: records)
    else { throw damage("session \(id) cannot be unpacked") }
    return StoredSession(summary: summary, records: records, log: log)
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
  func resolve(_ name: String) throws(SessionError) -> String {
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
