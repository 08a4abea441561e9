public import Dials

/// One round in which drafts were verified.
public struct DraftRecord: Hashable, Codable, Sendable {
  /// A guess that the round verified.
  public struct Node: Hashable, Codable, Sendable {
    /// The token.
    public var id: TokenID
    /// Its text, lossy UTF-8.
    public var token: String
    /// The guess that it follows, an index into `nodes`; nil for the last token decided before.
    public var parent: Int?
    /// Whose guess it is.
    public var source: DraftSource
    /// How likely it was held to become part of the text: the product of the chances on its path.
    public var p: Float?
    /// Whether it did.
    public var accepted: Bool

    /// A guess.
    public init(
      id: TokenID, token: String, parent: Int?, source: DraftSource, p: Float?, accepted: Bool
    ) {
      self.id = id
      self.token = token
      self.parent = parent
      self.source = source
      self.p = p
      self.accepted = accepted
    }
  }

  /// The message the round belongs to.
  public var turn: Int
  /// The number of the answer.
  public var answer: Int?
  /// The number of the round in the answer, from 0.
  public var round: Int
  /// Tokens proposed.
  public var kDrafted: Int
  /// Of these, tokens accepted.
  public var kAccepted: Int
  /// Blocks executed for a draft.
  public var draftLayers: Int
  /// Microseconds spent on proposing.
  public var tDraftUs: Int
  /// Microseconds spent on verifying.
  public var tVerifyUs: Int
  /// The guesses, each behind the one that it follows; nil in records that are older than trees.
  public var nodes: [Node]?
  /// Rounds that drafting rests for after this one, because it did not pay; nil when it goes on.
  public var rest: Int?

  /// A round with these properties.
  public init(
    turn: Int, answer: Int? = nil, round: Int, kDrafted: Int, kAccepted: Int, draftLayers: Int,
    tDraftUs: Int, tVerifyUs: Int, nodes: [Node]? = nil, rest: Int? = nil
  ) {
    self.turn = turn
    self.answer = answer
    self.round = round
    self.kDrafted = kDrafted
    self.kAccepted = kAccepted
    self.draftLayers = draftLayers
    self.tDraftUs = tDraftUs
    self.tVerifyUs = tVerifyUs
    self.nodes = nodes
    self.rest = rest
  }
}
