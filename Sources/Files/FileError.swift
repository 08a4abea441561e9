import Foundation

#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#else
  import Darwin
#endif

/// Something about a file: what happened, to which one, and what to do.
package struct FileError: Error, Hashable, Sendable, CustomStringConvertible {
  /// What kind of trouble it is.
  package enum Code: String, Hashable, Sendable {
    /// There is no such file, or no such folder for it.
    case missing
    /// The disk or the quota is full.
    case full
    /// The file or its folder may not be written or read.
    case denied
    /// The path is no place for a file: a folder, or below something that is not a folder.
    case place
    /// A file is there already, and nobody asked to replace it.
    case exists
    /// What would be written is what is read.
    case isInput
    /// Nobody reads what is written.
    case noReader
    /// Anything else that the system says.
    case system
  }

  /// Whether the file was to be read or written.
  package enum Access: Hashable, Sendable {
    case reading
    case writing
  }

  /// What kind of trouble it is.
  package var code: Code
  /// What was tried.
  package var access: Access
  /// The file, or the name of a standard stream.
  package var path: String
  /// What happened, without a full stop.
  package var reason: String
  /// What to do, without a full stop.
  package var remedy: String

  /// An error about the file at `path`.
  package init(_ code: Code, _ access: Access, path: String, reason: String, remedy: String) {
    (self.code, self.access, self.path) = (code, access, path)
    (self.reason, self.remedy) = (reason, remedy)
  }

  /// What the system's error number means for the file at `path`.
  package init(number: Int32, _ access: Access, path: String) {
    let isWriting = access == .writing
    let (code, remedy): (Code, String) =
      switch number {
      case ENOSPC, EDQUOT:
        (.full, "Free some space or name a file on another disk; an older file is still as it was")
      case EACCES, EPERM, EROFS:
        (
          .denied,
          isWriting ? "Name a file in a folder that you may write to" : "Check its permissions"
        )
      case EBADF: (.system, "It is closed: give it a terminal, a file or a pipe")
      case EISDIR, ENOTDIR: (.place, "Name a file, not a folder")
      case ENOENT:
        (.missing, isWriting ? "Check the path and that its folder exists" : "Check the path")
      case EPIPE, ENXIO: (.noReader, "Start what reads it first")
      case EMFILE, ENFILE: (.system, "Close other programs, or raise the limit (ulimit -n)")
      default: (.system, isWriting ? "Name another file" : "Check the disk, or name another file")
      }
    let reason =
      code == .noReader && isWriting ? "nobody reads from it" : String(cString: strerror(number))
    self.init(code, access, path: path, reason: reason, remedy: remedy)
  }

  /// What an error of Foundation's file functions means for the file or folder at `path`.
  package init(_ error: any Error, _ access: Access, path: String) {
    if let error = error as? FileError {
      self = error
    } else if let number = error.systemNumber {
      self.init(number: number, access, path: path)
    } else {
      self.init(
        .system, access, path: path, reason: error.systemReason, remedy: "Try another file")
    }
  }

  /// Whether who reads the standard output has left.
  package var isReaderGone: Bool { code == .noReader && path == StandardStreams.outputName }

  /// What a person reads.
  package var description: String { "\(path): \(reason). \(remedy)." }
}
