import Dispatch
package import Events
import Foundation
import Synchronization

/// Keeps sessions while they go on: takes their records as they come, and writes them from a thread of its own.
///
/// Nobody who hands over a record waits for the disk. What could not be written is written with what comes
/// next: soon where another program held the database, else with the next thing that is said. A session in
/// which nobody said anything is not kept.
package final class SessionKeeper: Sendable {
  /// What a person should know.
  package enum Word: Hashable, Sendable {
    /// Nothing can be written for now.
    case notKept(SessionError)
    /// All is written again.
    case keptAgain
    /// The database at this path has nearly grown to this limit.
    case nearLimit(path: String, StorageLimit)
    /// Another program added to the session that goes on, which is a copy of its own from here.
    case wentApart
  }

  private enum Item {
    case session(id: String)
    case resumed(SessionLog)
    case branch(id: String, name: String?)
    case record(Record)
  }

  private struct Inbox {
    var items: [Item] = []
    /// Whether somebody is on the way to empty it.
    var isAwaited = false
    var isClosed = false
    /// How many records came so far.
    var count = 0
  }

  /// The longest that a record lies before it is written, where the disk takes it.
  private static let delay = Duration.milliseconds(100)
  /// The time to the next try where another program held the database.
  private static let busyDelay = Duration.milliseconds(250)
  /// How long nothing may have come before there is time to tidy up.
  private static let idleDelay = Duration.seconds(2)

  private let inbox = Mutex(Inbox())
  /// Used on the queue only, so nobody ever waits for it.
  private let desk: Mutex<SessionDesk>
  /// How many records had come when there was time last.
  private let rested = Atomic<Int>(0)
  private let queue = DispatchQueue(label: "fathom.sessions")

  /// A keeper that writes to the database at `path`, which it opens when there is something to write, and which
  /// may grow to the `limit`; without one it keeps the session that goes on in memory. `report` may be called
  /// on any thread.
  package init(
    path: String?, limit: StorageLimit = .usual, report: @escaping @Sendable (Word) -> Void
  ) {
    desk = Mutex(SessionDesk(path: path, limit: limit, report: report))
    restLater(after: 0)
  }

  /// Begins another session; the records that follow are its.
  package func begin(_ id: String) { take(.session(id: id)) }

  /// Goes on with a session that the database has; the records that follow are added to it.
  package func resume(_ session: StoredSession) { take(.resumed(session.log)) }

  /// Goes on with a copy of the session as it is now, under another id and perhaps a name.
  package func branch(_ id: String, name: String?) { take(.branch(id: id, name: name)) }

  /// Takes a record of the session that goes on.
  package func keep(_ record: Record) { take(.record(record)) }

  /// Writes what came so far, and what could not be written before; returns when that is done or has failed,
  /// and after `patience` in any case.
  package func save(atMost patience: Duration) async {
    let _: Void? = await Patience.wait(atMost: patience) { done in
      queue.async { [self] in
        desk.withLock { $0.checkFile() }
        write(isAsked: true)
        done(())
      }
    }
  }

  /// The records of the session that goes on, up to here.
  package func lines() async -> Result<SessionLines, SessionError> {
    await withCheckedContinuation { continuation in
      queue.async { [self] in
        write(isAsked: false)
        continuation.resume(
          returning: desk.withLock { $0.lines }.map(Result.success)
            ?? .failure(
              SessionError(
                .system, path: "the session", reason: "there is no memory for its records",
                remedy: "End other programs, or begin afresh with /clear")))
      }
    }
  }

  /// Writes what came so far and closes the database. Tries until `patience` has passed where another program
  /// holds it; returns why something was not written, if it was not.
  package func close(atMost patience: Duration) async -> SessionError? {
    let end = ContinuousClock().now + patience
    inbox.withLock { $0.isClosed = true }
    let outcome: SessionError?? = await Patience.wait(atMost: patience + Self.busyDelay) { done in
      queue.async { [self] in done(finish(by: end)) }
    }
    return outcome
      ?? SessionError(
        .busy, path: "the database of the sessions", reason: "the disk does not answer",
        remedy: "What was stored before is still there")
  }

  // MARK: - The inbox

  private func take(_ item: Item) {
    let isAwaited = inbox.withLock { inbox in
      if inbox.isClosed { return true }
      inbox.items.append(item)
      inbox.count += 1
      defer { inbox.isAwaited = true }
      return inbox.isAwaited
    }
    if !isAwaited { writeLater(after: Self.delay) }
  }

  private func writeLater(after delay: Duration) {
    queue.asyncAfter(deadline: .now() + delay.interval) { [weak self] in
      self?.write(isAsked: false)
    }
  }

  // MARK: - On the queue

  /// Writes what is there. Where something other than another program is in the way, only if it `isAsked`.
  private func write(isAsked: Bool) {
    let items = inbox.withLock { inbox in
      defer { inbox.items = [] }
      inbox.isAwaited = false
      return inbox.items
    }
    let error = desk.withLock { desk in
      for item in items {
        switch item {
        case .session(let id): desk.begin(id)
        case .resumed(let log): desk.resume(log)
        case .branch(let id, let name): desk.branch(id: id, name: name)
        case .record(let record): desk.add(record)
        }
      }
      if isAsked || desk.error.map({ $0.code == .busy }) ?? true { desk.write(rests: isAsked) }
      return desk.error
    }
    guard error?.code == .busy else { return }
    let isAwaited = inbox.withLock { inbox in
      defer { inbox.isAwaited = true }
      return inbox.isAwaited || inbox.isClosed
    }
    if !isAwaited { writeLater(after: Self.busyDelay) }
  }

  private func finish(by end: ContinuousClock.Instant) -> SessionError? {
    while true {
      write(isAsked: true)
      let error = desk.withLock { $0.error }
      if error?.code == .busy, ContinuousClock().now < end {
        Thread.sleep(forTimeInterval: 0.05)
        continue
      }
      desk.withLock { $0.close() }
      return error
    }
  }

  /// Looks after a while whether anything came since there were `count` records; if not, there is time for
  /// what need not be done at once.
  private func restLater(after count: Int) {
    queue.asyncAfter(deadline: .now() + Self.idleDelay.interval) { [weak self] in
      guard let self else { return }
      let isIdle = { [self] in inbox.withLock { $0.count == count && !$0.isClosed } }
      if isIdle(), rested.exchange(count, ordering: .relaxed) != count {
        desk.withLock { $0.rest() }
      }
      while isIdle(), desk.withLock({ $0.tidy() }) {}
      let (now, isClosed) = inbox.withLock { ($0.count, $0.isClosed) }
      if !isClosed { restLater(after: now) }
    }
  }
}
