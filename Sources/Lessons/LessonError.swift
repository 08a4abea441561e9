/// Something is wrong with a lesson: what, where, and what to do.
package struct LessonError: Error, Hashable, Sendable, CustomStringConvertible {
  /// What is wrong.
  package enum Code: String, Hashable, Sendable {
    /// There is no lesson of this number.
    case unknown
    /// The lesson's file, or its recording, is not where it should be, or cannot be read.
    case missing
    /// A line of the lesson is none that a lesson can have.
    case line
    /// The recording does not hold what the lesson says of it.
    case claim
  }

  /// What is wrong.
  package var code: Code
  /// The file, the line or the figure.
  package var place: String
  /// What a person reads.
  package var reason: String

  /// An error with these properties.
  package init(_ code: Code, at place: String, _ reason: String) {
    self.code = code
    self.place = place
    self.reason = reason
  }

  /// What a person reads.
  package var description: String { place.isEmpty ? reason : "\(place): \(reason)" }
}
