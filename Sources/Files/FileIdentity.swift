#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#else
  import Darwin
#endif

/// Which file a path means, however it is spelled: links are followed, and hard links are the same file.
package struct FileIdentity: Hashable, Sendable {
  /// What is there.
  package enum Kind: Hashable, Sendable {
    case file
    case folder
    case pipe
    /// A terminal, `/dev/null` and their like.
    case characterDevice
    case blockDevice
    case socket
  }

  private let device: UInt64
  private let inode: UInt64
  /// What is there.
  package let kind: Kind
  /// Who may do what with it, as `chmod` counts.
  package let mode: UInt32

  /// What is at `path`; nil where there is nothing, or it cannot be seen.
  package init?(path: String) {
    var status = stat()
    guard stat(path, &status) == 0 else { return nil }
    self.init(status)
  }

  /// What is open as `descriptor`; nil where it is closed.
  package init?(descriptor: Int32) {
    var status = stat()
    guard fstat(descriptor, &status) == 0 else { return nil }
    self.init(status)
  }

  private init(_ status: stat) {
    device = UInt64(truncatingIfNeeded: status.st_dev)
    inode = UInt64(truncatingIfNeeded: status.st_ino)
    mode = UInt32(status.st_mode & 0o7777)
    kind =
      switch status.st_mode & S_IFMT {
      case S_IFDIR: .folder
      case S_IFIFO: .pipe
      case S_IFCHR: .characterDevice
      case S_IFBLK: .blockDevice
      case S_IFSOCK: .socket
      default: .file
      }
  }

  /// Whether this is what the standard output goes to.
  var isStandardOutput: Bool {
    guard let output = FileIdentity(descriptor: STDOUT_FILENO) else { return false }
    return device == output.device && inode == output.inode
  }

  /// Whether writing to the other one changes what is read from this one. What comes out of a terminal or
  /// `/dev/null` is not what went in.
  func sharesContents(with other: FileIdentity) -> Bool {
    kind != .characterDevice && device == other.device && inode == other.inode
  }

  /// Throws where this, which is to be written as `path`, is what is read from `input`.
  func check(isNot input: String, at path: String) throws(FileError) {
    guard FileIdentity(path: input)?.sharesContents(with: self) == true else { return }
    throw FileError(
      .isInput, .writing, path: path, reason: "this is \(input) itself, which is read",
      remedy: "Name another file")
  }
}
