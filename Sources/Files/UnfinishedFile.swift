import Foundation

#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#else
  import Darwin
#endif

/// A file on its way: it has a name of its own until it is whole.
///
/// While it is written it is locked. One without a lock was left by a program that was killed, and the next
/// file that is written into the folder takes it away.
struct UnfinishedFile {
  private static let (prefix, suffix) = (".fathom-", ".part")

  private let path: String
  let sink: FileSink

  /// A new file in `folder`, of which errors speak as of `destination`.
  init(in folder: String, mode: UInt32, for destination: String) throws(FileError) {
    path = folder + "/" + Self.prefix + UUID().uuidString + Self.suffix
    let descriptor = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, mode_t(mode))
    guard descriptor >= 0 else {
      throw FileError(number: errno, .writing, path: destination)
    }
    flock(descriptor, LOCK_EX | LOCK_NB)
    sink = FileSink(descriptor: descriptor, path: destination)
  }

  /// Gives the file its name once its contents are on the disk.
  func finish(
    as target: String, replaces: Bool, error: (Int32) -> FileError
  ) throws(FileError) {
    guard fsync(sink.descriptor) == 0 || errno == EINVAL || errno == ENOTSUP else {
      throw error(errno)
    }
    guard Self.move(path, to: target, replaces: replaces) == 0 else { throw error(errno) }
    close(sink.descriptor)
    Self.synchronize(OutputFile.folder(of: path))
  }

  /// Takes the file away.
  func abandon() {
    unlink(path)
    close(sink.descriptor)
  }

  /// Takes away what programs that were killed have left in `folder`.
  static func removeAbandoned(in folder: String) {
    let names = (try? FileManager.default.contentsOfDirectory(atPath: folder)) ?? []
    for name in names where name.hasPrefix(prefix) && name.hasSuffix(suffix) {
      let path = folder + "/" + name
      let descriptor = open(path, O_WRONLY | O_NONBLOCK | O_NOFOLLOW | O_CLOEXEC)
      guard descriptor >= 0 else { continue }
      defer { close(descriptor) }
      var status = stat()
      // One that was made a moment ago may not have its lock yet.
      guard fstat(descriptor, &status) == 0, status.age > 60,
        flock(descriptor, LOCK_EX | LOCK_NB) == 0
      else { continue }
      unlink(path)
    }
  }

  /// Moves a file; where it may not replace another, a name that came up meanwhile is an error.
  private static func move(_ path: String, to target: String, replaces: Bool) -> Int32 {
    if replaces { return rename(path, target) }
    if link(path, target) == 0 {
      unlink(path)
      return 0
    }
    // Some file systems have no hard links.
    guard errno != EEXIST, FileIdentity(path: target) == nil else {
      errno = EEXIST
      return -1
    }
    return rename(path, target)
  }

  /// Makes the new name survive a power cut, as far as the file system can.
  private static func synchronize(_ folder: String) {
    let descriptor = open(folder, O_RDONLY | O_CLOEXEC)
    guard descriptor >= 0 else { return }
    fsync(descriptor)
    close(descriptor)
  }
}

extension stat {
  /// Seconds since it was last written to.
  fileprivate var age: Int {
    #if canImport(Darwin)
      time(nil) - st_mtimespec.tv_sec
    #else
      time(nil) - st_mtim.tv_sec
    #endif
  }
}
