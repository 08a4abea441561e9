import Dials

/// A record that a newer version wrote, of a type or in a word that decides what the record is, which this
/// one does not know. Readers pass over it; its content is kept, so that it can be written again.
public struct UnknownRecord: Hashable, Sendable {
  /// Its `type` field.
  public let type: String
  private let content: [String: JSONValue]

  /// A record of a type, with nothing in it.
  public init(type: String) {
    self.type = type
    content = ["v": .number(Double(Record.schemaVersion)), "type": .string(type)]
  }
}

extension UnknownRecord: Codable {
  /// Reads whatever there is.
  public init(from decoder: any Decoder) throws {
    content = try decoder.singleValueContainer().decode([String: JSONValue].self)
    type = if case .string(let type)? = content["type"] { type } else { "" }
  }

  /// Writes the same.
  public func encode(to encoder: any Encoder) throws {
    var container = encoder.singleValueContainer()
    try container.encode(content)
  }
}
