package import Events

/// When the records of a saved session come again.
package enum ReplayPace {
  /// The longest that a person's own pause lasts in a replay.
  package static let longestPause = Duration.seconds(2)

  /// The time before a record.
  package struct Pause: Hashable, Sendable {
    /// How long it was, a person's own shortened to ``ReplayPace/longestPause``.
    package let length: Duration
    /// Whether it lies inside an answer, behind its first token. Only such a pause is stretched.
    let isInAnswer: Bool
    /// Whether a token of the text comes after it.
    let isBeforeToken: Bool

    /// How long it lasts at a pace: slow motion stretches answers, and no pause between them.
    package func wait(at pace: Playback.Pace) -> Duration {
      switch pace {
      case .times(let speed): length / (isInAnswer ? speed : max(1, speed))
      case .tokens(let rate):
        isInAnswer
          ? (isBeforeToken ? .seconds(1 / rate) : .zero)
          : min(length, ReplayPace.longestPause)
      }
    }
  }

  /// The pauses before the records. A record without a time of its own follows the one before at once;
  /// times that run backwards count as no pause.
  package static func pauses(of records: [Record]) -> [Pause] {
    var now = 0
    var isInAnswer = false
    return records.map { record in
      var length = Duration.zero
      if let time = record.nanoseconds {
        length = .nanoseconds(max(0, time.subtractingReportingOverflow(now).partialValue))
        now = max(now, time)
      }
      let isToken = if case .token(let token) = record { token.phase == .gen } else { false }
      defer { isInAnswer = record.leavesAnswerOpen && (isInAnswer || isToken) }
      return Pause(
        length: record.isFromPerson ? min(length, longestPause) : length,
        isInAnswer: isInAnswer, isBeforeToken: isToken)
    }
  }

  /// The records, each with the time to wait before it at its own pace.
  package static func paced(_ records: [Record]) -> [(record: Record, pause: Duration)] {
    zip(records, pauses(of: records)).map { ($0, $1.length) }
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
    case .mark(let mark): mark.tNs
    case .session, .draft, .probe, .check, .unknown: nil
    }
  }

  fileprivate var isFromPerson: Bool {
    switch self {
    case .turn(let turn): turn.role != .assistant
    case .parameter, .mark: true
    default: false
    }
  }

  /// Whether an answer may go on behind it.
  fileprivate var leavesAnswerOpen: Bool {
    switch self {
    case .token, .draft, .probe, .check, .unknown: true
    case .session, .turn, .parameter, .end, .comparison, .measure, .mark: false
    }
  }
}
