import Foundation

/// What the screen may be drawn on, as environment and streams say.
package enum Surface {
  /// Whether to write lines of text instead of a screen: standard input or output is no terminal, the
  /// terminal can do nothing else, or a person asks for it with `ACCESSIBLE`.
  package static func isPlain(environment: [String: String]) -> Bool {
    if isatty(STDIN_FILENO) == 0 || isatty(STDOUT_FILENO) == 0 { return true }
    return prefersPlain(environment: environment)
  }

  /// Whether the environment alone asks for lines of text.
  package static func prefersPlain(environment: [String: String]) -> Bool {
    environment["TERM"] == "dumb" || environment["ACCESSIBLE"].map { !$0.isEmpty } ?? false
  }

  /// Whether colours may be used: not when `NO_COLOR` is set to anything.
  package static func usesColor(environment: [String: String]) -> Bool {
    environment["NO_COLOR"].map(\.isEmpty) ?? true
  }
}
