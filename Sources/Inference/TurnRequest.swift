package import Dials
package import Events
package import Techniques

/// What the engine is asked to answer, and how.
package struct TurnRequest: Sendable {
  /// The number of the answer's message in the conversation.
  package var turn: Int
  /// The whole prompt: the conversation so far, template included.
  package var prompt: [TokenID]
  /// The dials.
  package var dials: DialSettings
  /// How tokens are drawn.
  package var sampler: SessionRecord.Sampler
  /// At most this many new tokens; nil for as many as the context holds.
  package var tokenLimit: Int?
  /// How many alternatives each token's record lists.
  package var alternativeCount: Int
  /// The command line that gives this answer again.
  package var repro: String?
  /// Whether to look closer at the tokens once the answer is complete (`probe` records).
  package var isInspected: Bool

  /// A request; the plain model, greedy, where nothing else is said.
  package init(
    turn: Int, prompt: [TokenID], dials: DialSettings = .plain,
    sampler: SessionRecord.Sampler = SessionRecord.Sampler(), tokenLimit: Int? = nil,
    alternativeCount: Int = 5, repro: String? = nil, isInspected: Bool = false
  ) {
    self.turn = turn
    self.prompt = prompt
    self.dials = dials
    self.sampler = sampler
    self.tokenLimit = tokenLimit
    self.alternativeCount = alternativeCount
    self.repro = repro
    self.isInspected = isInspected
  }
}
