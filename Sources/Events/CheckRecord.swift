public import Dials

/// What the whole model says to the tokens of an answer: it has read them all at once, at full depth, with
/// every block, the whole past and its own weights.
public struct CheckRecord: Hashable, Codable, Sendable {
  /// A token in whose place the whole model takes another.
  public struct Other: Hashable, Codable, Sendable {
    /// The place in the answer, from 0.
    public var i: Int
    /// What the whole model takes there, behind the same text and with the same random number.
    public var id: TokenID
    /// Its text, lossy UTF-8.
    public var token: String

    /// Another token at place `i`.
    public init(i: Int, id: TokenID, token: String) {
      self.i = i
      self.id = id
      self.token = token
    }
  }

  /// The message that was checked.
  public var turn: Int
  /// The number of the answer.
  public var answer: Int?
  /// The tokens from the answer's first on, a mark each: `=` where the whole model takes the same, `~` where
  /// it takes another.
  public var line: String
  /// What it takes where it takes another.
  public var others: [Other]
  /// Microseconds that it took; no part of the answer's time.
  public var tUs: Int

  /// A check with these results.
  public init(turn: Int, answer: Int?, line: String, others: [Other], tUs: Int) {
    self.turn = turn
    self.answer = answer
    self.line = line
    self.others = others
    self.tUs = tUs
  }

  /// By place in the answer, whether the whole model takes the same token.
  public var isSame: [Bool] { line.map { $0 == Self.same } }

  /// The mark of a token that the whole model takes too.
  public static let same: Character = "="
  /// The mark of one that it does not.
  public static let other: Character = "~"
}
