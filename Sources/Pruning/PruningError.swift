/// Why blocks cannot be searched for, left out or written away: what, where, and what to do.
package struct PruningError: Error, Hashable, Sendable, CustomStringConvertible {
  /// What kind of trouble it is.
  package enum Code: String, Hashable, Sendable {
    /// The calibration text is empty or too short.
    case tooShort
    /// The manifest is not one, or contradicts itself.
    case badManifest
    /// The manifest was made for another model, or a file for other settings.
    case otherModel
    /// More blocks than can go.
    case tooMany
    /// An argument that does not fit the model.
    case badArgument
    /// A file that is not there or cannot be read.
    case cannotRead
    /// The model cannot be written in that form.
    case unsupported
  }

  /// What kind of trouble it is.
  package let code: Code
  /// The file, the line or the key.
  package let place: String
  /// What is wrong and what to do.
  package let message: String

  /// An error at `place`.
  package init(_ code: Code, place: String, _ message: String) {
    self.code = code
    self.place = place
    self.message = message
  }

  package var description: String { place.isEmpty ? message : "\(place): \(message)" }
}
