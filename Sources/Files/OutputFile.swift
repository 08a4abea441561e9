package import Foundation

#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#else
  import Darwin
#endif

/// A file that is written whole or not at all: who reads it sees the old contents or the new.
///
/// The new contents go to a file beside it, reach the disk, and then take its name; on any failure the
/// older file is intact. A link is followed, the permissions of an older file are kept, and what is no
/// regular file (a pipe, a terminal), or is the standard output already (also `-`), is written to as it is.
/// A pipe is waited for until somebody reads it. What is read is never written over, and what is there already is replaced only where that was asked for.
package struct OutputFile: Hashable, Sendable {
  /// Where it lies.
  package let path: String
  /// The files that are read for it.
  package var inputs: [String]
  /// Whether a file that is there already is replaced.
  package var replaces: Bool
  /// Whether a file is replaced that a link leads to: who gives a report a link wants what is behind it to be
  /// the newest.
  package var renewsLinked: Bool
  /// The permissions of a new file, before the person's own mask.
  package var mode: UInt32
  /// What to do where a file is there already, without a full stop.
  package var wayToReplace: String

  /// A file at `path`, made of what `inputs` hold.
  package init(
    _ path: String, inputs: [String] = [], replaces: Bool = false, renewsLinked: Bool = false,
    mode: UInt32 = 0o666,
    wayToReplace: String = "Name another file, or give --force to replace it"
  ) {
    (self.path, self.inputs, self.mode) = (path, inputs, mode)
    (self.replaces, self.renewsLinked) = (replaces, renewsLinked)
    self.wayToReplace = wayToReplace
  }

  /// Throws where the file could not be written, so that no work is done in vain.
  package func check() throws(FileError) {
    guard try existing() == nil, path != "-" else { return }
    let folder = Self.folder(of: try target())
    guard let found = FileIdentity(path: folder) else { throw failure(errno) }
    guard found.kind == .folder else { throw failure(ENOTDIR) }
    guard access(folder, W_OK | X_OK) == 0 else { throw failure(errno) }
  }

  /// Writes `data`.
  package func write(_ data: Data) throws(FileError) {
    try write { sink throws(FileError) in try sink.write(data) }
  }

  /// Writes what `body` gives to the sink.
  package func write(_ body: (FileSink) throws(FileError) -> Void) throws(FileError) {
    let old = try existing()
    if path == "-" || old?.isStandardOutput == true {
      return try body(StandardStreams.output)
    }
    if let old, old.kind != .file { return try writeThrough(body) }
    let target = try target()
    let folder = Self.folder(of: target)
    UnfinishedFile.removeAbandoned(in: folder)
    let unfinished = try UnfinishedFile(in: folder, mode: old?.mode ?? mode, for: path)
    do throws(FileError) {
      if let old { fchmod(unfinished.sink.descriptor, mode_t(old.mode)) }
      try body(unfinished.sink)
      try unfinished.finish(as: target, replaces: mayReplace, error: failure)
    } catch {
      unfinished.abandon()
      throw error
    }
  }

  /// What is at the path; throws where it may not be written.
  private func existing() throws(FileError) -> FileIdentity? {
    let found = path == "-" ? FileIdentity(descriptor: STDOUT_FILENO) : FileIdentity(path: path)
    guard let old = found else { return nil }
    if old.kind == .folder { throw failure(EISDIR) }
    for input in inputs { try old.check(isNot: input, at: path) }
    if old.isStandardOutput { return old }
    if !mayReplace, old.kind == .file || old.kind == .blockDevice { throw failure(EEXIST) }
    return old
  }

  private var mayReplace: Bool {
    let manager = FileManager.default
    return replaces || renewsLinked && (try? manager.destinationOfSymbolicLink(atPath: path)) != nil
  }

  /// The path without links at its end; they may lead to a file that is not there yet.
  private func target() throws(FileError) -> String {
    var target = path
    for _ in 0..<40 {
      guard let next = try? FileManager.default.destinationOfSymbolicLink(atPath: target) else {
        return target
      }
      target = next.hasPrefix("/") ? next : Self.folder(of: target) + "/" + next
    }
    throw failure(ELOOP)
  }

  private func writeThrough(_ body: (FileSink) throws(FileError) -> Void) throws(FileError) {
    let descriptor = open(path, O_WRONLY | O_NOCTTY | O_CLOEXEC)
    guard descriptor >= 0 else { throw failure(errno) }
    defer { close(descriptor) }
    try body(FileSink(descriptor: descriptor, path: path))
  }

  private func failure(_ number: Int32) -> FileError {
    guard number == EEXIST else { return FileError(number: number, .writing, path: path) }
    return FileError(
      .exists, .writing, path: path, reason: "there is something already", remedy: wayToReplace)
  }

  /// The folder that a file of this path lies in.
  static func folder(of path: String) -> String {
    guard let end = path.lastIndex(of: "/") else { return "." }
    return end == path.startIndex ? "/" : String(path[..<end])
  }
}
