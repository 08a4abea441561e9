import Files
import Foundation

/// Contents that are coming, in a file that a later pull goes on with.
///
/// Its name is the SHA-256 of what it will hold, so what is there belongs to no other contents.
struct UnfinishedBlob {
  /// Where it lies.
  let path: String
  private let handle: FileHandle
  private let file: HubFile
  /// The digest of what is there.
  private(set) var digest = FileDigest()

  /// Bytes that are there.
  var count: Int { digest.byteCount }
  /// Whether all is there.
  var isWhole: Bool { count == file.sizeBytes }
  /// Whether what is there is what should be.
  var isRight: Bool { isWhole && digest.hexadecimal == file.sha256 }

  /// Opens what an earlier pull left of `file` at `path`, or begins. What is there is read, and `progress` gets
  /// the bytes read so far.
  init(_ file: HubFile, path: String, progress: (Int) -> Void) throws {
    (self.file, self.path) = (file, path)
    let descriptor = open(path, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0o666)
    guard descriptor >= 0 else { throw FileError(number: errno, .writing, path: path) }
    handle = FileHandle(fileDescriptor: descriptor, closeOnDealloc: true)
    if try handle.seekToEnd() > UInt64(file.sizeBytes) { try handle.truncate(atOffset: 0) }
    try handle.seek(toOffset: 0)
    while let piece = try handle.read(upToCount: 1 << 20), !piece.isEmpty {
      try Task.checkCancellation()
      piece.withUnsafeBytes { digest.add($0) }
      progress(count)
    }
  }

  /// Adds bytes at the end.
  mutating func add(_ bytes: UnsafeRawBufferPointer) throws(FileError) {
    do { try handle.write(contentsOf: Data(bytes)) } catch {
      // Half a piece may have been written; what the digest does not know must not stay.
      try? handle.truncate(atOffset: UInt64(count))
      throw FileError(error, .writing, path: path)
    }
    digest.add(bytes)
  }

  /// Throws away what is there.
  mutating func restart() throws {
    try handle.truncate(atOffset: 0)
    try handle.seek(toOffset: 0)
    digest = FileDigest()
  }

  /// Gives the contents their name, once they are on the disk.
  func finish(as destination: String) throws {
    try handle.synchronize()
    guard rename(path, destination) == 0 else {
      throw FileError(number: errno, .writing, path: destination)
    }
  }

  /// Takes the file away.
  func remove() { unlink(path) }
}
