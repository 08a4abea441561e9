public import ArgumentParser
import Chat
public import Dials
import Events
import Inference
import Techniques

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
    help: ArgumentHelp(
      "What becomes of a model's reasoning: on (folded on the screen), off (the template tells the model not "
        + "to think, where it can) or hide (left out of what is shown).", valueName: "setting"))
  var think = Self.usual.thinking

  @OptionGroup(title: "Sampling") var sampling: SamplingOptions
  @OptionGroup(title: "How much of the model runs") var depth: DepthOptions
  @OptionGroup(title: "Blocks left out") var pruning: PruningOptions
  @OptionGroup(title: "What attention sees") var reach: ReachOptions
  @OptionGroup(title: "Presets") var presets: PresetOptions

  @Option(parsing: .unconditional, help: "Alternatives listed in each token's record.")
  var topLogprobs = Self.usual.alternativeCount

  func validate() throws {
    do {
      try numbers.checkNumbers()
    } catch {
      throw ValidationError(error.message)
    }
    do { _ = try DraftSetting.parse(depth.draft) } catch {
      throw ValidationError("--draft \(error)")
    }
    do { _ = try BudgetSetting.parse(depth.budget) } catch {
      throw ValidationError("--budget \(error)")
    }
  }

  /// The settings that have to do with no model.
  private var numbers: ChatSettings {
    var settings = ChatSettings()
    settings.system = system
    settings.isRaw = raw
    (settings.tokenLimit, settings.circleLimit) = (tokenLimit, circleLimit)
    settings.sampler = SessionRecord.Sampler(
      temperature: sampling.temperature, topK: sampling.topK, topP: sampling.topP,
      minP: sampling.minP, repeatPenalty: sampling.repeatPenalty,
      repeatLastN: sampling.repeatLastN, seed: sampling.seed)
    settings.alternativeCount = topLogprobs
    return settings
  }

  /// What the flags say as settings for `model`: a manifest's blocks and a preset's exits in their place.
  func settings(for model: LoadedModel) throws -> ChatSettings {
    if presets.name != nil, depth.exitPolicy != Self.usual.exit.words || depth.shortHead != nil {
      throw ValidationError("Give either --preset, or --exit-policy and --short-head.")
    }
    var settings = numbers
    settings.draft = Worded(try DraftSetting.parse(depth.draft), words: depth.draft)
    settings.pruned = try pruning.blocks(of: model)
    settings.budget = try BudgetSetting.parse(depth.budget)
    settings.thinking = think
    try settings.setExit(depth.exitPolicy, for: model)
    (settings.mode, settings.fill, settings.shortHead) = (depth.mode, depth.fill, depth.shortHead)
    settings.reach = try reach.setting()
    (settings.preset, settings.certificate) = (presets.name, presets.certificate)
    try settings.applyPreset(of: model)
    return settings
  }
}

extension Thinking: ExpressibleByArgument {}
