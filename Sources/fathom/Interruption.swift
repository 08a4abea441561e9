import ArgumentParser
import Dispatch
import Foundation
import Synchronization

/// Runs `work` so that SIGINT (Ctrl-C) and SIGTERM cancel it instead of ending the program at once: it can clean up, and
/// the exit code is then 128 and the signal's number.
func cancelledBySignals<Result: Sendable>(
  _ work: @escaping @Sendable () async throws -> Result
) async throws -> Result {
  let received = Mutex<Int32?>(nil)
  let task = Task { try await work() }
  let sources = [SIGINT, SIGTERM].map { number in
    signal(number, SIG_IGN)
    let source = DispatchSource.makeSignalSource(signal: number, queue: .global())
    source.setEventHandler {
      received.withLock { $0 = number }
      task.cancel()
    }
    source.resume()
    return source
  }
  defer {
    for source in sources { source.cancel() }
    for number in [SIGINT, SIGTERM] { signal(number, SIG_DFL) }
  }
  do {
    return try await task.value
  } catch {
    guard let number = received.withLock({ $0 }) else { throw error }
    printError("fathom: \(error)".visible)
    throw ExitCode(128 + number)
  }
}
