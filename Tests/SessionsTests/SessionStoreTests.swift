import Events
import Foundation
import Sessions
import TestSupport
import Testing

struct SessionStoreTests {
  private let folder: TemporaryFolder
  private let store: SessionStore
  private let scribe: Scribe

  init() throws {
    folder = try TemporaryFolder()
    store = try SessionStore(path: folder.file("data/sessions.sqlite"))
    scribe = Scribe(store)
  }

  @Test func `turns that were added one by one come back in order`() throws {
    let records = conversation("a", turnCount: 5)
    for record in records { try scribe.append([record], to: "a") }
    #expect(try store.records(of: "a") == records)
    #expect(try SessionStore(path: store.path).records(of: "last") == records)
  }

  @Test func `the list says what was asked, newest first`() throws {
    #expect(try store.list().isEmpty)
    try scribe.append(conversation("a", turnCount: 2), to: "a")
    try scribe.append(conversation("b", turnCount: 0), to: "b")
    let more = TurnRecord(turn: 9, role: .user, text: "more\n of  it", tNs: 0)
    #expect(try store.list().map(\.id) == ["b", "a"])
    try scribe.append([.turn(more)], to: "b")
    let list = try store.list()
    #expect(list.map(\.title) == ["more of it", "question 0"])
    #expect(list.map(\.turnCount) == [1, 2])
    #expect(list.map(\.tokenCount) == [0, 6])
    #expect(try store.list(limit: 1).map(\.id) == ["b"])
    try scribe.append([.turn(more)], to: "a")
    #expect(try store.list().map(\.id) == ["a", "b"])
  }

  @Test func `a session is found by its id, by the beginning of it, and as the last`() throws {
    for id in ["abc1", "abc2", "abc"] { try scribe.append(conversation(id, turnCount: 1), to: id) }
    #expect(try store.records(of: "abc1") == conversation("abc1", turnCount: 1))
    #expect(try store.records(of: "abc") == conversation("abc", turnCount: 1))
    #expect(try store.records(of: "last") == conversation("abc", turnCount: 1))
    for (name, code) in [
      ("ab", SessionError.Code.ambiguous), ("x", .missing), ("", .missing), ("a%", .missing),
    ] {
      let error = #expect(throws: SessionError.self) { try store.records(of: name) }
      #expect(error?.code == code)
    }
  }

  @Test func `a deleted session is gone and the others are not`() throws {
    for id in ["a", "b"] { try scribe.append(conversation(id, turnCount: 1), to: id) }
    #expect(try store.delete("last") == "b")
    #expect(try store.list().map(\.id) == ["a"])
    #expect(throws: SessionError.self) { try store.records(of: "b") }
    #expect(try store.records(of: "a") == conversation("a", turnCount: 1))
    try store.delete("a")
    let error = #expect(throws: SessionError.self) { try store.records(of: "last") }
    #expect(error?.reason == "there is no session yet")
  }

  @Test func `a turn of a session that was never begun is refused`() throws {
    let turn = TurnRecord(turn: 0, role: .user, text: "hello", tNs: 0)
    let error = #expect(throws: SessionError.self) {
      try scribe.append([.turn(turn)], to: "nobody")
    }
    #expect(error?.code == .missing)
  }

  @Test func `readers beside a writer see whole turns only`() async throws {
    let records = conversation("a", turnCount: 1)
    try scribe.append(records, to: "a")
    let turn = Array(records.dropFirst())
    let (store, path) = (store, store.path)
    try await withThrowingTaskGroup(of: Void.self) { group in
      group.addTask {
        var log = SessionLog(id: "a")
        for record in records { try log.add(record) }
        for _ in 0..<30 {
          for record in turn { try log.add(record) }
          try store.write(&log)
        }
      }
      for _ in 0..<3 {
        group.addTask {
          let reader = try SessionStore(path: path)
          for _ in 0..<20 {
            let seen = try reader.records(of: "a")
            #expect((seen.count - 1) % turn.count == 0)
          }
        }
      }
      try await group.waitForAll()
    }
    #expect(try store.records(of: "a").count == 1 + 31 * turn.count)
  }

  @Test
  func `records of many pieces come back in order, and a write that is repeated adds nothing`()
    throws
  {
    let records = conversation("a", turnCount: 400)
    var log = SessionLog(id: "a")
    for (index, record) in records.enumerated() {
      try log.add(record)
      if index % 97 == 0 { try store.write(&log, rests: index % 2 == 0) }
    }
    try store.write(&log)
    try store.write(&log)
    #expect(try EventLog.data(for: records).count > 1 << 20)
    #expect(try store.records(of: "a") == records)
  }

  @Test func `a token with its probe takes less than half a kilobyte`() throws {
    let file = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
      .deletingLastPathComponent().appending(path: "docs/screen.jsonl").path
    let records = try SessionFile.load(file).records
    var log = SessionLog(id: "a")
    var tokens = 0
    for record in records.prefix(1) + Array(repeating: records.dropFirst(), count: 8).joined() {
      try log.add(record)
      if case .token = record { tokens += 1 }
      if tokens % 10 == 9 { try store.write(&log, rests: false) }
    }
    try store.write(&log)
    store.close()
    let size = try Data(contentsOf: URL(filePath: store.path)).count
    #expect(tokens > 500 && size < tokens * 500, "\(size / tokens) bytes")
  }

  private func conversation(_ id: String, turnCount: Int) -> [Record] {
    var generator = SeededGenerator(seed: UInt64(id.utf8.count))
    return Record.conversation(id: id, turnCount: turnCount, using: &generator)
  }
}
