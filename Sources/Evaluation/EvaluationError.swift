/// Why a text cannot be evaluated: what is wrong and what to do.
package struct EvaluationError: Error, Hashable, Sendable, CustomStringConvertible {
  /// What kind of trouble it is.
  package enum Code: String, Hashable, Sendable {
    /// The text has too few tokens for one window.
    case tooShort
    /// A window of a length that cannot be.
    case badLength
    /// A file that is not there.
    case missingFile
    /// A certificate that is none.
    case badCertificate
    /// Too few answers to show anything.
    case tooFewAnswers
    /// An argument that fits neither the model nor what was kept of an earlier run.
    case badArgument
  }

  /// What kind of trouble it is.
  package let code: Code
  /// What is wrong, where, and what to do.
  package let message: String

  /// An error of this kind.
  package init(code: Code, message: String) {
    self.code = code
    self.message = message
  }

  package var description: String { message }
}
