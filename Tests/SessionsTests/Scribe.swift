import Events
import Sessions

/// Adds records to sessions one batch after another, as a keeper does.
final class Scribe {
  private let store: SessionStore
  private var logs: [String: SessionLog] = [:]

  init(_ store: SessionStore) { self.store = store }

  /// Adds the records to the session `id`: all or none.
  func append(_ records: [Record], to id: String) throws(SessionError) {
    var log = logs[id] ?? SessionLog(id: id)
    for record in records { try log.add(record) }
    try store.write(&log)
    logs[id] = log
  }
}
