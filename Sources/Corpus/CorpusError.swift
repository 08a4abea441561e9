import Files

/// Why a text or a file of rows cannot be used: what, where, and what to do about it.
package struct CorpusError: Error, Hashable, Sendable, CustomStringConvertible {
  /// What kind of trouble it is.
  package enum Code: String, Hashable, Sendable {
    /// A file that is missing or cannot be read or unpacked.
    case unreadable
    /// A file no row of which can be used, or that is no text.
    case unusable
    /// A row without what is needed.
    case badRow
    /// A text with too few tokens for one window.
    case tooShort
    /// A window of a length that cannot be.
    case badLength
  }

  /// What kind of trouble it is.
  package let code: Code
  /// The file, with the line where there is one; empty where there is no file.
  package let place: String
  /// What is wrong and what to do.
  package let message: String

  /// An error at `place`.
  package init(_ code: Code, place: String = "", _ message: String) {
    self.code = code
    self.place = place
    self.message = message
  }

  /// What an error about a file means for a text.
  init(_ error: FileError) {
    self.init(.unreadable, place: error.path, "\(error.reason). \(error.remedy).")
  }

  package var description: String { place.isEmpty ? message : "\(place): \(message)" }
}
