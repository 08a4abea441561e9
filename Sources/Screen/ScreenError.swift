/// What can go wrong between a person and the screen.
package struct ScreenError: Error, Hashable, CustomStringConvertible {
  /// The kind of trouble.
  package enum Code: Hashable, Sendable {
    /// No such slash command.
    case unknownCommand
    /// A slash command with an argument it cannot take.
    case badArgument
    /// A theme that cannot be found or read.
    case theme
    /// A terminal that cannot be opened.
    case terminal
  }

  /// The kind of trouble.
  package var code: Code
  /// Where: the command, or the theme's file and key.
  package var place: String
  /// What is wrong and what to do.
  package var message: String

  /// Trouble at `place`.
  package init(_ code: Code, at place: String, _ message: String) {
    self.code = code
    self.place = place
    self.message = message
  }

  /// What a person reads.
  package var description: String { place.isEmpty ? message : "\(place): \(message)" }
}
