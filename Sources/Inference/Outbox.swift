package import Events

/// Hands records on, those of tokens a few at a time.
///
/// Their reader sleeps until there are some. Waking it for every token takes a tenth of a millisecond
/// from the next pass: at hundreds of tokens a second that is felt, and it gains nothing that an eye
/// could see. So tokens wait for each other, until the first that comes `patience` after the last that
/// went; everything else goes out at once, and takes them with it.
package struct Outbox {
  /// The longest that a record waits while others come.
  package static let patience = Duration.milliseconds(16)

  private var waiting: [Record] = []
  private var lastSent = ContinuousClock().now

  /// An empty outbox.
  package init() {}

  /// Takes `record`, and hands on to `send` what waits if it is time.
  package mutating func post(
    _ record: Record, at now: ContinuousClock.Instant = ContinuousClock().now,
    to send: (Record) -> Void
  ) {
    waiting.append(record)
    if record.mayWait, now - lastSent < Self.patience { return }
    waiting.forEach(send)
    waiting.removeAll(keepingCapacity: true)
    lastSent = now
  }
}

extension Record {
  /// Whether this comes once a pass.
  fileprivate var mayWait: Bool {
    switch self {
    case .token, .draft: true
    default: false
    }
  }
}
