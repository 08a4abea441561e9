/// Something about a kept file: what happened, to which file, and what to do.
package struct SessionError: Error, Hashable, Sendable, CustomStringConvertible {
  /// What kind of trouble it is.
  package enum Code: String, Hashable, Sendable {
    /// There is no such file or session.
    case missing
    /// The name fits several sessions.
    case ambiguous
    /// The contents are not what the file should hold.
    case corrupt
    /// A newer program wrote it.
    case newer
    /// The disk or the quota is full.
    case full
    /// The file or its folder may not be written or read.
    case denied
    /// The path is no place for a file: a folder, or below something that is not a folder.
    case place
    /// A file is there already, and nobody asked to replace it.
    case exists
    /// What would be written is what is read.
    case isInput
    /// Nobody reads what is written.
    case noReader
    /// Another process is using it.
    case busy
    /// It has grown as large as a person lets it.
    case limit
    /// Another program wrote to the session, or deleted it.
    case overtaken
    /// Anything else that the system says.
    case system
  }

  /// What kind of trouble it is.
  package var code: Code
  /// The file.
  package var path: String
  /// What happened.
  package var reason: String
  /// What to do.
  package var remedy: String

  /// An error about the file at `path`.
  package init(_ code: Code, path: String, reason: String, remedy: String) {
    self.code = code
    self.path = path
    self.reason = reason
    self.remedy = remedy
  }

  /// What a person reads.
  package var description: String { "\(path): \(reason). \(remedy)." }
}
