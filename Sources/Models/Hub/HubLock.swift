import Files
import Foundation

/// Keeps others from fetching the same contents at the same time: programs for the hub hold a lock on a file of
/// the contents' name.
enum HubLock {
  /// Waits until nobody else holds the lock at `path`, and does `work` while this program does. `busy` is called
  /// once where somebody else has it. Cancelling the task ends the waiting.
  static func holding<Result>(
    _ path: String, busy: () -> Void, _ work: () async throws -> Result
  ) async throws -> Result {
    var isAnnounced = false
    while true {
      try Task.checkCancellation()
      if let descriptor = try take(path) {
        defer { close(descriptor) }
        return try await work()
      }
      if !isAnnounced { busy() }
      isAnnounced = true
      try await Task.sleep(for: .milliseconds(200))
    }
  }

  /// The lock's descriptor; nil where somebody else has it.
  private static func take(_ path: String) throws(FileError) -> Int32? {
    let descriptor = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0o664)
    guard descriptor >= 0 else { throw FileError(number: errno, .writing, path: path) }
    if flock(descriptor, LOCK_EX | LOCK_NB) != 0 {
      let number = errno
      // Some file systems have no locks; then nobody can hold one.
      if [ENOLCK, ENOTSUP, ENOSYS].contains(number) { return descriptor }
      close(descriptor)
      guard number == EWOULDBLOCK || number == EINTR else {
        throw FileError(number: number, .writing, path: path)
      }
      return nil
    }
    // A program may have taken the file away in between; what is locked then is nothing that others see.
    guard FileIdentity(descriptor: descriptor) == FileIdentity(path: path) else {
      close(descriptor)
      return nil
    }
    return descriptor
  }
}
