import Events
import Foundation
import Sessions
import Synchronization
import TestSupport
import Testing

/// A conversation that was kept is opened and goes on.
struct ResumedSessionTests {
  private final class Words: Sendable {
    private let words = Mutex<[SessionKeeper.Word]>([])
    var all: [SessionKeeper.Word] { words.withLock { $0 } }
    func add(_ word: SessionKeeper.Word) { words.withLock { $0.append(word) } }
  }

  private let folder: TemporaryFolder
  private let path: String
  private let words = Words()

  init() throws {
    folder = try TemporaryFolder()
    path = folder.file("sessions.sqlite")
  }

  private func keeper(_ limit: StorageLimit = .usual) -> SessionKeeper {
    SessionKeeper(path: path, limit: limit) { [words] in words.add($0) }
  }

  private func conversation(_ id: String, turnCount: Int, seed: UInt64 = 1) -> [Record] {
    var generator = SeededGenerator(seed: seed)
    return Record.conversation(id: id, turnCount: turnCount, using: &generator)
  }

  /// Keeps a session and closes.
  private func keep(_ records: [Record], as id: String) async throws {
    let keeper = keeper()
    keeper.begin(id)
    for record in records { keeper.keep(record) }
    #expect(await keeper.close(atMost: .seconds(30)) == nil)
  }

  private func open(_ name: String) throws -> StoredSession {
    try SessionStore(path: path).open(name)
  }

  private func question(_ text: String, turn: Int) -> Record {
    .turn(TurnRecord(turn: turn, role: .user, text: text, tNs: 0))
  }

  @Test(arguments: [1, 30, 500]) func `what is said then is added to the same session`(
    turnCount: Int
  ) async throws {
    var all = conversation("a", turnCount: turnCount)
    try await keep(all, as: "a")
    for round in 0..<3 {
      let stored = try open("a")
      #expect(stored.records == all)
      let keeper = keeper()
      keeper.begin("nobody")
      keeper.resume(stored)
      let more =
        [question("more \(round)", turn: 2 * turnCount + round)]
        + conversation("x", turnCount: 20 * round, seed: 3).dropFirst()
      for record in more {
        keeper.keep(record)
        if case .end = record { await keeper.save(atMost: .seconds(30)) }
      }
      #expect(await keeper.close(atMost: .seconds(30)) == nil)
      all += more
      #expect(try SessionStore(path: path).records(of: "a") == all)
    }
    #expect(try SessionStore(path: path).list().map(\.id) == ["a"])
    #expect(words.all.isEmpty)
  }

  @Test func `a session that was opened and in which nothing was said is as it was`() async throws {
    try await keep(conversation("a", turnCount: 2), as: "a")
    try await keep(conversation("b", turnCount: 1), as: "b")
    let before = try SessionStore(path: path).list()
    let keeper = keeper()
    keeper.resume(try open("a"))
    keeper.keep(.parameter(ParameterRecord(key: "session", old: "a", new: "a", tNs: 1)))
    #expect(await keeper.close(atMost: .seconds(30)) == nil)
    #expect(try SessionStore(path: path).list() == before)
    #expect(try open("a").records == conversation("a", turnCount: 2))
  }

  @Test func `a branch has what was said so far, and the old session stays untouched`() async throws
  {
    let all = conversation("a", turnCount: 3)
    try await keep(all, as: "a")
    let keeper = keeper()
    keeper.resume(try open("a"))
    keeper.branch("b", name: "the other way")
    keeper.branch("c", name: nil)
    keeper.keep(question("elsewhere", turn: 6))
    #expect(await keeper.close(atMost: .seconds(30)) == nil)
    let store = try SessionStore(path: path)
    #expect(try store.records(of: "a") == all && store.records(of: "b") == all)
    #expect(try store.records(of: "c") == all + [question("elsewhere", turn: 6)])
    #expect(
      try store.list().map(\.title) == ["the other way (branch)", "the other way", "question 0"])
    #expect(try store.find(SearchWords("elsewhere")).sessions.map(\.id) == ["c"])
  }

  @Test func `two programs that add to one session lose nothing: one goes on apart`() async throws {
    let all = conversation("a", turnCount: 2)
    try await keep(all, as: "a")
    let (first, second) = (keeper(), keeper())
    for keeper in [first, second] { keeper.resume(try open("a")) }
    first.keep(question("from the first", turn: 4))
    await first.save(atMost: .seconds(30))
    second.keep(question("from the second", turn: 4))
    await second.save(atMost: .seconds(30))
    first.keep(question("again the first", turn: 5))
    for keeper in [first, second] { #expect(await keeper.close(atMost: .seconds(30)) == nil) }
    let store = try SessionStore(path: path)
    #expect(
      try store.records(of: "a") == all + [
        question("from the first", turn: 4), question("again the first", turn: 5),
      ])
    let other = try #require(try store.list().first { $0.id != "a" })
    #expect(try store.records(of: other.id) == all + [question("from the second", turn: 4)])
    #expect(words.all == [.wentApart])
  }

  @Test func `a session that is deleted while it goes on comes back whole`() async throws {
    let all = conversation("a", turnCount: 2)
    try await keep(all, as: "a")
    let keeper = keeper()
    keeper.resume(try open("a"))
    try SessionStore(path: path).delete("a")
    keeper.keep(question("still here", turn: 4))
    #expect(await keeper.close(atMost: .seconds(30)) == nil)
    #expect(
      try SessionStore(path: path).records(of: "a") == all + [question("still here", turn: 4)])
    #expect(words.all.isEmpty)
  }

  @Test func `what another program packs meanwhile does not matter`() async throws {
    let all = conversation("a", turnCount: 30)
    let first = keeper()
    first.begin("a")
    for record in all { first.keep(record) }
    try await Task.sleep(for: .milliseconds(400))
    let stored = try open("a")
    #expect(stored.records == all)
    while try SessionStore(path: path).packOneSession() {}
    let second = keeper()
    second.resume(stored)
    second.keep(question("more", turn: 60))
    #expect(await second.close(atMost: .seconds(30)) == nil)
    #expect(try SessionStore(path: path).records(of: "a") == all + [question("more", turn: 60)])
    #expect(await first.close(atMost: .seconds(30)) == nil)
  }

  @Test func `the limit is said before and when it is reached, nothing is deleted, and room helps`()
    async throws
  {
    for id in ["a", "b"] { try await keep(conversation(id, turnCount: 300, seed: 2), as: id) }
    let used = try SessionStore(path: path).usedBytes
    let near = keeper(StorageLimit(bytes: used + 4096))
    near.begin("c")
    for record in conversation("c", turnCount: 1) { near.keep(record) }
    await near.save(atMost: .seconds(30))
    #expect(words.all == [.nearLimit(path: path, StorageLimit(bytes: used + 4096))])
    let full = keeper(StorageLimit(bytes: used))
    full.begin("d")
    for record in conversation("d", turnCount: 1) { full.keep(record) }
    await full.save(atMost: .seconds(30))
    guard case .notKept(let error)? = words.all.last else { throw SessionsTestError() }
    #expect(error.code == .limit && error.remedy.contains("--sessions-limit"))
    #expect(try SessionStore(path: path).list().map(\.id) == ["c", "b", "a"])
    try SessionStore(path: path).delete("a")
    await full.save(atMost: .seconds(30))
    #expect(words.all.last == .keptAgain)
    for keeper in [near, full] { #expect(await keeper.close(atMost: .seconds(30)) == nil) }
    #expect(try SessionStore(path: path).list().map(\.id) == ["d", "c", "b"])
  }

  @Test func `a limit is spelled as people do`() {
    let spelled = ["2G": 2 << 30, "500m": 500 << 20, "4096": 4096, "1k": 1024]
    for (text, bytes) in spelled { #expect(StorageLimit(parsing: text)?.bytes == bytes) }
    #expect(StorageLimit(parsing: "none")?.bytes == nil && StorageLimit(parsing: "none") != nil)
    for text in ["", "G", "-1", "0", "1.5G", "9999999999T", "x"] {
      #expect(StorageLimit(parsing: text) == nil, "\(text)")
    }
  }

  private struct SessionsTestError: Error {}
}
