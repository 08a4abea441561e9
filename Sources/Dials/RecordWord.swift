/// A choice that records hold as a word. A newer version may write a word that this one does not know;
/// reading it throws `UnknownWord`, so that whoever reads the record can say so and go on.
public protocol RecordWord: RawRepresentable, Codable, Sendable where RawValue == String {}

extension RecordWord {
  /// Reads the word.
  public init(from decoder: any Decoder) throws {
    let word = try decoder.singleValueContainer().decode(String.self)
    guard let value = Self(rawValue: word) else { throw UnknownWord(word) }
    self = value
  }
}

/// A word in a record that this version does not know.
package struct UnknownWord: Error, Hashable, Sendable, CustomStringConvertible {
  /// The word.
  package let word: String

  /// This word.
  package init(_ word: String) { self.word = word }

  /// What a person reads.
  package var description: String { "the word \"\(word)\" is not known to this version" }
}
