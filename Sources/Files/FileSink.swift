package import Foundation

#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#else
  import Darwin
#endif

/// Where bytes go: every one of them, or an error.
package struct FileSink: Sendable {
  let descriptor: Int32
  let path: String
  /// How long the other side may take nothing; nil for as long as it likes.
  let patience: Duration?

  init(descriptor: Int32, path: String, patience: Duration? = nil) {
    (self.descriptor, self.path, self.patience) = (descriptor, path, patience)
  }

  /// Writes all of `bytes`.
  package func write(_ bytes: some ContiguousBytes) throws(FileError) {
    let number = bytes.withUnsafeBytes { bytes -> Int32 in
      var rest = bytes
      while !rest.isEmpty {
        let count = systemWrite(descriptor, rest)
        if count > 0 {
          rest = UnsafeRawBufferPointer(rebasing: rest[count...])
        } else if count == 0 {
          return EIO
        } else if errno == EAGAIN {
          if let number = awaitRoom() { return number }
        } else if errno != EINTR {
          return errno
        }
      }
      return 0
    }
    if number != 0 { throw failure(number) }
  }

  /// Waits until there is room; the error number where there will be none.
  private func awaitRoom() -> Int32? {
    let limit = patience.map { Int32($0 / .milliseconds(1)) } ?? -1
    var request = pollfd(fd: descriptor, events: Int16(POLLOUT), revents: 0)
    let count = poll(&request, 1, limit)
    if count == 0 { return ETIMEDOUT }
    return count < 0 && errno != EINTR ? errno : nil
  }

  private func failure(_ number: Int32) -> FileError {
    guard number == ETIMEDOUT else { return FileError(number: number, .writing, path: path) }
    return FileError(
      .noReader, .writing, path: path, reason: "what reads it takes nothing",
      remedy: "Name a file, or start the reader again")
  }
}

/// The system's `write`, which has the name of the function above.
private func systemWrite(_ descriptor: Int32, _ bytes: UnsafeRawBufferPointer) -> Int {
  write(descriptor, bytes.baseAddress, bytes.count)
}
