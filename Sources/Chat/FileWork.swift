import Foundation

/// Work on files, which may wait for ever: for the other end of a pipe, for a disk that sleeps.
enum FileWork {
  /// How long a person waits for a file before they are told.
  static let patience = Duration.seconds(3)

  /// Does the work on a thread of its own, so that nobody else is held up.
  static func run<Value: Sendable>(
    _ work: @escaping @Sendable () throws -> Value
  ) async -> Result<Value, any Error> {
    await withCheckedContinuation { continuation in
      Thread.detachNewThread { continuation.resume(returning: Result(catching: work)) }
    }
  }
}
