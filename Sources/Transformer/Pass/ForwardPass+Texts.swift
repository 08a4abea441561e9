package import Dials

/// Several independent texts in one cache, so that one pass makes each of them longer by a row.
///
/// Text `t` has the slots from `t · room` on. Nothing is committed: a row is written once, where it
/// stays, and a text that is over is begun anew by writing over it. A pass is used so or for one
/// text, never both.
extension ForwardPass {
  /// Adds the next row of text `text`; all rows of the text before it must be there, or in flight.
  package func append(_ token: TokenID, position: Position, text: Int, room: Int) {
    precondition(room % 16 == 0 && position.rawValue < room, "a text stays in its own room")
    let base = text * room
    precondition(
      cache.committedCount == 0 && base + room <= cache.capacity && !reach.isLimited,
      "there is room")
    wave.append(
      Row(token: token, position: position, parent: nil), slot: base + position.rawValue,
      base: base,
      visible: BlockSpans(of: position, reach: .full, window: weights.blueprint.window),
      length: room, weights: weights)
  }

  /// Lets go of the rows in flight; their keys and values stay where they are.
  package func land() { wave.clear() }
}
