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
    // Nothing that is there changes: no need to look at all of it.
    migrator.registerMigration("2: records packed in pieces", foreignKeyChecks: .immediate) { db in
      try db.execute(
        sql: """
          CREATE TABLE piece (
            session TEXT NOT NULL REFERENCES session(id) ON DELETE CASCADE,
            -- Grows along the session: the number of the first record.
            number INTEGER NOT NULL,
            -- How many bytes the lines are; NULL where they are not packed.
            length INTEGER,
            -- Records, each as a line of JSON with its line break, packed together as bzip2 does.
            lines BLOB NOT NULL,
            UNIQUE (session, number)
          ) STRICT;
          """)
    }
    migrator.registerMigration("3: what was said, to be found", foreignKeyChecks: .immediate) {
      try $0.execute(sql: SayingsTable.schema)
    }
    return migrator
  }

  /// Makes the row of a session, or brings an older one up to date, with what was said in it; returns the
  /// number of this write. Throws `Overtaken` where the row is another than the log knows.
  static func put(_ log: SessionLog, in db: Database) throws -> Int {
    guard let session = log.session else { throw DatabaseError(resultCode: .SQLITE_CONSTRAINT) }
    if let known = log.touched {
      let found = try Int.fetchOne(
        db, sql: "SELECT touched FROM session WHERE id = ?", arguments: [log.id])
      guard found == known else { throw Overtaken(isGone: found == nil) }
    }
    let touched =
      try Int.fetchOne(db, sql: "SELECT coalesce(max(touched), 0) + 1 FROM session") ?? 1
    try db.execute(
      sql: """
        INSERT INTO session
          (id, started, model, title, turn_count, token_count, touched, used, indexed)
        VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)
        ON CONFLICT (id) DO UPDATE SET
          title = excluded.title, turn_count = excluded.turn_count,
          token_count = excluded.token_count, touched = excluded.touched, used = excluded.used,
          indexed = excluded.indexed
        """,
      arguments: [
        log.id, session.started, session.model.file, log.title, log.turnCount, log.tokenCount,
        touched, Date().formatted(.iso8601), log.sayings.isComplete ? touched : 0,
      ])
    try SayingsTable.put(log, in: db)
    return touched
  }

  /// The row of a session is not the one that was written last.
  struct Overtaken: Error {
    /// Whether there is none any more.
    let isGone: Bool
  }

  /// Puts rows in the place of all that a session has from the first of them on.
  static func put(_ rows: [PieceRow], of id: String, in db: Database) throws {
    guard let first = rows.first else { return }
    try db.execute(
      sql: "DELETE FROM piece WHERE session = ? AND number >= ?", arguments: [id, first.number])
    for row in rows {
      try db.execute(
        sql: "INSERT INTO piece (session, number, length, lines) VALUES (?, ?, ?, ?)",
        arguments: [id, row.number, row.length, row.lines])
    }
  }

  /// The lines of a session; nil where a piece of them is damaged.
  static func text(of id: String, in db: Database) throws -> Data? {
    var text = Data()
    for row in try rows(of: id, in: db) {
      guard let lines = row.text else { return nil }
      text.append(lines)
    }
    for line in try oldLines(of: id, in: db) {
      text.append(line)
      text.append(UInt8(ascii: "\n"))
    }
    return text
  }

  /// The rows of a session from a number on.
  static func rows(
    of id: String, from number: Int = 0, in db: Database
  ) throws -> [PieceRow] {
    try Row.fetchAll(
      db,
      sql: """
        SELECT number, length, lines FROM piece WHERE session = ? AND number >= ? ORDER BY number
        """, arguments: [id, number]
    ).map { PieceRow(number: $0["number"], length: $0["length"], lines: $0["lines"]) }
  }

  /// The lines of a session that an older version stored, one in a row.
  private static func oldLines(of id: String, in db: Database) throws -> [Data] {
    try Data.fetchAll(
      db, sql: "SELECT line FROM record WHERE session = ? ORDER BY number", arguments: [id])
  }
}

// MARK: - Tidying up

extension SessionStore {
  /// Packs what an older version stored of one session, or what a program left unpacked that was killed; false
  /// where there is nothing of that kind.
  ///
  /// One session at a time, so that nobody waits long and a program that is killed loses no work but that.
  package func packOneSession() throws(SessionError) -> Bool {
    try perform {
      try database.write { db in
        if let id = try String.fetchOne(db, sql: "SELECT session FROM record LIMIT 1") {
          try Self.packOldLines(of: id, in: db)
          return true
        }
        let loose = try String.fetchOne(
          db,
          sql: """
            SELECT session FROM piece AS last WHERE length IS NULL AND number =
              (SELECT max(number) FROM piece WHERE session = last.session) LIMIT 1
            """)
        if let loose { try Self.packLooseEnd(of: loose, in: db) }
        return loose != nil
      }
    }
  }

  /// Packs what an older version stored of a session, if it did.
  static func packOldLines(of id: String, in db: Database) throws {
    let lines = try oldLines(of: id, in: db)
    if lines.isEmpty { return }
    let last = try Int.fetchOne(
      db, sql: "SELECT max(number) FROM piece WHERE session = ?", arguments: [id])
    var pieces = [RecordPiece(first: (last ?? 0) + 1)]
    for line in lines {
      if let full = pieces.last, full.isFull {
        pieces.append(RecordPiece(first: full.first + full.count))
      }
      pieces[pieces.count - 1].add(line)
    }
    try put(pieces.map(\.packedRow), of: id, in: db)
    try db.execute(sql: "DELETE FROM record WHERE session = ?", arguments: [id])
  }

  /// Packs the rows at the end of a session that are not packed into one. Whoever still writes to it goes on
  /// behind them, or writes them anew.
  private static func packLooseEnd(of id: String, in db: Database) throws {
    let packed = try Int.fetchOne(
      db, sql: "SELECT max(number) FROM piece WHERE session = ? AND length IS NOT NULL",
      arguments: [id])
    let rows = try rows(of: id, from: (packed ?? 0) + 1, in: db)
    let text = Data(rows.map(\.lines).joined())
    guard let first = rows.first, let small = Packing.pack(text) else { return }
    try put(
      [PieceRow(number: first.number, length: text.count, lines: small)], of: id, in: db)
  }

  /// Gives the disk back what the database does not need, where that is worth the work: more than a quarter,
  /// of a database that is soon written anew. In a large one the room of deleted sessions is used again.
  func shrink() throws(SessionError) {
    let largestAnew = 128 << 20
    try perform {
      let isLoose = try database.read { db in
        let free = try Int.fetchOne(db, sql: "PRAGMA freelist_count") ?? 0
        let all = try Int.fetchOne(db, sql: "PRAGMA page_count") ?? 0
        let size = try Int.fetchOne(db, sql: "PRAGMA page_size") ?? 0
        return free > all / 4 && (all - free) * size < largestAnew
      }
      if isLoose { try database.vacuum() }
    }
  }
}
