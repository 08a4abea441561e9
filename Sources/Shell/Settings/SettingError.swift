/// A setting of a file or a variable that makes no sense.
package struct SettingError: Error, Hashable, Sendable, CustomStringConvertible {
  /// The file and the line, or the variable.
  package var place: String
  /// What is wrong with it and what to do, in sentences.
  package var message: String

  /// An error at this place.
  package init(at place: String, _ message: String) {
    (self.place, self.message) = (place, message)
  }

  /// What a person reads.
  package var description: String { "\(place): \(message)" }
}
