package import Dials
package import Events
package import Inference
package import Techniques

/// What a person may set for the answers of a conversation, as values.
///
/// Text becomes a value at the program's borders, flags and commands. A default is what an empty
/// command line gives.
package struct ChatSettings: Hashable, Sendable {
  /// Instructions that frame the conversation.
  package var system: String?
  /// Whether the text goes to the model as it is, without a chat template.
  package var isRaw = false
  /// At most this many new tokens an answer; nil for as many as fit.
  package var tokenLimit: Int?
  /// How many times over an answer may say the same, one after another, until it is stopped; 0: it is
  /// not stopped.
  package var circleLimit = CircleWatch.usualLimit
  /// How tokens are drawn.
  package var sampler = SessionRecord.Sampler(topP: 0.9)
  /// When a token may leave early.
  package var exit = Worded(ExitSetting.off)
  /// What an early exit is for.
  package var mode = ExitMode.identical
  /// Whether exits ask the short head, and how sure it must be to decide at full depth; nil: it is
  /// not used.
  package var shortHead: Float?
  /// How blocks that a token left out get its keys and values.
  package var fill = FillPolicy.catchUp
  /// Who drafts the tokens that a pass verifies.
  package var draft = Worded(DraftSetting.auto)
  /// The blocks that are left out.
  package var pruned = Worded(BlockSet.none)
  /// How many feed-forwards run big.
  package var budget = BudgetSetting.whole
  /// What is wanted of the model's reasoning.
  package var thinking = Thinking.on
  /// Which past positions attention sees; nil where nobody chose, which is all of them until the
  /// conversation is longer than the context.
  package var reach: ReachSetting?
  /// The preset in force; nil where nobody chose one, or turned by hand what it set.
  package var preset: Preset?
  /// What stood where a preset set something, until a person chooses when tokens leave.
  var beforePreset: Depth?
  /// The certificate with the presets; nil for the one beside the adapter.
  package var certificate: String?
  /// How many alternatives each token's record lists.
  package var alternativeCount = 5

  /// The settings of an empty command line.
  package init() {}

  /// The dials that the settings ask for, whatever the model.
  package var dials: DialSettings {
    DialSettings(
      pruned: pruned.value, exit: exit.value, mode: mode,
      draftLength: min(draft.value.limit ?? 4, 64), draft: draft.value, shortHead: shortHead,
      fill: fill, reach: reach ?? .full, budget: budget)
  }

  /// The dials, which `model` must be able to run: the one check of what a person set. Throws a
  /// `DialError`, an `EngineError` or a `ChatError`.
  package func dials(for model: LoadedModel) throws -> DialSettings {
    var dials = dials
    try dials.validate(blockCount: model.blockCount)
    try model.check(dials)
    dials.budget = model.resolved(dials.budget)
    try checkNumbers()
    return dials
  }

  /// Checks the numbers that have to do with no model.
  package func checkNumbers() throws(ChatError) {
    if let (parameter, demand) = sampler.fault {
      throw ChatError("\(parameter.flag) must be \(demand).")
    }
    guard tokenLimit ?? 1 > 0 else { throw ChatError("--predict must be 1 or more.") }
    guard circleLimit == 0 || circleLimit >= CircleWatch.leastLimit else {
      throw ChatError("--circle-limit must be \(CircleWatch.leastLimit) or more, or 0 for none.")
    }
    guard (0...20).contains(alternativeCount) else {
      throw ChatError("--top-logprobs must be between 0 and 20.")
    }
  }

  /// Reads an exit setting for `model`: where it names no depths they are those of the adapter.
  package mutating func setExit(_ words: String, for model: LoadedModel) throws(DialError) {
    exit = Worded(
      try ExitSetting.parse(
        words, blockCount: model.blockCount, exits: model.adapter?.exits ?? []),
      words: words)
  }

  /// A number of `/set` as it would be written; `-1` for no limit on new tokens.
  package func text(of parameter: Parameter) -> String {
    sampler.text(of: parameter) ?? tokenLimit.map { "\($0)" } ?? "-1"
  }

  /// Sets a number of `/set` to what `text` spells.
  package mutating func set(_ parameter: Parameter, to text: String) throws(ChatError) {
    if parameter == .numPredict, let limit = Int(text) {
      tokenLimit = limit < 0 ? nil : limit
    } else if !sampler.set(parameter, to: text) {
      throw ChatError("\(text) is not a value for \(parameter.rawValue).")
    }
    try checkNumbers()
  }
}
