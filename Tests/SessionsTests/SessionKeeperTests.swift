import Dispatch
import Events
import Foundation
import GRDB
import Sessions
import Synchronization
import TestSupport
import Testing

/// What is said is kept while it is said, whatever happens to the database.
struct SessionKeeperTests {
  /// What a keeper said.
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
    path = folder.file("data/sessions.sqlite")
  }

  private func keeper(at other: String? = nil) -> SessionKeeper {
    SessionKeeper(path: other ?? path) { [words] in words.add($0) }
  }

  private func conversation(_ id: String, turnCount: Int = 2) -> [Events.Record] {
    var generator = SeededGenerator(seed: UInt64(turnCount))
    return Events.Record.conversation(id: id, turnCount: turnCount, using: &generator)
  }

  private func stored(_ id: String) throws -> [Events.Record] {
    try SessionStore(path: path).records(of: id)
  }

  @Test func `a question is stored before its answer, and the answer while it comes`() async throws
  {
    let keeper = keeper()
    let records = conversation("a", turnCount: 1)
    keeper.begin("a")
    for record in records.prefix(2) { keeper.keep(record) }
    await keeper.save(atMost: .seconds(5))
    #expect(try stored("a") == Array(records.prefix(2)))
    for count in 3...records.count {
      keeper.keep(records[count - 1])
      try await Task.sleep(for: .milliseconds(250))
      #expect(try stored("a") == Array(records.prefix(count)))
    }
    #expect(await keeper.close(atMost: .seconds(5)) == nil)
    #expect(words.all.isEmpty)
    #expect(
      try FileManager.default.contentsOfDirectory(atPath: folder.file("data")) == [
        "sessions.sqlite"
      ])
  }

  @Test func `a session in which nobody said anything is not kept`() async throws {
    let keeper = keeper()
    for id in ["a", "b", "c"] {
      keeper.begin(id)
      for record in conversation(id, turnCount: id == "b" ? 1 : 0) { keeper.keep(record) }
      let system = TurnRecord(turn: 0, role: .system, text: "Be brief.", tNs: 0)
      keeper.keep(.turn(system))
    }
    #expect(await keeper.close(atMost: .seconds(5)) == nil)
    #expect(try SessionStore(path: path).list().map(\.id) == ["b"])
  }

  @Test func `while another program holds the database nobody waits, and nothing is lost`()
    async throws
  {
    let keeper = keeper()
    let records = conversation("a", turnCount: 20)
    keeper.begin("a")
    for record in records.prefix(9) { keeper.keep(record) }
    await keeper.save(atMost: .seconds(5))
    let other = try DatabaseQueue(path: path)
    let lock = try Lock(on: other)
    let clock = ContinuousClock()
    let time = await clock.measure {
      for record in records.dropFirst(9) { keeper.keep(record) }
      await keeper.save(atMost: .milliseconds(500))
    }
    #expect(time < .seconds(1.5))
    try await Task.sleep(for: .seconds(2.5))
    #expect(words.all.count == 1)
    lock.release()
    let end = clock.now + .seconds(10)
    while words.all.count < 2, clock.now < end { try await Task.sleep(for: .milliseconds(50)) }
    #expect(words.all.last == .keptAgain)
    #expect(try stored("a") == records)
    if case .notKept(let error)? = words.all.first { #expect(error.code == .busy) }
  }

  @Test func `who leaves waits for a database that is held, as long as there is patience`()
    async throws
  {
    for isHeldForLong in [false, true] {
      let id = "\(isHeldForLong)"
      let keeper = keeper()
      let records = conversation(id)
      keeper.begin(id)
      for record in records { keeper.keep(record) }
      _ = try SessionStore(path: path)
      let lock = try Lock(on: DatabaseQueue(path: path))
      DispatchQueue.global().asyncAfter(deadline: .now() + (isHeldForLong ? 3 : 0.5)) {
        lock.release()
      }
      let clock = ContinuousClock()
      let begin = clock.now
      let error = await keeper.close(atMost: .seconds(isHeldForLong ? 1 : 20))
      #expect(error?.code == (isHeldForLong ? .busy : nil))
      if isHeldForLong { #expect(clock.now - begin < .seconds(2.5)) }
      if isHeldForLong { try await Task.sleep(for: .seconds(3)) }
      #expect(try SessionStore(path: path).list().contains { $0.id == id } == !isHeldForLong)
    }
  }

  @Test func `a store that fails is said once and tried again with the next turn`() async throws {
    try FileManager.default.createDirectory(
      atPath: path, withIntermediateDirectories: true)
    let keeper = keeper()
    let records = conversation("a")
    keeper.begin("a")
    for record in records.dropLast() {
      keeper.keep(record)
      await keeper.save(atMost: .seconds(5))
    }
    #expect(words.all.count == 1)
    if case .notKept(let error)? = words.all.first { #expect(error.code == .denied) }
    try FileManager.default.removeItem(atPath: path)
    keeper.keep(records[records.count - 1])
    await keeper.save(atMost: .seconds(5))
    #expect(words.all.last == .keptAgain && words.all.count == 2)
    #expect(try stored("a") == records)
  }

  @Test func `a database that is taken away is made anew, with the whole session`() async throws {
    let keeper = keeper()
    let records = conversation("a", turnCount: 300)
    keeper.begin("a")
    for record in records.dropLast(10) { keeper.keep(record) }
    await keeper.save(atMost: .seconds(10))
    try FileManager.default.removeItem(atPath: folder.file("data"))
    for record in records.suffix(10) { keeper.keep(record) }
    await keeper.save(atMost: .seconds(10))
    #expect(await keeper.close(atMost: .seconds(5)) == nil)
    #expect(try stored("a") == records)
  }

  @Test(.enabled(if: SmallDisk.isPossible, "\(SmallDisk.missing)"))
  func `what a full disk did not take is there when there is room again`() async throws {
    let disk = try SmallDisk(kilobytes: 512)
    let file = disk.folder.file("sessions.sqlite")
    let ballast = URL(filePath: disk.folder.file("ballast"))
    try Data(count: 300 << 10).write(to: ballast)
    let keeper = keeper(at: file)
    let records = conversation("a", turnCount: 300)
    keeper.begin("a")
    for record in records {
      keeper.keep(record)
      if case .end = record { await keeper.save(atMost: .seconds(5)) }
    }
    #expect(words.all.count == 1)
    if case .notKept(let error)? = words.all.first { #expect(error.code == .full) }
    try FileManager.default.removeItem(at: ballast)
    await keeper.save(atMost: .seconds(5))
    #expect(words.all.last == .keptAgain)
    #expect(await keeper.close(atMost: .seconds(5)) == nil)
    #expect(try SessionStore(path: file).records(of: "a") == records)
  }

  @Test(.enabled(if: SmallDisk.isPossible, "\(SmallDisk.missing)"))
  func `a database that may only be read is named, and what to do`() async throws {
    let disk = try SmallDisk(kilobytes: 512)
    let file = disk.folder.file("sessions.sqlite")
    try SessionStore(path: file).close()
    try disk.makeReadOnly()
    let keeper = keeper(at: file)
    keeper.begin("a")
    for record in conversation("a") { keeper.keep(record) }
    await keeper.save(atMost: .seconds(5))
    #expect(words.all.count == 1)
    if case .notKept(let error)? = words.all.first {
      #expect(error.code == .denied && error.remedy.contains("may write"))
    }
    #expect(await keeper.close(atMost: .seconds(5))?.code == .denied)
  }
}

/// A database that another connection holds, so that nobody else may write.
private final class Lock: Sendable {
  private let isReleased = DispatchSemaphore(value: 0)

  init(on other: DatabaseQueue) throws {
    let isHeld = DispatchSemaphore(value: 0)
    Thread.detachNewThread { [isReleased] in
      try? other.writeWithoutTransaction { db in
        try db.execute(sql: "BEGIN EXCLUSIVE")
        isHeld.signal()
        isReleased.wait()
        try db.execute(sql: "COMMIT")
      }
    }
    isHeld.wait()
  }

  func release() { isReleased.signal() }
}
