/// The keys of one name space of a file's metadata that are understood, so that others can be named.
package struct KnownKeys: Sendable {
  /// What all of them begin with, as `llama.`.
  private let space: String
  /// What follows that in those that are known.
  private let known: Set<String>
  /// What may come of a key that is not known, for people.
  private let consequence: String

  /// The keys of `known` below `space`.
  package init(below space: String, _ known: Set<String>, consequence: String) {
    self.space = space
    self.known = known
    self.consequence = consequence
  }

  /// Those that nothing here knows, in the order of the alphabet.
  package func unknown(in metadata: Metadata) -> [String] {
    metadata.keys.filter {
      $0.hasPrefix(space) && !known.contains(String($0.dropFirst(space.count)))
    }
    .sorted()
  }

  /// What a person is told of them; nil where all are known.
  package func notice(of metadata: Metadata) -> String? {
    let unknown = unknown(in: metadata)
    guard let first = unknown.first else { return nil }
    let more = unknown.count > 1 ? " and \(unknown.count - 1) more" : ""
    return "this file has the key \(first)\(more), which this version does not know: \(consequence)"
  }
}
