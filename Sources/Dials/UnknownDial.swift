/// How a dial stands where this version does not know it: what a record of a newer version says of it.
package struct UnknownDial: Hashable, Sendable {
  /// Its name in records, such as `reach`.
  package let name: String
  /// The word that is not known.
  package let word: String
  /// All that the record says of it.
  package let content: JSONValue

  /// A dial that stands at `word`.
  package init(_ name: String, _ word: String, content: JSONValue) {
    self.name = name
    self.word = word
    self.content = content
  }

  /// A few words for a person: `reach mirror (unknown to this version)`.
  package var label: String { "\(name) \(word) (unknown to this version)" }
}
