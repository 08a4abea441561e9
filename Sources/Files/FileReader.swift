package import Foundation

#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#else
  import Darwin
#endif

/// Reads files, pipes and the standard input to their end.
package enum FileReader {
  /// The contents of the file at `path`, which may be a pipe; of the standard input for `-`. What holds more
  /// than `limit` bytes is refused.
  package static func contents(of path: String, limit: Int = .max) throws(FileError) -> Data {
    if path == "-" { return try StandardStreams.readAll() }
    let descriptor = open(path, O_RDONLY | O_NOCTTY | O_CLOEXEC)
    guard descriptor >= 0 else { throw FileError(number: errno, .reading, path: path) }
    defer { close(descriptor) }
    return try readAll(descriptor: descriptor, path: path, limit: limit)
  }

  /// The bytes of the file at `path`; 0 for what is no regular file. Throws where it cannot be read.
  package static func size(of path: String) throws(FileError) -> Int {
    let descriptor = open(path, O_RDONLY | O_NONBLOCK | O_NOCTTY | O_CLOEXEC)
    guard descriptor >= 0 else { throw FileError(number: errno, .reading, path: path) }
    defer { close(descriptor) }
    var status = stat()
    guard fstat(descriptor, &status) == 0 else {
      throw FileError(number: errno, .reading, path: path)
    }
    return status.st_mode & S_IFMT == S_IFREG ? Int(status.st_size) : 0
  }

  /// All that can be read from `descriptor`, which errors call `path`.
  static func readAll(
    descriptor: Int32, path: String, limit: Int = .max
  ) throws(FileError) -> Data {
    var data = Data()
    try pieces(of: descriptor, path: path) { piece throws(FileError) in
      data.append(contentsOf: piece)
      guard data.count <= limit else {
        throw FileError(
          .system, .reading, path: path, reason: "it holds more than \(limit) bytes",
          remedy: "Name a smaller file")
      }
    }
    return data
  }

  /// Hands on what comes from `descriptor`, as it comes, to its end.
  static func pieces(
    of descriptor: Int32, path: String, take: (ArraySlice<UInt8>) throws(FileError) -> Void
  ) throws(FileError) {
    var piece = [UInt8](repeating: 0, count: 1 << 16)
    while true {
      let count = piece.withUnsafeMutableBytes { read(descriptor, $0.baseAddress, $0.count) }
      if count == 0 { return }
      if count > 0 {
        try take(piece[..<count])
      } else if errno == EAGAIN {
        var request = pollfd(fd: descriptor, events: Int16(POLLIN), revents: 0)
        poll(&request, 1, -1)
      } else if errno != EINTR {
        throw FileError(number: errno, .reading, path: path)
      }
    }
  }
}
