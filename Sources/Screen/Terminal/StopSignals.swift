import Dispatch
import Foundation
import Synchronization

/// While it lives, SIGINT, SIGTERM and SIGHUP call a handler instead of ending the program.
///
/// A SIGHUP that was ignored when the program began, as nohup has it, stays ignored.
package final class StopSignals: Sendable {
  private let state = Mutex<Int32?>(nil)
  private let numbers: [Int32]
  // Written once in init, before anyone else sees the object.
  nonisolated(unsafe) private var sources: [any DispatchSourceSignal] = []

  /// Calls `handler` on each signal.
  package convenience init(handler: @escaping @Sendable () -> Void) {
    self.init(calling: { _ in handler() })
  }

  /// Calls `handler` with the number of each signal.
  package init(calling handler: @escaping @Sendable (Int32) -> Void) {
    numbers = [SIGINT, SIGTERM, SIGHUP].filter { number in
      let before = signal(number, SIG_IGN)
      return number != SIGHUP
        || unsafeBitCast(before, to: Int.self) != unsafeBitCast(SIG_IGN, to: Int.self)
    }
    sources = numbers.map { number in
      let source = DispatchSource.makeSignalSource(signal: number, queue: .global())
      source.setEventHandler { [weak self] in
        self?.state.withLock { $0 = number }
        handler(number)
      }
      source.resume()
      return source
    }
  }

  /// The last signal that came.
  package var received: Int32? { state.withLock { $0 } }

  /// Gives the signals their usual meaning back.
  package func cancel() {
    for source in sources { source.cancel() }
    for number in numbers { signal(number, SIG_DFL) }
  }
}
