/// Any JSON value: how what a newer version wrote is kept, so that it can be written again as it was.
package enum JSONValue: Hashable, Sendable {
  /// `null`.
  case null
  /// `true` or `false`.
  case boolean(Bool)
  /// A number that a `Double` holds exactly, or that is no integer.
  case number(Double)
  /// Any other integer up to `Int.max`.
  case integer(Int)
  /// An integer above that.
  case natural(UInt64)
  /// A string.
  case string(String)
  /// An array.
  case array([JSONValue])
  /// An object.
  case object([String: JSONValue])

  /// The member of this name, if this is an object that has one.
  package subscript(_ name: String) -> JSONValue? {
    if case .object(let members) = self { members[name] } else { nil }
  }

  /// The strings in this, if this is an array.
  package var strings: [String] {
    guard case .array(let items) = self else { return [] }
    return items.compactMap { if case .string(let text) = $0 { text } else { nil } }
  }
}

extension JSONValue: Codable {
  /// Reads any JSON value.
  package init(from decoder: any Decoder) throws {
    let container = try decoder.singleValueContainer()
    // Strings come before numbers: a reader may take "nan" for a number.
    if container.decodeNil() {
      self = .null
    } else if let value = try? container.decode(String.self) {
      self = .string(value)
    } else if let value = try? container.decode(Bool.self) {
      self = .boolean(value)
    } else if let value = try? container.decode(Int.self) {
      self = Double(exactly: value).map { .number($0) } ?? .integer(value)
    } else if let value = try? container.decode(UInt64.self) {
      self = Double(exactly: value).map { .number($0) } ?? .natural(value)
    } else if let value = try? container.decode(Double.self) {
      self = .number(value)
    } else if let value = try? container.decode([JSONValue].self) {
      self = .array(value)
    } else {
      self = .object(try container.decode([String: JSONValue].self))
    }
  }

  /// Writes the same.
  package func encode(to encoder: any Encoder) throws {
    var container = encoder.singleValueContainer()
    switch self {
    case .null: try container.encodeNil()
    case .boolean(let value): try container.encode(value)
    case .number(let value):
      // With an exponent a whole number may be read as another.
      if let whole = Int(exactly: value) {
        try container.encode(whole)
      } else if let whole = UInt64(exactly: value) {
        try container.encode(whole)
      } else {
        try container.encode(value)
      }
    case .integer(let value): try container.encode(value)
    case .natural(let value): try container.encode(value)
    case .string(let value): try container.encode(value)
    case .array(let value): try container.encode(value)
    case .object(let value): try container.encode(value)
    }
  }
}
