import Synchronization

/// The command line that this run comes to, with what variables and the config file add, for those who write down
/// how something was made.
enum CommandLineText {
  private static let kept = Mutex("fathom")

  /// The line.
  static var value: String { kept.withLock { $0 } }

  /// Keeps what stands behind the program's name.
  static func keep(_ arguments: [String]) {
    kept.withLock { $0 = (["fathom"] + arguments).joined(separator: " ") }
  }
}
