/// Why a GGUF file could not be read: what, where, and what to do about it.
package struct GGUFError: Error, Hashable, Sendable, CustomStringConvertible {
  /// The kind of failure.
  package enum Code: Hashable, Sendable {
    /// There is no such file.
    case missingFile
    /// The file is there but cannot be opened, mapped, or is not a plain file.
    case cannotOpen
    /// The first four bytes are not `GGUF`.
    case notGGUF
    /// A GGUF version other than 2 and 3, or another byte order.
    case unsupportedVersion
    /// The file ends before what it declares.
    case truncated
    /// A declared length or count that no honest file has.
    case absurdLength
    /// A value outside its range or of the wrong type.
    case badValue
    /// Two keys, or two tensors, of one name.
    case duplicateName
    /// A tensor that does not begin on the file's alignment.
    case misaligned
    /// Two tensors that share bytes.
    case overlap
    /// A tensor type that this reader does not know.
    case unknownTensorType
    /// One of several files that hold a model together.
    case partOfModel
    /// A metadata key that the reader of the file needs.
    case missingKey
  }

  /// The kind of failure.
  package var code: Code
  /// The file.
  package var path: String
  /// The byte, from the start of the file, at which the trouble was seen.
  package var offset: Int?
  /// The metadata key or tensor concerned.
  package var name: String?
  /// What is wrong and what to do, in sentences.
  package var message: String

  /// An error of the given kind, at the given place.
  package init(
    _ code: Code, path: String, offset: Int? = nil, name: String? = nil, message: String
  ) {
    self.code = code
    self.path = path
    self.offset = offset
    self.name = name
    self.message = message
  }

  /// One line: `model.gguf: at byte 1234: 'key': what is wrong. What to do.`
  package var description: String {
    var parts = [path]
    if let offset { parts.append("at byte \(offset)") }
    if let name { parts.append("'\(name.count > 80 ? name.prefix(79) + "…" : name)'") }
    parts.append(message)
    return parts.joined(separator: ": ")
  }
}

extension GGUFError {
  /// The remedy for a file that contradicts itself.
  static let damaged = "The file is damaged or not a GGUF; download it again."
}
