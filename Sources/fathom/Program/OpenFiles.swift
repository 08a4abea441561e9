import ArgumentParser
import Foundation

/// How many files the program may have open.
enum OpenFiles {
  /// The runtime, the database and the model together; a program with fewer may crash anywhere.
  private static let needed: rlim_t = 32
  /// More than any command opens.
  private static let wanted: rlim_t = 1024

  /// Raises the limit as far as that is allowed and useful; throws where too little is left.
  static func raiseLimit() throws {
    var limit = rlimit()
    guard getrlimit(kind, &limit) == 0, limit.rlim_cur < wanted else { return }
    limit.rlim_cur = min(limit.rlim_max, wanted)
    _ = setrlimit(kind, &limit)
    guard limit.rlim_cur < needed else { return }
    printError(
      "fathom: this shell allows \(limit.rlim_cur) open files, and \(needed) are needed. Raise the limit: "
        + "ulimit -n 1024")
    throw ExitCode.lacking
  }

  #if canImport(Glibc)
    private static let kind = __rlimit_resource_t(RLIMIT_NOFILE.rawValue)
  #else
    private static let kind = RLIMIT_NOFILE
  #endif
}
