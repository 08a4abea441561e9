/// Where a draft token comes from: the word of a drafter. Every source has a file in `Techniques`.
///
/// A record may name a source that this program does not know.
public struct DraftSource: RawRepresentable, Hashable, Sendable {
  /// The word, as people and records write it.
  public let rawValue: String

  /// The source with this word.
  public init(rawValue: String) { self.rawValue = rawValue }

  /// The source with this word.
  public init(_ word: String) { self.init(rawValue: word) }
}

extension DraftSource: Codable {
  /// Reads the word.
  public init(from decoder: any Decoder) throws {
    self.init(try decoder.singleValueContainer().decode(String.self))
  }

  /// Writes the word.
  public func encode(to encoder: any Encoder) throws {
    var container = encoder.singleValueContainer()
    try container.encode(rawValue)
  }
}
