package import Dials
package import Events
package import Techniques

/// What the engine is asked to answer, and how.
package struct TurnRequest: Sendable {
  /// The number of the answer's message in the conversation.
  package var turn: Int
  /// The number of the answer in the session, from 1.
  package var answer: Int?
  /// The whole prompt: the conversation so far, template included.
  package var prompt: [TokenID]
  /// Where turns of the prompt begin, in order; nothing is asked of them unless they leave whole.
  package var turnStarts: [Int]
  /// The dials.
  package var dials: DialSettings
  /// How tokens are drawn.
  package var sampler: SessionRecord.Sampler
  /// Which preset the dials are from; it decides nothing here.
  package var preset: PresetState
  /// The adapter in use; it decides nothing here.
  package var adapter: SessionRecord.Adapter?
  /// At most this many new tokens; nil for as many as the context holds.
  package var tokenLimit: Int?
  /// How many times over an answer that runs in a circle says the same until it is stopped; 0: it is
  /// not stopped.
  package var circleLimit: Int
  /// How many tokens at the end of the prompt are the answer's own: what it goes on from.
  package var begunCount: Int
  /// Whether the prompt ends in the mark that begins reasoning; it decides nothing here.
  package var opensThought: Bool
  /// How many alternatives each token's record lists.
  package var alternativeCount: Int
  /// The command line that gives this answer again.
  package var repro: String?
  /// What is asked of the model beside the answer.
  package var looks: Looks
  /// Hears how many tokens of the prompt are read, and of how many, while more are to come. It is called on
  /// the engine's thread.
  package var hearsReading: (@Sendable (Int, Int) -> Void)?

  /// What is asked of the model beside an answer.
  package struct Looks: OptionSet, Hashable, Sendable {
    package let rawValue: Int

    package init(rawValue: Int) { self.rawValue = rawValue }

    /// Whether the whole model takes the same tokens, once the answer is complete (a `check` record).
    package static let check = Looks(rawValue: 1)
    /// The vocabulary after every block, once the answer is complete (`probe` records).
    package static let lens = Looks(rawValue: 2)
    /// Plain passes between the others, as a yardstick of speed (`time.plain` of tokens).
    package static let yardstick = Looks(rawValue: 4)
  }

  /// What the answer is made with.
  package var made: AnswerSettings {
    AnswerSettings(policy: dials, sampler: sampler, preset: preset, adapter: adapter)
  }

  /// A request; the plain model, greedy, where nothing else is said.
  package init(
    turn: Int, answer: Int? = nil, prompt: [TokenID], turnStarts: [Int] = [],
    dials: DialSettings = .plain,
    sampler: SessionRecord.Sampler = SessionRecord.Sampler(), preset: PresetState = .off,
    adapter: SessionRecord.Adapter? = nil, tokenLimit: Int? = nil, circleLimit: Int = 0,
    begunCount: Int = 0, opensThought: Bool = false, alternativeCount: Int = 5,
    repro: String? = nil, looks: Looks = []
  ) {
    self.turn = turn
    self.answer = answer
    self.prompt = prompt
    self.turnStarts = turnStarts
    self.dials = dials
    self.sampler = sampler
    self.preset = preset
    self.adapter = adapter
    self.tokenLimit = tokenLimit
    self.circleLimit = circleLimit
    self.begunCount = begunCount
    self.opensThought = opensThought
    self.alternativeCount = alternativeCount
    self.repro = repro
    self.looks = looks
  }
}
