/// How often and how soon a pull tries again.
package struct PullPace: Sendable {
  /// Attempts in a row that bring nothing, after which it gives up.
  package var attemptLimit = 6
  /// The first wait; each further one is twice as long.
  package var firstWait = Duration.seconds(1)
  /// The longest wait, also where the server asks for more.
  package var longestWait = Duration.seconds(60)
  /// Seconds without a byte after which a connection is taken for dead.
  package var patience = 60

  /// The usual pace.
  package init() {}
}

/// The attempts that a pull has made so far.
package struct PullAttempts {
  private let pace: PullPace
  private var inVain = 0

  /// Bytes that make an attempt worth it: with fewer, a server could keep a pull busy for ever.
  private static let worth = 1 << 20

  /// None yet.
  package init(_ pace: PullPace) { self.pace = pace }

  /// How long to wait before the next attempt after one that failed and brought `progressBytes`; nil where it is
  /// better to give up.
  package mutating func wait(after failure: any Error, progressBytes: Int) -> Duration? {
    let asked: Duration?
    switch failure {
    case let error as WebError where error.isPassing: asked = nil
    case let error as RefusedRequest where error.isPassing: asked = error.wait
    default: return nil
    }
    inVain = progressBytes >= Self.worth ? 1 : inVain + 1
    guard inVain < pace.attemptLimit else { return nil }
    let usual = pace.firstWait * (1 << (inVain - 1))
    return min(max(usual, asked ?? .zero), pace.longestWait)
  }
}
