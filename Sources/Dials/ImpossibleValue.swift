/// A value in a record that is well-formed and yet cannot be, in words for a person, without a full stop.
package struct ImpossibleValue: Error, Hashable, Sendable, CustomStringConvertible {
  /// What a person reads.
  package let description: String

  /// A value of which these words say what is wrong.
  package init(_ words: String) { description = words }
}
