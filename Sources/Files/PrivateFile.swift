import Foundation

#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#else
  import Darwin
#endif

/// Files and folders for what is for one person's eyes only.
package enum PrivateFolder {
  /// Makes the folder of the file at `path`, and those above it, for this person only.
  package static func make(of path: String) throws(FileError) {
    let folder = URL(filePath: path).deletingLastPathComponent()
    do {
      try FileManager.default.createDirectory(
        at: folder, withIntermediateDirectories: true, attributes: [.posixPermissions: 0o700])
    } catch {
      throw FileError(error, .writing, path: folder.path)
    }
  }
}

/// A file that others may neither read nor write, whoever opens it later.
package enum PrivateFile {
  /// Makes the file at `path` where there is none, with its folder, and takes it away from others where an
  /// older program let them read it.
  package static func make(_ path: String) throws(FileError) {
    try PrivateFolder.make(of: path)
    let descriptor = open(path, O_RDONLY | O_CREAT | O_NONBLOCK | O_CLOEXEC, 0o600)
    // What may be written and not read, or belongs to another, is for those who open it to say.
    guard descriptor >= 0 else { return }
    defer { close(descriptor) }
    guard let file = FileIdentity(descriptor: descriptor), file.kind == .file else { return }
    if file.mode & 0o077 != 0 { fchmod(descriptor, mode_t(file.mode & 0o700)) }
  }
}
