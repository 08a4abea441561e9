/// Why a file's vocabulary cannot be used: the metadata key, what it holds, and what to do.
package struct TokenizationError: Error, Hashable, Sendable, CustomStringConvertible {
  /// The kind of trouble.
  package enum Code: Hashable, Sendable {
    /// The key is not in the file.
    case missing
    /// The value is sound but names something this program does not know.
    case unsupported
    /// The value contradicts the format or another value.
    case malformed
  }

  /// The kind of trouble.
  package let code: Code
  /// The metadata key, for example `tokenizer.ggml.pre`.
  package let key: String
  /// What the file holds there, shortened; empty when the key is missing.
  package let value: String
  /// What is wrong with it and what to do.
  package let remedy: String

  /// Key, value and remedy in one sentence.
  package var description: String {
    switch code {
    case .missing: "\(key) is missing: \(remedy)"
    case .unsupported: "\(key) = '\(value)' is not supported: \(remedy)"
    case .malformed: "\(key) = '\(value)' is malformed: \(remedy)"
    }
  }
}
