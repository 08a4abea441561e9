import Events
import Foundation
import GRDB

/// What was said in all sessions, as the database has it.
enum SayingsTable {
  /// What was said, message by message, and an index of its three-letter pieces, which finds any part of a
  /// text in any script. It holds the folded text, so that both sides of a comparison are folded alike.
  static let schema = """
    -- What a person calls it; NULL where they did not name it.
    ALTER TABLE session ADD COLUMN name TEXT;
    -- When something was last written, RFC 3339.
    ALTER TABLE session ADD COLUMN used TEXT;
    -- The value of touched for which its messages are all in the table of messages.
    ALTER TABLE session ADD COLUMN indexed INTEGER NOT NULL DEFAULT 0;
    CREATE TABLE message (
      id INTEGER PRIMARY KEY,
      session TEXT NOT NULL REFERENCES session(id) ON DELETE CASCADE,
      -- The number of the message in the conversation; -1 is the name of the conversation.
      turn INTEGER NOT NULL,
      -- system, user, assistant, or name.
      role TEXT NOT NULL,
      text TEXT NOT NULL,
      -- The same in lower case, without accents, with single spaces.
      folded TEXT NOT NULL,
      UNIQUE (session, turn)
    ) STRICT;
    CREATE VIRTUAL TABLE message_words USING fts5(
      folded, content='message', content_rowid='id', tokenize='trigram case_sensitive 1');
    CREATE TRIGGER message_added AFTER INSERT ON message BEGIN
      INSERT INTO message_words(rowid, folded) VALUES (new.id, new.folded);
    END;
    CREATE TRIGGER message_gone AFTER DELETE ON message BEGIN
      INSERT INTO message_words(message_words, rowid, folded) VALUES ('delete', old.id, old.folded);
    END;
    """

  /// Brings the messages of a session up to what its log knows.
  static func put(_ log: SessionLog, in db: Database) throws {
    if let first = log.sayings.firstChange {
      try put(log.sayings.messages.filter { $0.turn >= first }, from: first, of: log.id, in: db)
    }
    if log.isNameNews { try putName(log.name, of: log.id, in: db) }
  }

  /// Gives a session the name that it comes with, unless a person gave it another.
  private static func putName(_ name: String?, of id: String, in db: Database) throws {
    guard let name else { return }
    let isNamed = try Bool.fetchOne(
      db, sql: "SELECT name IS NOT NULL FROM session WHERE id = ?", arguments: [id])
    if isNamed == false { try setName(name, of: id, in: db) }
  }

  /// Puts messages in the place of those that a session has from number `first` on.
  static func put(
    _ messages: [Sayings.Message], from first: Int, of id: String, in db: Database
  ) throws {
    try db.execute(
      sql: "DELETE FROM message WHERE session = ? AND turn >= ?", arguments: [id, max(0, first)])
    for message in messages where message.turn >= 0 {
      try insert(message.text, role: message.role.rawValue, turn: message.turn, of: id, in: db)
    }
  }

  private static func insert(
    _ text: String, role: String, turn: Int, of id: String, in db: Database
  ) throws {
    try db.execute(
      sql: "INSERT INTO message (session, turn, role, text, folded) VALUES (?, ?, ?, ?, ?)",
      arguments: [
        id, turn, role, text.replacing("\0", with: "\u{FFFD}"), SearchWords.fold(text),
      ])
  }

  /// Notes what a person calls a session; nil where they do not name it.
  static func setName(_ name: String?, of id: String, in db: Database) throws {
    try db.execute(sql: "UPDATE session SET name = ? WHERE id = ?", arguments: [name, id])
    try db.execute(sql: "DELETE FROM message WHERE session = ? AND turn = -1", arguments: [id])
    if let name { try insert(name, role: "name", turn: -1, of: id, in: db) }
  }
}
