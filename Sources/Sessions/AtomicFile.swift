import Foundation

#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#else
  import Darwin
#endif

/// Writes whole files so that a reader sees the old contents or the new, never a part.
enum AtomicFile {
  /// Replaces the file at `path` with `data`.
  ///
  /// The new contents go to a file beside it, reach the disk, and then take its name; on any failure
  /// the older file is intact and nothing is left behind. A link is followed, the mode of an older
  /// file is kept, and what is not a regular file (a pipe, a device) is written to as it is.
  static func write(_ data: Data, to path: String, mode: mode_t = 0o666) throws(SessionError) {
    var status = stat()
    let exists = stat(path, &status) == 0
    let kind = status.st_mode & S_IFMT
    if exists, kind == S_IFDIR { throw SessionError(number: EISDIR, path: path) }
    if exists, kind != S_IFREG {
      return try write(data, opening: path, flags: O_WRONLY, mode: 0, namedAs: path)
    }
    let target = exists ? URL(filePath: path).resolvingSymlinksInPath() : URL(filePath: path)
    let temporary = target.deletingLastPathComponent()
      .appending(path: ".\(target.lastPathComponent).\(UUID().uuidString)").path
    do throws(SessionError) {
      try write(
        data, opening: temporary, flags: O_WRONLY | O_CREAT | O_EXCL,
        mode: exists ? status.st_mode & 0o777 : mode, namedAs: path)
      guard rename(temporary, target.path) == 0 else {
        throw SessionError(number: errno, path: path)
      }
    } catch {
      unlink(temporary)
      throw error
    }
    synchronize(folder: target.deletingLastPathComponent().path)
  }

  /// Adds `data` to the end of the file at `path` in one write, and makes the file if need be.
  static func append(_ data: Data, to path: String, mode: mode_t) throws(SessionError) {
    try write(data, opening: path, flags: O_WRONLY | O_CREAT | O_APPEND, mode: mode, namedAs: path)
  }

  /// Makes the folder of the file at `path`, and those above it, for this person only.
  static func makeFolder(of path: String) throws(SessionError) {
    let folder = URL(filePath: path).deletingLastPathComponent()
    do {
      try FileManager.default.createDirectory(
        at: folder, withIntermediateDirectories: true, attributes: [.posixPermissions: 0o700])
    } catch {
      throw SessionError(files: error, path: folder.path)
    }
  }

  private static func write(
    _ data: Data, opening file: String, flags: Int32, mode: mode_t, namedAs path: String
  ) throws(SessionError) {
    let descriptor = open(file, flags | O_CLOEXEC, mode)
    guard descriptor >= 0 else { throw SessionError(number: errno, path: path) }
    var failure = writeAll(data, to: descriptor)
    // Devices and pipes cannot be synchronised; that is no failure.
    if failure == 0, fsync(descriptor) != 0, errno != EINVAL, errno != ENOTSUP { failure = errno }
    if close(descriptor) != 0, failure == 0, errno != EINTR { failure = errno }
    if failure != 0 { throw SessionError(number: failure, path: path) }
  }

  /// Writes every byte; returns 0 or the system's error number.
  private static func writeAll(_ data: Data, to descriptor: Int32) -> Int32 {
    data.withUnsafeBytes { bytes in
      var done = 0
      while done < bytes.count {
        let rest = UnsafeRawBufferPointer(rebasing: bytes[done...])
        let count = unistdWrite(descriptor, rest.baseAddress, rest.count)
        if count > 0 {
          done += count
        } else if errno != EINTR {
          return errno
        }
      }
      return 0
    }
  }

  /// Makes the new name survive a power cut, as far as the file system can.
  private static func synchronize(folder: String) {
    let descriptor = open(folder, O_RDONLY | O_CLOEXEC)
    guard descriptor >= 0 else { return }
    fsync(descriptor)
    close(descriptor)
  }
}

/// The system's `write`, which has the name of the functions above.
private func unistdWrite(_ descriptor: Int32, _ bytes: UnsafeRawPointer?, _ count: Int) -> Int {
  write(descriptor, bytes, count)
}
