/// Why a template could not be read or run.
package struct JinjaError: Error, Hashable, Sendable, CustomStringConvertible {
  /// The kind of trouble.
  package enum Code: Hashable, Sendable {
    /// The template is not written as the language wants it.
    case syntax
    /// The template uses something of the language that is not built in.
    case unsupported
    /// The template itself refuses (`raise_exception`).
    case refused
    /// An operation that its values do not allow, such as a number plus a text.
    case failed
    /// More steps, more text or deeper nesting than any real template needs.
    case limit
  }

  /// The kind of trouble.
  package let code: Code
  /// The line of the template, from 1 on; 0 while it is not known.
  package private(set) var line = 0
  /// What is wrong; for `unsupported` the name of the construct.
  package let message: String

  /// An error, at a line where one is known.
  package init(code: Code, line: Int = 0, message: String) {
    (self.code, self.line, self.message) = (code, line, message)
  }

  /// The same error, at `line` where no line is known yet.
  func at(_ line: Int) -> JinjaError {
    var error = self
    if error.line == 0 { error.line = line }
    return error
  }

  /// An operation that cannot be done.
  static func failed(_ message: String) -> JinjaError {
    JinjaError(code: .failed, message: message)
  }

  /// A construct that is not built in.
  static func unsupported(_ construct: String) -> JinjaError {
    JinjaError(code: .unsupported, message: construct)
  }

  /// A template that is written wrongly.
  static func syntax(_ message: String, line: Int = 0) -> JinjaError {
    JinjaError(code: .syntax, line: line, message: message)
  }

  /// More than any real template needs.
  static func limit(_ message: String) -> JinjaError {
    JinjaError(code: .limit, message: message)
  }

  /// Line and cause in one sentence.
  package var description: String {
    switch code {
    case .unsupported: "unsupported construct \(message) at line \(line)"
    case .refused: "the template refuses at line \(line): \(message)"
    case .syntax, .failed, .limit: "line \(line): \(message)"
    }
  }
}
