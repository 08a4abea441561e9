import Events
import Foundation
import GRDB

extension SessionStore {
  /// The tables, step by step; a step that was released is never changed again.
  static var schema: DatabaseMigrator {
    var migrator = DatabaseMigrator()
    migrator.registerMigration("1: sessions and their records") { db in
      try db.execute(
        sql: """
          CREATE TABLE session (
            id TEXT PRIMARY KEY,
            started TEXT NOT NULL,
            model TEXT NOT NULL,
            title TEXT NOT NULL DEFAULT '',
            turn_count INTEGER NOT NULL DEFAULT 0,
            token_count INTEGER NOT NULL DEFAULT 0,
            -- Grows with every turn of any session: the largest was used last.
            touched INTEGER NOT NULL
          ) STRICT;
          CREATE UNIQUE INDEX session_touched ON session(touched);
          CREATE TABLE record (
            session TEXT NOT NULL REFERENCES session(id) ON DELETE CASCADE,
            number INTEGER NOT NULL,
            type TEXT NOT NULL,
            -- The record as a line of JSON, without the line break.
            line TEXT NOT NULL,
            PRIMARY KEY (session, number)
          ) STRICT, WITHOUT ROWID;
          """)
    }
    return migrator
  }

  /// Makes the row of a session, or brings an older one up to date with the new record.
  static func insert(_ session: SessionRecord, id: String, in db: Database) throws {
    try db.execute(
      sql: """
        INSERT INTO session (id, started, model, touched)
        VALUES (?, ?, ?, (SELECT coalesce(max(touched), 0) + 1 FROM session))
        ON CONFLICT (id) DO UPDATE SET model = excluded.model
        """, arguments: [id, session.started, session.model.file])
  }

  /// Adds a record behind the session's last one.
  static func insert(_ record: Events.Record, id: String, in db: Database) throws {
    let line = String(decoding: try EventLog.line(for: record), as: UTF8.self)
    try db.execute(
      sql: """
        INSERT INTO record (session, number, type, line) VALUES
        (?1, (SELECT coalesce(max(number), 0) + 1 FROM record WHERE session = ?1), ?2, ?3)
        """, arguments: [id, record.type, line])
  }

  /// Brings the session's row up to date with the records that were added.
  static func summarize(_ records: [Events.Record], id: String, in db: Database) throws {
    var messages: [String] = []
    var tokenCount = 0
    for record in records {
      if case .turn(let turn) = record, turn.role == .user { messages.append(turn.text) }
      if case .token(let token) = record, token.phase == .gen { tokenCount += 1 }
    }
    try db.execute(
      sql: """
        UPDATE session SET
          title = CASE title WHEN '' THEN ? ELSE title END,
          turn_count = turn_count + ?,
          token_count = token_count + ?,
          touched = (SELECT coalesce(max(touched), 0) + 1 FROM session)
        WHERE id = ?
        """, arguments: [title(of: messages.first ?? ""), messages.count, tokenCount, id])
  }

  /// The beginning of what was said, on one line.
  private static func title(of message: String) -> String {
    let words = message.split(whereSeparator: \.isWhitespace).joined(separator: " ")
    return words.count > 80 ? words.prefix(79) + "…" : words
  }
}

extension SessionError {
  /// What an error of the database means for the person whose database it is.
  init(_ error: any Error, path: String) {
    if let known = error as? SessionError {
      self = known
      return
    }
    guard let error = error as? DatabaseError else {
      self.init(.system, path: path, reason: "\(error)", remedy: "Try again")
      return
    }
    let reason = error.message ?? "SQLite error \(error.resultCode.rawValue)"
    switch error.resultCode {
    case .SQLITE_NOTADB, .SQLITE_CORRUPT:
      self.init(
        .corrupt, path: path, reason: "this is not a readable session database (\(reason))",
        remedy: "Move the file away to begin a new one: mv \(path) \(path).damaged")
    case .SQLITE_FULL:
      self.init(
        .full, path: path, reason: reason,
        remedy: "Free some space; what was stored before is still there")
    case .SQLITE_CANTOPEN, .SQLITE_READONLY, .SQLITE_PERM, .SQLITE_AUTH:
      self.init(
        .denied, path: path, reason: reason,
        remedy: "Check that it is a file, that you may write to it and to its folder")
    case .SQLITE_BUSY, .SQLITE_LOCKED:
      self.init(
        .busy, path: path, reason: "another program is writing to it",
        remedy: "Wait for it, then try again")
    case .SQLITE_CONSTRAINT:
      self.init(
        .missing, path: path, reason: "there is no such session to add to",
        remedy: "Begin it with its session record")
    default:
      self.init(.system, path: path, reason: reason, remedy: "Try again")
    }
  }
}
