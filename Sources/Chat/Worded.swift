/// A setting with the words that a person chose for it, which the record and the line that gives an
/// answer again repeat.
package struct Worded<Value: Hashable & Sendable>: Hashable, Sendable {
  /// What the words mean.
  package let value: Value
  /// The words.
  package let words: String

  /// A value that was read from `words`.
  package init(_ value: Value, words: String) {
    self.value = value
    self.words = words
  }
}

extension Worded where Value: CustomStringConvertible {
  /// A value in its own notation.
  package init(_ value: Value) { self.init(value, words: value.description) }
}
