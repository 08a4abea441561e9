package import Dials
package import Foundation

extension JSONValue {
  /// The JSON value that this text is.
  package init(parsing data: Data) throws {
    self = try JSONDecoder().decode(JSONValue.self, from: data)
  }

  /// The value as JSON text.
  package var text: Data {
    get throws {
      let encoder = JSONEncoder()
      encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
      return try encoder.encode(self)
    }
  }

  /// What JSON Schema calls this: `integer` where a number is whole.
  var typeName: String {
    switch self {
    case .null: "null"
    case .boolean: "boolean"
    case .number(let value): value == value.rounded() ? "integer" : "number"
    case .integer, .natural: "integer"
    case .string: "string"
    case .array: "array"
    case .object: "object"
    }
  }

  /// The number, rounded to a `Double`, if this is one.
  var rounded: Double? {
    switch self {
    case .number(let value): value
    case .integer(let value): Double(value)
    case .natural(let value): Double(value)
    default: nil
    }
  }
}
