import Dispatch
import Synchronization

/// Waiting for what may never come, without holding up a thread.
package enum Patience {
  /// Calls `begin` with a place for the result, and returns what comes to be there; nil when there is nothing
  /// after `limit`.
  package static func wait<Value: Sendable>(
    atMost limit: Duration, for begin: @Sendable (@escaping @Sendable (Value) -> Void) -> Void
  ) async -> Value? {
    await withCheckedContinuation { continuation in
      let answer = Answer<Value>(continuation)
      begin { answer.give($0) }
      DispatchQueue.global().asyncAfter(deadline: .now() + limit.interval) { answer.give(nil) }
    }
  }

  /// Who waits, until the first answer.
  private final class Answer<Value: Sendable>: Sendable {
    private let waiting: Mutex<CheckedContinuation<Value?, Never>?>

    init(_ continuation: CheckedContinuation<Value?, Never>) { waiting = Mutex(continuation) }

    func give(_ value: Value?) {
      waiting.withLock { waiting in
        waiting?.resume(returning: value)
        waiting = nil
      }
    }
  }
}

extension Duration {
  /// The same for a queue.
  var interval: DispatchTimeInterval { .milliseconds(Int(self / .milliseconds(1))) }
}
