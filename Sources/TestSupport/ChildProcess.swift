import Foundation

/// A program that runs beside the tests, until it is waited for.
///
/// Foundation's `Process` on Linux learns that a program ended when the last copy of a descriptor is
/// closed. A program that leaves another one running, as tmux leaves its server, takes the copy along
/// and is waited for in vain.
package struct ChildProcess: Sendable {
  private let id: pid_t

  /// Starts the program at `path`. `files` are its standard input, output and error output; it
  /// starts with no signal blocked or ignored.
  package init(
    _ path: String, _ arguments: [String], environment: [String: String], files: [String]
  ) throws {
    var actions = Self.noActions
    posix_spawn_file_actions_init(&actions)
    defer { posix_spawn_file_actions_destroy(&actions) }
    for (descriptor, file) in files.enumerated() {
      posix_spawn_file_actions_addopen(
        &actions, Int32(descriptor), file, descriptor == 0 ? O_RDONLY : O_WRONLY, 0)
    }
    var attributes = Self.noAttributes
    posix_spawnattr_init(&attributes)
    defer { posix_spawnattr_destroy(&attributes) }
    var none = sigset_t()
    sigemptyset(&none)
    var all = sigset_t()
    sigfillset(&all)
    posix_spawnattr_setsigmask(&attributes, &none)
    posix_spawnattr_setsigdefault(&attributes, &all)
    posix_spawnattr_setflags(
      &attributes, Int16(POSIX_SPAWN_SETSIGMASK) | Int16(POSIX_SPAWN_SETSIGDEF))
    let words = ([path] + arguments).map { strdup($0) }
    let variables = environment.map { strdup("\($0.key)=\($0.value)") }
    defer { for text in words + variables { free(text) } }
    var id = pid_t()
    let code = posix_spawn(&id, path, &actions, &attributes, words + [nil], variables + [nil])
    guard code == 0 else { throw Self.failure(code, path) }
    self.id = id
  }

  /// Sends it a signal.
  package func send(_ signal: Int32) { kill(id, signal) }

  /// Returns the exit code when the program has ended; 128 and the signal's number after a signal.
  package func wait() throws -> Int32 {
    var status: Int32 = 0
    while waitpid(id, &status, 0) < 0 {
      guard errno == EINTR else { throw Self.failure(errno, "process \(id)") }
    }
    let signal = status & 0x7F
    return signal == 0 ? status >> 8 & 0xFF : 128 + signal
  }

  private static func failure(_ code: Int32, _ place: String) -> CocoaError {
    CocoaError(
      .executableNotLoadable,
      userInfo: [NSLocalizedDescriptionKey: "\(place): \(String(cString: strerror(code)))"])
  }

  #if canImport(Darwin)
    private static var noActions: posix_spawn_file_actions_t? { nil }
    private static var noAttributes: posix_spawnattr_t? { nil }
  #else
    private static var noActions: posix_spawn_file_actions_t { posix_spawn_file_actions_t() }
    private static var noAttributes: posix_spawnattr_t { posix_spawnattr_t() }
  #endif
}
