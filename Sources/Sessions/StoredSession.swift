package import Events

/// A conversation that was kept, with all that is needed to add to it.
package struct StoredSession: Sendable {
  /// What a list says of it.
  package let summary: SessionSummary
  /// Its records.
  package let records: [Record]
  /// What the store has of it.
  package let log: SessionLog
}
