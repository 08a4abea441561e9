/// How an answer differs from the one before to the same message.
public struct ComparisonRecord: Hashable, Codable, Sendable {
  /// The message.
  public var turn: Int
  /// The number of the answer that came now.
  public var answer: Int?
  /// The number of the answer before.
  public var with: Int?
  /// Words of the new answer that the one before has in the same order.
  public var wordsShared: Int
  /// Words of the new answer.
  public var words: Int
  /// The new answer with the differences marked: `the [-old-] {+new+} words`.
  public var marked: String
  /// Nanoseconds since the session began.
  public var tNs: Int

  /// A comparison with these results.
  public init(
    turn: Int, answer: Int?, with: Int?, wordsShared: Int, words: Int, marked: String, tNs: Int
  ) {
    self.turn = turn
    self.answer = answer
    self.with = with
    self.wordsShared = wordsShared
    self.words = words
    self.marked = marked
    self.tNs = tNs
  }
}
