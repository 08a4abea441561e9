#if canImport(Darwin)
  import Darwin
#elseif canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#endif

/// What happens when a file is cut short, or its disk goes away, while it is mapped: the system sends SIGBUS to
/// whoever touches what is gone. There is nothing to go on with, so the program says so and ends.
enum CutFile {
  /// What a person reads.
  private static let message: StaticString =
    """

    fathom: a model's file was cut short, or could not be read any more, while it was in use. \
    Put the file back and start again.

    """

  /// As sysexits.h has it: an error while reading or writing.
  private static let exitCode: Int32 = 74

  /// Answers SIGBUS from the first mapping on, in the place of the runtime's own report. Who does so later, as a
  /// screen that has to be cleaned up, comes first.
  static let isAnswered: Bool = {
    // In a signal handler only the plainest calls are allowed.
    _ = signal(SIGBUS) { _ in
      _ = write(STDERR_FILENO, CutFile.message.utf8Start, CutFile.message.utf8CodeUnitCount)
      _exit(CutFile.exitCode)
    }
    return true
  }()
}
