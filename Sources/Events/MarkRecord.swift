/// A place in a session that a person marked, with a note: a replay can go there.
public struct MarkRecord: Hashable, Codable, Sendable {
  /// The number of the message that comes next.
  public var turn: Int
  /// The note; may be empty.
  public var text: String
  /// Nanoseconds since the session began.
  public var tNs: Int

  /// A mark with this note.
  public init(turn: Int, text: String, tNs: Int) {
    self.turn = turn
    self.text = text
    self.tNs = tNs
  }
}
