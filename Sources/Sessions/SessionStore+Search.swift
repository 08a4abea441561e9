import Events
import Foundation
import GRDB

extension SessionStore {
  /// Gives a session a title, named as for `records(of:)`; an empty one brings back the beginning of what was
  /// said. Returns the id.
  @discardableResult
  package func rename(_ name: String, to title: String) throws(SessionError) -> String {
    let id = try resolve(name)
    let title = title.split(whereSeparator: \.isWhitespace).joined(separator: " ")
    try perform {
      try database.write { try SayingsTable.setName(title.isEmpty ? nil : title, of: id, in: $0) }
    }
    return id
  }

  // MARK: - Lists

  /// The sessions in which all `words` were said, or all where none is looked for: `limit` of them behind the
  /// first `offset`, the one that was added to last first.
  ///
  /// Sessions that an older version stored are looked through first, as many as `patience` allows; the list
  /// says how many were not.
  package func find(
    _ words: SearchWords = SearchWords(""), limit: Int = 100, offset: Int = 0,
    patience: Duration = .seconds(1)
  ) throws(SessionError) -> SessionList {
    let end = ContinuousClock().now + patience
    // Where another program holds the database, what is known has to do.
    while !words.isEmpty, ContinuousClock().now < end, (try? indexOneSession()) == true {}
    let (condition, arguments) = Self.condition(for: words)
    return try perform { [database] in
      try database.read { db in
        let rows = try Row.fetchAll(
          db, sql: "\(Self.summaries) WHERE \(condition) ORDER BY touched DESC LIMIT ? OFFSET ?",
          arguments: arguments + [max(0, limit), max(0, offset)])
        let count = try Int.fetchOne(
          db, sql: "SELECT count(*) FROM session WHERE \(condition)", arguments: arguments)
        let unread = try Int.fetchOne(
          db, sql: "SELECT count(*) FROM session WHERE indexed <> touched")
        var sessions = rows.map(SessionSummary.init)
        for index in sessions.indices where !words.isEmpty {
          sessions[index].excerpt = try Self.excerpt(of: sessions[index].id, for: words, in: db)
        }
        return SessionList(
          sessions: sessions, total: count ?? 0, unread: words.isEmpty ? 0 : unread ?? 0)
      }
    }
  }

  /// The sessions, the one that was added to last first.
  package func list(limit: Int = 100, offset: Int = 0) throws(SessionError) -> [SessionSummary] {
    try find(limit: limit, offset: offset).sessions
  }

  /// What a list says of a session, named as for `records(of:)`.
  package func summary(ofSession name: String) throws(SessionError) -> SessionSummary {
    guard let summary = try summary(of: try resolve(name)) else {
      throw SessionError(
        .missing, path: path, reason: "the session was deleted meanwhile",
        remedy: "List the sessions to see their names")
    }
    return summary
  }

  /// What a list says of a session; nil where there is none.
  func summary(of id: String) throws(SessionError) -> SessionSummary? {
    try perform { [database] in
      try database.read {
        try Row.fetchOne($0, sql: "\(Self.summaries) WHERE id = ?", arguments: [id])
          .map(SessionSummary.init)
      }
    }
  }

  private static let summaries = """
    SELECT id, started, used, model, coalesce(name, title) AS title, turn_count, token_count,
      CASE WHEN indexed = touched THEN
        (SELECT count(*) FROM message WHERE session = session.id AND role = 'assistant')
      ELSE turn_count END AS answer_count
    FROM session
    """

  /// What is true of a session with all of the words. The index knows pieces of three letters; shorter words
  /// are looked for in the texts themselves.
  private static func condition(for words: SearchWords) -> (sql: String, StatementArguments) {
    var parts = ["1"]
    var arguments = StatementArguments()
    for word in words.words {
      if word.unicodeScalars.count < 3 {
        parts.append("id IN (SELECT session FROM message WHERE instr(folded, ?) > 0)")
        arguments += [word]
      } else {
        parts.append(
          """
          id IN (SELECT session FROM message WHERE id IN
            (SELECT rowid FROM message_words WHERE message_words MATCH ?))
          """)
        arguments += ["\"" + word + "\""]
      }
    }
    return (parts.joined(separator: " AND "), arguments)
  }

  private static func excerpt(
    of id: String, for words: SearchWords, in db: Database
  ) throws -> String? {
    guard let word = words.words.first else { return nil }
    return try String.fetchOne(
      db,
      sql: """
        SELECT text FROM message WHERE session = ? AND turn >= 0 AND instr(folded, ?) > 0
        ORDER BY turn LIMIT 1
        """, arguments: [id, word]
    ).map { words.excerpt(of: $0) }
  }

  // MARK: - Older sessions

  /// Finds out what was said in one session that no list of messages tells yet; false where there is none.
  package func indexOneSession() throws(SessionError) -> Bool {
    try perform {
      let found = try database.read { db in
        try Row.fetchOne(
          db,
          sql: """
            SELECT id, touched FROM session WHERE indexed <> touched ORDER BY touched DESC LIMIT 1
            """)
      }
      guard let found else { return false }
      let (id, touched): (String, Int) = (found["id"], found["touched"])
      let text = try database.read { try Self.text(of: id, in: $0) }
      var sayings = Sayings()
      // Of a damaged session nothing is found; it is looked at once.
      for record in (try? EventLog.records(in: text.map(Self.withoutProbes) ?? Data())) ?? [] {
        sayings.add(record)
      }
      sayings.close()
      try database.write { [sayings] db in
        try db.execute(
          sql: "UPDATE session SET indexed = touched WHERE id = ? AND touched = ?",
          arguments: [id, touched])
        // Whoever wrote meanwhile knows more.
        if db.changesCount > 0 { try SayingsTable.put(sayings.messages, from: 0, of: id, in: db) }
      }
      return true
    }
  }

  /// The lines that tell what was said: without closer looks, which are most of the text.
  private static func withoutProbes(_ text: Data) -> Data {
    let end = Data(#""type":"probe","v":1}"#.utf8)
    var kept = Data()
    for line in text.split(separator: UInt8(ascii: "\n"))
    where !line.suffix(end.count).elementsEqual(end) {
      kept.append(line)
      kept.append(UInt8(ascii: "\n"))
    }
    return kept
  }
}

extension SessionSummary {
  fileprivate init(_ row: Row) {
    self.init(
      id: row["id"], started: row["started"], used: row["used"], model: row["model"],
      title: row["title"], turnCount: row["turn_count"], tokenCount: row["token_count"],
      answerCount: row["answer_count"])
  }
}
