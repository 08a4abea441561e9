public import ArgumentParser
import Dials
import Events
import Foundation
import Inference
public import Techniques
import Tokenization

/// How tokens are drawn and how deep they go. Names as in llama.cpp where it has them.
struct AnswerOptions: ParsableArguments {
  @Option(
    name: [.customLong("sys", withSingleDash: true), .customLong("system-prompt")],
    parsing: .unconditional, help: "Instructions that frame the conversation.")
  var system: String?

  @Flag(help: "Give the text to the model as it is, without a chat template.")
  var raw = false

  @Option(
    name: [.customShort("n"), .customLong("predict"), .customLong("n-predict")],
    help: "At most this many new tokens an answer (default: as many as fit).")
  var tokenLimit: Int?

  @Option(
    name: [.customLong("temp"), .customLong("temperature")],
    help: "0 always takes the most probable token.")
  var temperature: Float = 0.2

  @Option(help: "Draw from this many of the most probable tokens; 0 from all.")
  var topK = 40

  @Option(help: "Draw from the most probable tokens up to this share.")
  var topP: Float = 0.9

  @Option(help: "Leave out tokens below this share of the most probable one.")
  var minP: Float = 0.05

  @Option(help: "Divide the logits of recent tokens by this; 1 is off.")
  var repeatPenalty: Float = 1

  @Option(help: "How many tokens are recent.")
  var repeatLastN = 64

  @Option(name: .shortAndLong, help: "The same seed gives the same text.")
  var seed: UInt64 = 42

  @Option(help: "When a token may leave early: \(ExitSetting.notation).")
  var exitPolicy = "off"

  @Option(help: "What an early exit is for: identical (full depth verifies) or approximate.")
  var mode: ExitMode = .identical

  @Option(
    help: ArgumentHelp(
      "Let exits evaluate the adapter's short head; unverified, it also decides at full depth "
        + "where it gives a token more than this probability (default: off).", valueName: "p"))
  var shortHead: Float?

  @Option(
    help: "Keys and values of blocks that an approximate exit left out: propagate or catch-up.")
  var fill: FillPolicy = .catchUp

  @Option(
    name: [.customLong("draft"), .customLong("spec-draft-n-max"), .customLong("num-speculations")],
    help: "Draft tokens that one pass verifies: \(DraftSetting.notation).")
  var draft = "auto"

  @OptionGroup var pruning: PruningOptions
  @OptionGroup var reach: ReachOptions
  @OptionGroup var presets: PresetOptions

  @Option(help: "Alternatives listed in each token's record.")
  var topLogprobs = 5

  func validate() throws {
    let checks: [(Bool, String)] = [
      (temperature >= 0 && temperature.isFinite, "--temp must be 0 or more."),
      (topK >= 0, "--top-k must be 0 or more."),
      (topP > 0 && topP <= 1, "--top-p must be above 0 and at most 1."),
      (minP >= 0 && minP < 1, "--min-p must be at least 0 and below 1."),
      (repeatPenalty > 0 && repeatPenalty.isFinite, "--repeat-penalty must be above 0."),
      (repeatLastN >= 0, "--repeat-last-n must be 0 or more."),
      (tokenLimit ?? 1 > 0, "--predict must be 1 or more."),
      ((0...20).contains(topLogprobs), "--top-logprobs must be between 0 and 20."),
    ]
    for (isFine, message) in checks where !isFine { throw ValidationError(message) }
    do { _ = try DraftSetting.parse(draft) } catch { throw ValidationError("--draft \(error)") }
  }

  /// The blocks that are left out, as text.
  var pruned: String {
    get { pruning.blocks }
    set { pruning.blocks = newValue }
  }

  /// How tokens are drawn.
  var sampler: SessionRecord.Sampler {
    SessionRecord.Sampler(
      temperature: temperature, topK: topK, topP: topP, minP: minP, repeatPenalty: repeatPenalty,
      repeatLastN: repeatLastN, seed: seed)
  }

  /// The dials for a model of `blockCount` blocks, whose adapter has these exits.
  func dials(blockCount: Int, exits: [Int] = []) throws -> DialSettings {
    let draft = try DraftSetting.parse(draft)
    let dials = DialSettings(
      pruned: try BlockSet.parse(pruned, blockCount: blockCount),
      exit: try ExitSetting.parse(exitPolicy, blockCount: blockCount, exits: exits), mode: mode,
      draftLength: min(draft.limit ?? 4, 64), draft: draft,
      shortHead: shortHead, fill: fill, reach: try reach.setting() ?? .full)
    try dials.validate(blockCount: blockCount)
    return dials
  }

  /// The dials for this model, whose exits must have what they ask for.
  func dials(for model: LoadedModel) throws -> DialSettings {
    let dials = try dials(blockCount: model.blockCount, exits: model.adapter?.exits ?? [])
    try model.check(dials)
    return dials
  }

  /// An empty conversation.
  func conversation(with model: LoadedModel) -> Conversation {
    Conversation(system: system, template: raw ? .raw : model.template)
  }
}

extension ExitMode: ExpressibleByArgument {}
extension FillPolicy: ExpressibleByArgument {}
