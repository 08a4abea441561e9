/// Why a file cannot be run as a model.
package struct ModelError: Error, Hashable, Sendable, CustomStringConvertible {
  /// What kind of trouble it is.
  package enum Code: String, Hashable, Sendable {
    /// The architecture is not one this engine runs.
    case unsupportedArchitecture
    /// A key is missing.
    case missingKey
    /// A key's value makes no sense or is not supported.
    case badValue
    /// A tensor is missing.
    case missingTensor
    /// A tensor has the wrong shape.
    case badShape
    /// A tensor with an infinity or a NaN in it.
    case notFinite
    /// A tensor that the engine does not take into account.
    case unsupportedTensor
  }

  /// What kind of trouble it is.
  package let code: Code
  /// The key or tensor.
  package let place: String
  /// What a person reads: what is wrong and what to do.
  package let message: String

  package var description: String { message }

  static func missingKey(_ key: String) -> ModelError {
    ModelError(
      code: .missingKey, place: key,
      message: "The file has no key \"\(key)\". It is not a complete model; download it again.")
  }

  static func badValue(_ key: String, _ value: String, expected: String) -> ModelError {
    ModelError(
      code: .badValue, place: key,
      message: "The key \"\(key)\" is \(value), but \(expected).")
  }
}
