import Events
import Files
import Foundation
import Sessions

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

  /// What a saved session holds. A pipe that brings nothing does not hold up the person for ever.
  static func session(at path: String) async throws -> EventLog.Reading {
    let reading = Task { await run { try SessionFile.load(path) } }
    guard FileIdentity(path: path)?.kind == .pipe else { return try await reading.value.get() }
    let outcome = await Patience.wait(atMost: patience) { done in
      Task { done(await reading.value) }
    }
    guard let outcome else {
      throw ChatError("\(path) brings nothing: nobody writes to the other end.")
    }
    return try outcome.get()
  }
}
