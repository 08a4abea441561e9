package import Events

/// When the records of a saved session come again.
package enum ReplayPace {
  /// The longest that a person's own pause lasts in a replay.
  package static let longestPause = Duration.seconds(2)

  /// The records, each with the time to wait before it.
  ///
  /// Records without a time of their own follow the one before at once. Before a message of a person
  /// the pause is shortened to ``longestPause``; times that run backwards count as no pause.
  package static func paced(_ records: [Record]) -> [(record: Record, pause: Duration)] {
    var now = 0
    return records.map { record in
      guard let time = record.nanoseconds else { return (record, .zero) }
      let pause = Duration.nanoseconds(max(0, time.subtractingReportingOverflow(now).partialValue))
      now = max(now, time)
      return (record, record.isFromPerson ? min(pause, longestPause) : pause)
    }
  }
}

extension Record {
  /// Nanoseconds since the session began; nil where a record does not say.
  package var nanoseconds: Int? {
    switch self {
    case .turn(let turn): turn.tNs
    case .token(let token): token.tNs
    case .parameter(let change): change.tNs
    case .end(let end): end.tNs
    case .comparison(let comparison): comparison.tNs
    case .measure(let measure): measure.tNs
    case .session, .draft, .probe, .check, .unknown: nil
    }
  }

  fileprivate var isFromPerson: Bool {
    switch self {
    case .turn(let turn): turn.role != .assistant
    case .parameter: true
    default: false
    }
  }
}
