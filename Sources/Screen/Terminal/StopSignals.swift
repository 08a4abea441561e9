import Dispatch
import Foundation
import Synchronization

/// While it lives, SIGINT and SIGTERM call a handler instead of ending the program.
package final class StopSignals: Sendable {
  private let state = Mutex<Int32?>(nil)
  // Written once in init, before anyone else sees the object.
  nonisolated(unsafe) private var sources: [any DispatchSourceSignal] = []

  /// Calls `handler` on each signal.
  package init(handler: @escaping @Sendable () -> Void) {
    sources = [SIGINT, SIGTERM].map { number in
      signal(number, SIG_IGN)
      let source = DispatchSource.makeSignalSource(signal: number, queue: .global())
      source.setEventHandler { [weak self] in
        self?.state.withLock { $0 = number }
        handler()
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
    for number in [SIGINT, SIGTERM] { signal(number, SIG_DFL) }
  }
}
