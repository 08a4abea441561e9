import ArgumentParser
import Reports
import Screen

/// Runs `work` so that SIGINT (Ctrl-C) and SIGTERM cancel it instead of ending the program at once: it
/// can clean up, and the exit code is then 128 and the signal's number.
func cancelledBySignals<Result: Sendable>(
  _ work: @escaping @Sendable () async throws -> Result
) async throws -> Result {
  let task = Task { try await work() }
  let signals = StopSignals { task.cancel() }
  defer { signals.cancel() }
  do {
    return try await task.value
  } catch {
    guard let number = signals.received else { throw error }
    printError("fathom: \(error)".visible)
    throw ExitCode(128 + number)
  }
}

extension StopSignals {
  /// Does `work`; where a signal cancelled it, the exit code is 128 and the signal's number.
  func stopping<Result>(_ work: () throws -> Result) throws -> Result {
    do { return try work() } catch let error as CancellationError {
      guard let received else { throw error }
      throw ExitCode(128 + received)
    }
  }
}
