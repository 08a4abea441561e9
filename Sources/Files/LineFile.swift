package import Foundation

#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#else
  import Darwin
#endif

/// A file that grows by a line at a time, so that what was interrupted goes on from there.
package struct LineFile: Hashable, Sendable {
  /// Where it lies.
  package let path: String
  /// The files that are read for it.
  package let inputs: [String]
  /// The permissions of a new file, before the person's own mask.
  package let mode: UInt32

  /// The file at `path`, which need not exist, made of what `inputs` hold.
  package init(_ path: String, inputs: [String] = [], mode: UInt32 = 0o666) {
    (self.path, self.inputs, self.mode) = (path, inputs, mode)
  }

  /// Throws where no line can be added, so that no work is done in vain. Makes the file where there is none.
  package func check() throws(FileError) { close(try open()) }

  /// Adds a line, given without its line break, in one write. Behind a line that was cut off, as by a power
  /// cut, it begins a new one.
  package func append(_ line: Data) throws(FileError) {
    let descriptor = try open()
    defer { close(descriptor) }
    let end = Data([Self.lineBreak])
    let sink = FileSink(descriptor: descriptor, path: path)
    try sink.write((Self.isTorn(descriptor) ? end : Data()) + line + end)
  }

  private static let lineBreak = UInt8(ascii: "\n")

  private func open() throws(FileError) -> Int32 {
    let descriptor = openToAppend(path, mode)
    guard descriptor >= 0 else { throw FileError(number: errno, .writing, path: path) }
    do throws(FileError) {
      guard let found = FileIdentity(descriptor: descriptor), found.kind == .file else {
        throw FileError(
          .place, .writing, path: path, reason: "this is no file that can grow",
          remedy: "Name a file")
      }
      for input in inputs { try found.check(isNot: input, at: path) }
    } catch {
      close(descriptor)
      throw error
    }
    return descriptor
  }

  private static func isTorn(_ descriptor: Int32) -> Bool {
    let length = lseek(descriptor, 0, SEEK_END)
    var last = lineBreak
    return length > 0 && pread(descriptor, &last, 1, length - 1) == 1 && last != lineBreak
  }
}

/// The system's `open`, which has the name of a function above.
private func openToAppend(_ path: String, _ mode: UInt32) -> Int32 {
  open(path, O_RDWR | O_CREAT | O_APPEND | O_NONBLOCK | O_CLOEXEC, mode_t(mode))
}
