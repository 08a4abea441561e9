import GGUF
import Tokenization
import Transformer

/// Why the engine could not do what it was asked.
package struct EngineError: Error, Hashable, Sendable, CustomStringConvertible {
  /// What kind of trouble it is.
  package enum Code: String, Hashable, Sendable {
    /// The file is missing.
    case missingFile
    /// The file cannot be run as a model.
    case badModel
    /// A setting makes no sense for this model.
    case badSetting
    /// The system does not give the memory.
    case noMemory
    /// The prompt does not fit the context.
    case promptTooLong
  }

  /// What kind of trouble it is.
  package let code: Code
  /// What is wrong, where, and what to do.
  package let message: String

  package var description: String { message }

  /// An error of this kind.
  package init(_ code: Code, _ message: String) {
    self.code = code
    self.message = message
  }

  init(_ error: GGUFError) {
    self.init(error.code == .missingFile ? .missingFile : .badModel, error.description)
  }

  init(_ error: TokenizationError) { self.init(.badModel, error.description) }

  init(_ error: ModelError) { self.init(.badModel, error.description) }
}
