public import ArgumentParser
import Chat
public import Dials
import Events
import Inference
public import Techniques

/// How tokens are drawn and how deep they go. Names as in llama.cpp where it has them.
struct AnswerOptions: ParsableArguments {
  private static let usual = ChatSettings()

  @Option(
    name: [.customLong("sys", withSingleDash: true), .customLong("system-prompt")],
    parsing: .unconditional, help: "Instructions that frame the conversation.")
  var system: String?

  @Flag(help: "Give the text to the model as it is, without a chat template.")
  var raw = false

  @Option(
    name: [.customShort("n"), .customLong("predict"), .customLong("n-predict")],
    parsing: .unconditional,
    help: "At most this many new tokens an answer (default: as many as fit).")
  var tokenLimit: Int?

  @Option(
    parsing: .unconditional,
    help: ArgumentHelp(
      "Stop an answer that says the same so many times over, one after another (5 or more); 0: never.",
      valueName: "n"))
  var circleLimit = Self.usual.circleLimit

  @Option(
    name: [.customLong("temp"), .customLong("temperature")], parsing: .unconditional,
    help: "0 always takes the most probable token.")
  var temperature = Self.usual.sampler.temperature

  @Option(
    parsing: .unconditional, help: "Draw from this many of the most probable tokens; 0 from all.")
  var topK = Self.usual.sampler.topK

  @Option(parsing: .unconditional, help: "Draw from the most probable tokens up to this share.")
  var topP = Self.usual.sampler.topP

  @Option(
    parsing: .unconditional, help: "Leave out tokens below this share of the most probable one.")
  var minP = Self.usual.sampler.minP

  @Option(parsing: .unconditional, help: "Divide the logits of recent tokens by this; 1 is off.")
  var repeatPenalty = Self.usual.sampler.repeatPenalty

  @Option(parsing: .unconditional, help: "How many tokens are recent.")
  var repeatLastN = Self.usual.sampler.repeatLastN

  @Option(name: .shortAndLong, parsing: .unconditional, help: "The same seed gives the same text.")
  var seed = Self.usual.sampler.seed

  @Option(help: "When a token may leave early: \(ExitSetting.notation).")
  var exitPolicy = Self.usual.exit.words

  @Option(help: "What an early exit is for: identical (full depth verifies) or approximate.")
  var mode = Self.usual.mode

  @Option(
    parsing: .unconditional,
    help: ArgumentHelp(
      "Let exits evaluate the adapter's short head; unverified, it also decides at full depth "
        + "where it gives a token more than this probability (default: off).", valueName: "p"))
  var shortHead: Float?

  @Option(
    help: "Keys and values of blocks that an approximate exit left out: propagate or catch-up.")
  var fill = Self.usual.fill

  @Option(
    name: [.customLong("draft"), .customLong("spec-draft-n-max"), .customLong("num-speculations")],
    help: "Draft tokens that one pass verifies: \(DraftSetting.notation).")
  var draft = Self.usual.draft.words

  @Option(
    help: ArgumentHelp(
      "How many feed-forwards run big, token by token: \(BudgetSetting.notation). With --draft small only "
        + "drafts are made with small ones.", valueName: "share"))
  var budget = "\(Self.usual.budget)"

  @Option(
    help: ArgumentHelp(
      "What becomes of a model's reasoning: on (folded on the screen), off (the template tells the model not "
        + "to think, where it can) or hide (left out of what is shown).", valueName: "setting"))
  var think = Self.usual.thinking

  @OptionGroup var pruning: PruningOptions
  @OptionGroup var reach: ReachOptions
  @OptionGroup var presets: PresetOptions

  @Option(parsing: .unconditional, help: "Alternatives listed in each token's record.")
  var topLogprobs = Self.usual.alternativeCount

  func validate() throws {
    do {
      try numbers.checkNumbers()
    } catch {
      throw ValidationError(error.message)
    }
    do { _ = try DraftSetting.parse(draft) } catch { throw ValidationError("--draft \(error)") }
    do { _ = try BudgetSetting.parse(budget) } catch { throw ValidationError("--budget \(error)") }
  }

  /// The settings that have to do with no model.
  private var numbers: ChatSettings {
    var settings = ChatSettings()
    settings.system = system
    settings.isRaw = raw
    (settings.tokenLimit, settings.circleLimit) = (tokenLimit, circleLimit)
    settings.sampler = SessionRecord.Sampler(
      temperature: temperature, topK: topK, topP: topP, minP: minP, repeatPenalty: repeatPenalty,
      repeatLastN: repeatLastN, seed: seed)
    settings.alternativeCount = topLogprobs
    return settings
  }

  /// What the flags say as settings for `model`: a manifest's blocks and a preset's exits in their place.
  func settings(for model: LoadedModel) throws -> ChatSettings {
    if presets.name != nil, exitPolicy != Self.usual.exit.words || shortHead != nil {
      throw ValidationError("Give either --preset, or --exit-policy and --short-head.")
    }
    var settings = numbers
    settings.draft = Worded(try DraftSetting.parse(draft), words: draft)
    settings.pruned = try pruning.blocks(of: model)
    settings.budget = try BudgetSetting.parse(budget)
    settings.thinking = think
    try settings.setExit(exitPolicy, for: model)
    (settings.mode, settings.fill, settings.shortHead) = (mode, fill, shortHead)
    settings.reach = try reach.setting()
    (settings.preset, settings.certificate) = (presets.name, presets.certificate)
    try settings.applyPreset(of: model)
    return settings
  }
}

extension ExitMode: ExpressibleByArgument {}
extension FillPolicy: ExpressibleByArgument {}
extension Thinking: ExpressibleByArgument {}
