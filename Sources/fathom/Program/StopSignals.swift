import ArgumentParser
import Dispatch
import Foundation
import Synchronization

/// While it lives, SIGINT and SIGTERM call a handler instead of ending the program.
final class StopSignals: Sendable {
  private let state = Mutex<Int32?>(nil)
  // Written once in init, before anyone else sees the object.
  nonisolated(unsafe) private var sources: [any DispatchSourceSignal] = []

  /// Calls `handler` on each signal.
  init(handler: @escaping @Sendable () -> Void) {
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
  var received: Int32? { state.withLock { $0 } }

  /// Does `work`; where a signal cancelled it, the exit code is 128 and the signal's number.
  func stopping<Result>(_ work: () throws -> Result) throws -> Result {
    do { return try work() } catch let error as CancellationError {
      guard let received else { throw error }
      throw ExitCode(128 + received)
    }
  }

  /// Gives the signals their usual meaning back.
  func cancel() {
    for source in sources { source.cancel() }
    for number in [SIGINT, SIGTERM] { signal(number, SIG_DFL) }
  }
}
