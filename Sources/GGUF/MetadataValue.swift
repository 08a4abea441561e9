/// A value of a GGUF file's metadata. Integers of every width are one case, floats another.
package enum MetadataValue: Hashable, Sendable {
  /// Any signed integer type of the format.
  case integer(Int64)
  /// Any unsigned integer type of the format.
  case unsigned(UInt64)
  /// A 32- or 64-bit float.
  case float(Double)
  /// A truth value.
  case bool(Bool)
  /// A text; bytes that are not UTF-8 are replaced.
  case string(String)
  /// A list of values of one type.
  case array([MetadataValue])

  /// The value as `Int`, if it is a whole number that fits.
  package var int: Int? {
    switch self {
    case .integer(let value): Int(exactly: value)
    case .unsigned(let value): Int(exactly: value)
    default: nil
    }
  }

  /// The value as `Double`, if it is a number.
  package var double: Double? {
    switch self {
    case .float(let value): value
    case .integer(let value): Double(value)
    case .unsigned(let value): Double(value)
    default: nil
    }
  }

  /// The truth value.
  package var bool: Bool? { if case .bool(let value) = self { value } else { nil } }

  /// The text.
  package var string: String? { if case .string(let value) = self { value } else { nil } }

  /// The list.
  package var array: [MetadataValue]? { if case .array(let value) = self { value } else { nil } }
}

extension MetadataValue: CustomStringConvertible {
  /// As people read it: `7`, `"text"`, `a list of 5: 4, 4, 4, …`; long texts are cut.
  package var description: String {
    switch self {
    case .integer(let value): "\(value)"
    case .unsigned(let value): "\(value)"
    case .float(let value): "\(value)"
    case .bool(let value): "\(value)"
    case .string(let value): "\"\(value.prefix(60))\(value.count > 60 ? "…" : "")\""
    case .array(let values):
      "a list of \(values.count)" + (values.isEmpty ? "" : ": ")
        + (values.prefix(3).map(\.description) + (values.count > 3 ? ["…"] : []))
        .joined(separator: ", ")
    }
  }
}

/// The metadata of a file: values by key.
package typealias Metadata = [String: MetadataValue]
