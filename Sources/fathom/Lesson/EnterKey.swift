import Files
import Foundation

/// Enter, as a person presses it where there is no screen.
enum EnterKey {
  /// Waits for a line on the standard input; at once where no more come.
  static func wait(prompting: Bool) {
    if prompting { try? StandardStreams.write("[Enter] ") }
    _ = readLine()
  }
}
