public import Dials

/// A closer look at one committed token, taken when the engine was idle: the raw logit lens of every
/// block that ran, and whether the last of them would have chosen the same token.
public struct ProbeRecord: Hashable, Codable, Sendable {
  /// What the vocabulary looks like after one block.
  public struct Layer: Hashable, Codable, Sendable {
    /// After how many blocks (1...n).
    public var l: Int
    /// The most probable token there.
    public var id: TokenID
    /// Its text, lossy UTF-8.
    public var token: String
    /// Its probability.
    public var p: Float

    /// The view from depth `l`.
    public init(l: Int, id: TokenID, token: String, p: Float) {
      self.l = l
      self.id = id
      self.token = token
      self.p = p
    }
  }

  /// The message the token belongs to.
  public var turn: Int
  /// The number of the answer.
  public var answer: Int?
  /// Its place in the answer.
  public var i: Int
  /// Its position in the whole text.
  public var pos: Position
  /// The lens; `raw` is the model's own final norm and head.
  public var lens: String
  /// One entry per block that ran, shallow to deep.
  public var layers: [Layer]
  /// The first depth from which on the most probable token never changes again.
  public var settled: Int
  /// Whether full depth, reading the same text under the same dials, chooses the token that was taken. It
  /// is the whole model's choice where no block is pruned, attention sees all and no adapter changes the
  /// model.
  public var agree: Bool

  /// A look at one token.
  public init(
    turn: Int, answer: Int? = nil, i: Int, pos: Position, lens: String, layers: [Layer],
    settled: Int, agree: Bool
  ) {
    self.turn = turn
    self.answer = answer
    self.i = i
    self.pos = pos
    self.lens = lens
    self.layers = layers
    self.settled = settled
    self.agree = agree
  }
}
