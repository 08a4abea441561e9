package import Dials

/// One position that a pass computes: a token, where it stands, and what it follows.
package struct Row: Hashable, Sendable {
  /// The token read at this position.
  package var token: TokenID
  /// How many tokens of its own text come before it.
  package var position: Position
  /// The row in flight that it follows; nil when it follows the committed text.
  package var parent: Int?

  /// Whether it looks up what lies before its window, where the reach lets rows do so: it decides the
  /// next token.
  package var retrieves: Bool

  /// A row.
  package init(token: TokenID, position: Position, parent: Int?, retrieves: Bool = false) {
    self.retrieves = retrieves
    self.token = token
    self.position = position
    self.parent = parent
  }
}

/// A row in flight, with where its keys and values lie.
struct FlyingRow: Sendable {
  let row: Row
  /// Its cache slot: the first free one when it was appended, or the one of its position in its text.
  let slot: Int
  /// The cache slot of the first position of its text, a multiple of 16.
  let base: Int
  /// The slots of itself and its ancestors in flight, shallowest first, when these are not the slots
  /// of their positions; nil for a row of a plain chain, which can read the cache as it lies.
  let path: [Int]?
  /// What it sees of its text.
  let visible: BlockSpans
}
