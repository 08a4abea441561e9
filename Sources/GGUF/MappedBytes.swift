#if canImport(Darwin)
  import Darwin
#elseif canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#endif

/// Bytes that never change: a file mapped read-only, or an aligned copy of an array.
///
/// Sharing them between threads is safe because nothing can write to them and they are released only with
/// the last reference. Where another program shortens the file while it is mapped, ``CutFile`` ends this one.
final class MappedBytes: @unchecked Sendable {
  /// The bytes; valid as long as this object.
  let buffer: UnsafeRawBufferPointer
  private let isMapped: Bool

  /// Maps the file at `path`. An empty file gives an empty buffer.
  init(path: String) throws(GGUFError) {
    // Without O_NONBLOCK the opening of a named pipe would wait for a writer.
    let descriptor = open(path, O_RDONLY | O_NONBLOCK | O_CLOEXEC)
    guard descriptor >= 0 else { throw Self.openingFailed(path, errno) }
    defer { close(descriptor) }
    var status = stat()
    guard fstat(descriptor, &status) == 0 else { throw Self.openingFailed(path, errno) }
    guard status.st_mode & S_IFMT == S_IFREG else {
      throw GGUFError(
        .cannotOpen, path: path, message: "this is not a plain file. Give the path of a .gguf file."
      )
    }
    let count = Int(status.st_size)
    isMapped = count > 0
    guard isMapped else {
      buffer = UnsafeRawBufferPointer(start: nil, count: 0)
      return
    }
    guard let start = mmap(nil, count, PROT_READ, MAP_PRIVATE, descriptor, 0), start != MAP_FAILED
    else { throw Self.openingFailed(path, errno) }
    buffer = UnsafeRawBufferPointer(start: start, count: count)
    _ = CutFile.isAnswered
  }

  /// Copies `bytes` to memory aligned to 64 bytes, as a mapped file is at least.
  init(copying bytes: [UInt8]) {
    let copy = UnsafeMutableRawBufferPointer.allocate(byteCount: bytes.count, alignment: 64)
    copy.copyBytes(from: bytes)
    buffer = UnsafeRawBufferPointer(copy)
    isMapped = false
  }

  deinit {
    if isMapped {
      munmap(UnsafeMutableRawPointer(mutating: buffer.baseAddress), buffer.count)
    } else {
      buffer.deallocate()
    }
  }

  /// Gives the pages of a mapped file back to the system; they are read again when touched.
  func releasePages() {
    guard isMapped else { return }
    _ = madvise(
      UnsafeMutableRawPointer(mutating: buffer.baseAddress), buffer.count, MADV_DONTNEED)
  }

  private static func openingFailed(_ path: String, _ number: Int32) -> GGUFError {
    let reason = String(cString: strerror(number))
    guard number == ENOENT || number == ENOTDIR else {
      return GGUFError(
        .cannotOpen, path: path, message: "cannot open: \(reason). Check the file's permissions.")
    }
    return GGUFError(.missingFile, path: path, message: "there is no such file. Check the path.")
  }
}
