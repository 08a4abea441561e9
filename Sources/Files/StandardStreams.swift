package import Foundation

#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#else
  import Darwin
#endif

/// The standard streams: what is written there arrives, or that is an error; nothing crashes.
package enum StandardStreams {
  /// Before anything else is opened: a stream that is closed gets something that can be neither read nor
  /// written, so that no file takes its number, and a reader that left is an error and no signal.
  package static func prepare() {
    signal(SIGPIPE, SIG_IGN)
    for descriptor in STDIN_FILENO...STDERR_FILENO where fcntl(descriptor, F_GETFD) < 0 {
      // The lowest number that is free is this one.
      _ = open("/dev/null", descriptor == STDIN_FILENO ? O_WRONLY : O_RDONLY)
    }
  }

  /// Writes text to the standard output.
  package static func write(_ text: String) throws(FileError) { try write(Data(text.utf8)) }

  /// Writes bytes to the standard output.
  package static func write(_ data: Data) throws(FileError) {
    do throws(FileError) {
      try output.write(data)
    } catch {
      var error = error
      if error.code == .full { error.remedy = "Free some space" }
      if error.code == .system { error.remedy = "Give it a terminal, a file or a pipe" }
      throw error
    }
  }

  /// Writes text to the error output, as far as that is possible.
  package static func writeError(_ text: String) {
    try? FileSink(descriptor: STDERR_FILENO, path: "error output", patience: .seconds(1))
      .write(Data(text.utf8))
  }

  /// All that comes in on the standard input, to its end.
  package static func readAll() throws(FileError) -> Data {
    try FileReader.readAll(descriptor: STDIN_FILENO, path: inputName)
  }

  /// Hands on what comes in on the standard input, as it comes.
  package static func read(
    _ take: (ArraySlice<UInt8>) throws(FileError) -> Void
  ) throws(FileError) {
    try FileReader.pieces(of: STDIN_FILENO, path: inputName, take: take)
  }

  static let output = FileSink(descriptor: STDOUT_FILENO, path: outputName)
  static let outputName = "standard output"
  private static let inputName = "standard input"
}
