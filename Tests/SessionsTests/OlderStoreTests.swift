import Events
import Foundation
import GRDB
import Sessions
import TestSupport
import Testing

/// Databases of versions before and after this one.
struct OlderStoreTests {
  private let folder: TemporaryFolder
  private let path: String
  private let sessions: [[Events.Record]]

  /// A database as the first version made it: a row for each record.
  init() throws {
    folder = try TemporaryFolder()
    path = folder.file("sessions.sqlite")
    var generator = SeededGenerator(seed: 6)
    sessions = ["a", "b"].map {
      Events.Record.conversation(id: $0, turnCount: $0 == "a" ? 300 : 2, using: &generator)
    }
    let old = try DatabasePool(path: path)
    var migrator = DatabaseMigrator()
    migrator.registerMigration("1: sessions and their records") { try $0.execute(sql: Self.schema) }
    try migrator.migrate(old)
    try old.write { db in
      for (id, records) in zip(["a", "b"], sessions) {
        try db.execute(
          sql: "INSERT INTO session VALUES (?, '2026', 'm.gguf', 'question 0', 1, 3, ?)",
          arguments: [id, id == "a" ? 1 : 2])
        for (number, record) in records.enumerated() {
          let line = String(decoding: try EventLog.line(for: record), as: UTF8.self)
          try db.execute(
            sql: "INSERT INTO record VALUES (?, ?, ?, ?)",
            arguments: [id, number + 1, record.type, line])
        }
      }
    }
    try old.close()
  }

  private static let schema = """
    CREATE TABLE session (
      id TEXT PRIMARY KEY, started TEXT NOT NULL, model TEXT NOT NULL,
      title TEXT NOT NULL DEFAULT '', turn_count INTEGER NOT NULL DEFAULT 0,
      token_count INTEGER NOT NULL DEFAULT 0, touched INTEGER NOT NULL
    ) STRICT;
    CREATE UNIQUE INDEX session_touched ON session(touched);
    CREATE TABLE record (
      session TEXT NOT NULL REFERENCES session(id) ON DELETE CASCADE, number INTEGER NOT NULL,
      type TEXT NOT NULL, line TEXT NOT NULL, PRIMARY KEY (session, number)
    ) STRICT, WITHOUT ROWID;
    """

  @Test func `an older database is read as it is, before and after its records are packed`() throws
  {
    let store = try SessionStore(path: path)
    for id in [0, 1] { #expect(try store.records(of: "ab".map(String.init)[id]) == sessions[id]) }
    #expect(try store.list().map(\.id) == ["b", "a"])
    var rounds = 0
    while try store.packOneSession() { rounds += 1 }
    #expect(rounds == 2)
    for id in [0, 1] { #expect(try store.records(of: "ab".map(String.init)[id]) == sessions[id]) }
    #expect(try store.list().map(\.title) == ["question 0", "question 0"])
  }

  @Test
  func `what was said in an older database is found, at the first search or while nobody types`()
    throws
  {
    let store = try SessionStore(path: path)
    #expect(try store.list().map(\.answerCount) == [1, 1])
    let rushed = try store.find(SearchWords("question 299"), patience: .zero)
    #expect(rushed.sessions.isEmpty && rushed.unread == 2)
    let list = try store.find(SearchWords("question 299"))
    #expect(list.sessions.map(\.id) == ["a"] && list.unread == 0)
    #expect(try store.find(SearchWords("QUESTION")).sessions.map(\.id) == ["b", "a"])
    #expect(try !store.indexOneSession())
    #expect(try store.list().map(\.answerCount)[1] > 1)
    #expect(try store.records(of: "a") == sessions[0])
  }

  @Test func `a conversation of an older version goes on, and nothing of it is there twice`() throws
  {
    let store = try SessionStore(path: path)
    let stored = try store.open("a")
    #expect(stored.records == sessions[0])
    let more = Events.Record.turn(TurnRecord(turn: 600, role: .user, text: "more", tNs: 9))
    var log = stored.log
    try log.add(more)
    try store.write(&log)
    #expect(try store.records(of: "a") == sessions[0] + [more])
    #expect(try store.list().map(\.id) == ["a", "b"])
    #expect(try store.find(SearchWords("question 7")).sessions.map(\.id) == ["a"])
  }

  @Test func `room that the old records took is given back`() throws {
    func size() throws -> Int { try Data(contentsOf: URL(filePath: path)).count }
    let store = try SessionStore(path: path)
    while try store.packOneSession() {}
    let loose = try size()
    store.close()
    #expect(try size() < loose / 2)
    #expect(try SessionStore(path: path).records(of: "a") == sessions[0])
  }

  @Test func `what an older program adds meanwhile is read and packed behind the rest`() throws {
    let store = try SessionStore(path: path)
    #expect(try store.packOneSession())
    let more = Events.Record.turn(TurnRecord(turn: 7, role: .user, text: "more", tNs: 9))
    let line = String(decoding: try EventLog.line(for: more), as: UTF8.self)
    let old = try DatabaseQueue(path: path)
    try old.write {
      try $0.execute(sql: "INSERT INTO record VALUES ('a', 1, 'turn', ?)", arguments: [line])
    }
    #expect(try store.records(of: "a") == sessions[0] + [more])
    while try store.packOneSession() {}
    #expect(try store.records(of: "a") == sessions[0] + [more])
  }

  @Test func `what a killed program left unpacked is packed, even while it still goes on`() throws {
    let store = try SessionStore(path: path)
    while try store.packOneSession() {}
    var generator = SeededGenerator(seed: 8)
    let records = Events.Record.conversation(id: "c", turnCount: 12, using: &generator)
    var log = SessionLog(id: "c")
    var rounds = 0
    for (index, record) in records.enumerated() {
      try log.add(record)
      if index % 3 == 2 { try store.write(&log, rests: index % 20 == 5) }
      if index % 7 == 6, try store.packOneSession() { rounds += 1 }
      if index % 3 == 2 { #expect(try store.records(of: "c") == Array(records[...index])) }
    }
    try store.write(&log)
    #expect(try !store.packOneSession() && rounds > 3)
    #expect(try store.records(of: "c") == records)
  }

  @Test func `a keeper packs them when there is time, beside a session that goes on`() async throws
  {
    let keeper = SessionKeeper(path: path) { Issue.record("\($0)") }
    var generator = SeededGenerator(seed: 7)
    let own = Events.Record.conversation(id: "c", turnCount: 1, using: &generator)
    keeper.begin("c")
    for record in own { keeper.keep(record) }
    let path = path
    @Sendable func count() async throws -> Int? {
      try await DatabaseQueue(path: path).read {
        try Int.fetchOne($0, sql: "SELECT count(*) FROM record")
      }
    }
    let end = ContinuousClock().now + .seconds(30)
    while try await count() != 0, ContinuousClock().now < end {
      try await Task.sleep(for: .milliseconds(100))
    }
    #expect(try await count() == 0)
    #expect(await keeper.close(atMost: .seconds(5)) == nil)
    let store = try SessionStore(path: path)
    #expect(try store.records(of: "a") == sessions[0] && store.records(of: "c") == own)
  }

  @Test func `a database of a newer version is refused with words, and left as it is`() throws {
    let newer = try DatabaseQueue(path: path)
    try newer.write { try $0.execute(sql: "INSERT INTO grdb_migrations VALUES ('9: tomorrow')") }
    try newer.close()
    let error = #expect(throws: SessionError.self) { try SessionStore(path: path) }
    #expect(error?.code == .newer && error?.reason.contains("newer Fathom") == true)
    let queue = try DatabaseQueue(path: path)
    #expect(try queue.read { try !$0.tableExists("piece") })
  }
}
