package import Dials
package import Events
package import Inference
package import Techniques
import Tokenization

/// What is said, to which model and under which settings: a conversation without the engine that
/// answers. `fathom run` has one for one answer, a session one for many.
package struct Dialogue: Sendable {
  /// The model with the adapter in use.
  package private(set) var model: LoadedModel
  /// The model as a person named it.
  package private(set) var reference: ModelReference
  /// The settings that the next answer uses.
  package private(set) var settings: ChatSettings
  /// The dials that they come to for the model.
  package private(set) var dials: DialSettings
  /// What was said.
  package var conversation: Conversation

  /// An empty conversation; throws where `model` cannot be run with `settings`.
  package init(model: LoadedModel, reference: ModelReference, settings: ChatSettings) throws {
    dials = try settings.dials(for: model)
    self.model = model
    self.reference = reference
    self.settings = settings
    conversation = Conversation(
      system: settings.system, template: settings.isRaw ? .raw : model.template)
  }

  /// Puts other settings in force, if the model can be run with them. Where they decide tokens
  /// elsewhere, a preset is not in force any more: a dial was turned by hand.
  package mutating func put(_ changed: ChatSettings) throws {
    let before = dials
    dials = try changed.dials(for: model)
    settings = changed
    if dials.differsInExits(from: before) { settings.preset = nil }
  }

  /// Puts a preset in force.
  mutating func choose(_ preset: Preset) throws {
    var changed = settings
    changed.preset = preset
    try changed.applyPreset(of: model)
    dials = try changed.dials(for: model)
    settings = changed
  }

  /// Uses the adapter at `path`, or none for `none`, if the dials can do with that. Without depths of
  /// its own an exit setting is for those of the adapter.
  mutating func adopt(_ path: String) throws {
    let adapted = try model.adapted(to: path)
    var changed = settings
    try changed.setExit(settings.exit.words, for: adapted)
    dials = try changed.dials(for: adapted)
    (model, settings, reference.adapter) = (adapted, changed, path)
  }

  /// Sets a number of `/set` to what `text` spells.
  mutating func set(_ parameter: Parameter, to text: String) throws(ChatError) {
    var changed = settings
    try changed.set(parameter, to: text)
    settings = changed
  }

  /// Draws with the next seed from now on, and returns it.
  mutating func nextSeed() -> UInt64 {
    settings.sampler.seed &+= 1
    return settings.sampler.seed
  }

  /// Begins afresh with other instructions.
  mutating func instruct(_ text: String) {
    conversation.clear()
    conversation.instruct(text)
    settings.system = text
  }

  /// The tokens of the next answer's prompt.
  package var prompt: [TokenID] { conversation.prompt(tokenizer: model.tokenizer) }

  /// Where nobody chose a reach and a prompt of `count` tokens comes to the end of the context: puts a
  /// window in force and returns it.
  package mutating func goOn(
    withPrompt count: Int, contextLength: Int
  ) throws -> ReachSetting? {
    guard settings.reach == nil,
      let reach = ReachSetting.needed(
        forPrompt: count, tokenLimit: settings.tokenLimit, contextLength: contextLength)
    else { return nil }
    var changed = settings
    changed.reach = reach
    try put(changed)
    return reach
  }

  /// What the engine is asked for an answer to `prompt`; it looks closer at the tokens where
  /// `isInspected` says so. The first answer has the line that gives it again.
  package func request(_ prompt: [TokenID], isInspected: Bool) -> TurnRequest {
    let said = conversation.messages.filter { $0.role == .user }
    return TurnRequest(
      turn: conversation.nextTurn, prompt: prompt, dials: dials, sampler: settings.sampler,
      tokenLimit: settings.tokenLimit, alternativeCount: settings.alternativeCount,
      repro: said.count == 1
        ? settings.reproLine(model: reference, prompt: said[0].content) : nil,
      isInspected: isInspected)
  }

  /// The preset in force, and whether its certificate holds here.
  package func presetState() throws -> PresetState {
    guard let preset = settings.preset, preset != .off else { return .off }
    var objections = try settings.presetSource(of: model).differences(
      model: model, sampler: settings.sampler)
    if dials.reach.isLimited { objections.append("reach") }
    return PresetState(preset, objections: objections.map { "another \($0)" })
  }

  /// The record that a session of `engine` begins with.
  package func sessionRecord(of engine: Engine, id: String, version: String) -> SessionRecord {
    engine.sessionRecord(
      id: id, version: version, sampler: settings.sampler, dials: dials, adapter: model.adapter)
  }

  /// Sees the whole past again, as where nobody chose a reach.
  mutating func forgetReach() {
    settings.reach = nil
    dials.reach = .full
  }
}

extension DialSettings {
  /// Whether tokens are decided elsewhere than with `other`.
  fileprivate func differsInExits(from other: DialSettings) -> Bool {
    exit != other.exit || mode != other.mode || shortHead != other.shortHead || fill != other.fill
      || pruned != other.pruned
  }
}
