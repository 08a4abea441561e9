import Events
import Foundation

/// The work of a `SessionKeeper`: sessions that come in, a database that can be had or not.
struct SessionDesk: Sendable {
  /// How long another program may hold the database before that is worth a word.
  private static let busyPatience = Duration.seconds(2)

  private let path: String?
  private let limit: StorageLimit
  private let report: @Sendable (SessionKeeper.Word) -> Void
  private var store: SessionStore?
  /// The file that the store has open: another one may come to have its name.
  private var fileNumber: Int?
  /// The sessions that the store lacks something of, and the one that goes on.
  private var logs: [SessionLog] = []
  /// What is wrong now, and since when.
  private var trouble: (error: SessionError, since: ContinuousClock.Instant)?
  /// Whether it was said that there is not much room left.
  private var saidNear = false
  /// The kind of trouble that was said.
  private var said: SessionError.Code?
  /// Whether nothing of that kind is left.
  private(set) var isTidy = false

  /// A desk for the database at `path`, which may grow to the `limit`; without one nothing is written. Tells
  /// `report` what a person should know.
  init(
    path: String?, limit: StorageLimit, report: @escaping @Sendable (SessionKeeper.Word) -> Void
  ) {
    (self.path, self.limit, self.report) = (path, limit, report)
  }

  /// What is wrong now.
  var error: SessionError? { trouble?.error }

  /// Begins a session.
  mutating func begin(_ id: String) {
    let isStored = path != nil
    logs.removeAll { !isStored || !$0.isWanting(true) }
    logs.append(SessionLog(id: id))
  }

  /// Goes on with a session that the store has.
  mutating func resume(_ log: SessionLog) {
    begin(log.id)
    logs[logs.count - 1] = log
  }

  /// Goes on with a copy of the session; the one before stays as it is.
  mutating func branch(id: String, name: String?) {
    guard let log = logs.last else { return }
    begin(id)
    logs[logs.count - 1] = log.copy(id: id, name: name ?? log.branchName)
  }

  /// Adds a record to the session that goes on.
  mutating func add(_ record: Record) {
    guard !logs.isEmpty else { return }
    do throws(SessionError) {
      try logs[logs.count - 1].add(record)
    } catch {
      say(error)
    }
  }

  /// The records of the session that goes on; nil where there is none, or no memory for them.
  var lines: SessionLines? { logs.last?.lines }

  /// Writes what the store lacks; what fails stays, to be written the next time. Where nothing more is to come
  /// for now, the sessions `rest` and are packed as a whole.
  mutating func write(rests: Bool) {
    guard let path, logs.contains(where: { $0.isWanting(rests) }) else { return }
    do throws(SessionError) {
      let store = try openedStore(at: path)
      let isNear = try store.isNear(limit)
      for index in logs.indices where logs[index].isWanting(rests) {
        let id = logs[index].id
        try store.writeSafely(&logs[index], rests: rests)
        if logs[index].id != id { report(.wentApart) }
      }
      if isNear, !saidNear { report(.nearLimit(path: path, limit)) }
      saidNear = isNear
      logs.removeFirst(logs.count - 1)
      trouble = nil
      if said != nil { report(.keptAgain) }
      said = nil
    } catch {
      let now = ContinuousClock().now
      let goesOn = trouble?.error.code == error.code
      trouble = (error, goesOn ? trouble?.since ?? now : now)
      if error.code == .limit {
        say(error)
      } else if error.code != .busy {
        // It is opened anew, should the file be another one by then.
        forget()
        say(error)
      } else if let trouble, now - trouble.since >= Self.busyPatience {
        say(error)
      }
    }
  }

  /// Makes sure that the store's file still has the name under which it will be looked for.
  mutating func checkFile() {
    if let store, Self.fileNumber(of: store.path) != fileNumber { forget() }
  }

  /// Brings what was written into its last place.
  mutating func rest() {
    write(rests: true)
    if trouble == nil { store?.settle() }
  }

  /// Does a piece of work on what older versions or killed programs left, if there is some; false where all is
  /// tidy.
  mutating func tidy() -> Bool {
    guard let store, !isTidy, trouble == nil else { return false }
    do throws(SessionError) {
      if try store.packOneSession() { return true }
      if try store.indexOneSession() { return true }
      store.settle()
    } catch {
      // Another time: nobody misses it.
    }
    isTidy = true
    return false
  }

  /// Closes the store.
  mutating func close() {
    store?.close()
    store = nil
  }

  private mutating func say(_ error: SessionError) {
    guard said != error.code else { return }
    said = error.code
    report(.notKept(error))
  }

  private mutating func openedStore(at path: String) throws(SessionError) -> SessionStore {
    if let store { return store }
    let opened = try SessionStore(path: path, patience: 0.2)
    store = opened
    fileNumber = Self.fileNumber(of: path)
    return opened
  }

  private mutating func forget() {
    close()
    for index in logs.indices { logs[index].wasNeverStored() }
  }

  private static func fileNumber(of path: String) -> Int? {
    (try? FileManager.default.attributesOfItem(atPath: path))?[.systemFileNumber]
      .flatMap { ($0 as? NSNumber)?.intValue }
  }
}

extension SessionLog {
  /// Whether the store should have something that it lacks: not before a person said something.
  fileprivate func isWanting(_ rests: Bool) -> Bool {
    turnCount > 0 && isWanted && isWorthWriting(rests: rests)
  }

  /// What a copy is called that nobody names.
  fileprivate var branchName: String? { title.isEmpty ? nil : "\(name ?? title) (branch)" }
}
