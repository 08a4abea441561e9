package import Dials
package import Events
package import Inference
package import Techniques
import Tokenization
import Transformer

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
  private var said: Said?
  /// What is in sight of the next answer, where whole turns leave.
  package private(set) var sight: SightPlan?

  /// An empty conversation; throws where `model` cannot be run with `settings`.
  package init(model: LoadedModel, reference: ModelReference, settings: ChatSettings) throws {
    dials = try settings.dials(for: model)
    self.model = model
    self.reference = reference
    self.settings = settings
    conversation = Conversation(
      system: settings.system, template: Self.template(of: model, settings))
  }

  /// A conversation that goes on with another model, which cuts what was said anew.
  init(
    _ dialogue: Dialogue, with model: LoadedModel, _ reference: ModelReference,
    _ settings: ChatSettings, _ dials: DialSettings
  ) {
    self = dialogue
    (self.model, self.reference) = (model, reference)
    (self.settings, self.dials) = (settings, dials)
    conversation.template = Self.template(of: model, settings)
    said = nil
  }

  /// Puts other settings in force that a person turned by hand, if the model can be run with them.
  package mutating func put(_ changed: ChatSettings) throws {
    let changed = changed.turnedByHand(from: settings)
    take(changed, try changed.dials(for: model))
  }

  /// Takes settings with the dials that they come to.
  mutating func take(_ changed: ChatSettings, _ dials: DialSettings) {
    self.dials = dials
    let isSameTemplate = changed.thinking == settings.thinking
    settings = changed
    if !isSameTemplate { conversation.template = Self.template(of: model, changed) }
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

  /// Uses the same model with something that no setting depends on.
  mutating func adopt(_ same: LoadedModel) { model = same }

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

  /// The tokens of the next answer's prompt. What was said before was cut into tokens before.
  package mutating func prompt() -> [TokenID] { tokens { $0.prompt($1.messages) } }

  /// Positions of a conversation with the model.
  private var contextLength: Int {
    reference.contextLength ?? Engine.usualContextLength(trained: model.card.ctxTrain)
  }

  /// What `body` makes of the conversation with what cuts it into tokens.
  private mutating func tokens<Value>(
    _ body: (inout ChatTokens, Conversation) throws -> Value
  ) rethrows -> Value {
    var said =
      said.flatMap { $0.template == conversation.template ? $0 : nil }
      ?? Said(
        template: conversation.template,
        tokens: ChatTokens(tokenizer: model.tokenizer, template: conversation.template))
    defer { self.said = said }
    return try body(&said.tokens, conversation)
  }

  /// What was said, as tokens.
  private struct Said {
    let template: ChatTemplate
    var tokens: ChatTokens
  }

  /// The prompt of the next answer, of which `begun` is there already. Where nobody chose a reach and it comes
  /// to the end of the context, whole turns leave a window from now on; where they do, what is pinned says
  /// how many first positions are seen.
  package mutating func comingPrompt(begun: [TokenID] = []) throws -> [TokenID] {
    sight = nil
    guard let reach = comingReach(begun: begun.count), reach.turns else { return prompt() + begun }
    let length = contextLength
    let plan = tokens {
      SightPlan($1, begun: begun, contextLength: length, like: reach, tokens: &$0)
    }
    if plan.reach != settings.reach {
      var changed = settings
      changed.reach = plan.reach
      try put(changed)
    }
    sight = plan
    return plan.prompt
  }

  /// What was chosen for the next answer, or what it needs.
  private mutating func comingReach(begun: Int) -> ReachSetting? {
    if let reach = settings.reach { return reach }
    return ReachSetting.needed(
      forPrompt: prompt().count + begun, tokenLimit: settings.tokenLimit,
      contextLength: contextLength)
  }

  /// What the next answer is made with.
  package var made: AnswerSettings {
    AnswerSettings(
      policy: dials, sampler: settings.sampler, preset: presetState, adapter: model.adapter)
  }

  /// What the engine is asked for answer number `answer`, to `prompt`, whose last `begunCount` tokens are the
  /// answer's own. The whole model is asked about the tokens where the text may not be its own. The first
  /// answer has the line that gives it again, if it is from one piece.
  package func request(
    _ prompt: [TokenID], answer: Int, begunCount: Int = 0, looks: TurnRequest.Looks
  ) -> TurnRequest {
    let made = made
    let said = conversation.messages.filter { $0.role == .user }
    return TurnRequest(
      turn: conversation.nextTurn, answer: answer, prompt: prompt,
      turnStarts: sight?.turnStarts ?? [], dials: dials,
      sampler: settings.sampler, preset: made.preset, adapter: made.adapter,
      tokenLimit: settings.tokenLimit ?? (dials.reach.forgets ? contextLength : nil),
      circleLimit: settings.circleLimit, begunCount: begunCount,
      opensThought: opensThought(prompt.dropLast(begunCount)),
      alternativeCount: settings.alternativeCount,
      repro: said.count == 1 && begunCount == 0
        ? settings.reproLine(
          model: reference, prompt: said[0].content, repair: repair?.method) : nil,
      looks: made.contract == .identical ? looks : looks.union(.check))
  }

  /// The repair in use: that of the model, where just its blocks are left out.
  private var repair: Repair? {
    model.weights.repair.flatMap { $0.removed == dials.pruned ? $0 : nil }
  }

  /// The preset in force, and whether its certificate holds here. The adapter that a preset was for may be
  /// gone, or its certificate.
  package var presetState: PresetState {
    guard let preset = settings.preset, preset != .off else { return .off }
    let differences = try? settings.presetSource(of: model).differences(
      model: model, sampler: settings.sampler)
    var objections = differences?.map { "another \($0)" } ?? ["no certificate"]
    if dials.reach.isLimited { objections.append("another reach") }
    if !dials.pruned.isEmpty { objections.append("pruned blocks") }
    if dials.takesBudget { objections.append("small feed-forwards") }
    return PresetState(preset, objections: objections)
  }

  /// The record that a session of `engine` begins with, written by `tool`. A model that nobody has hashed
  /// yet is hashed here.
  package func sessionRecord(
    of engine: Engine, id: String, tool: SessionRecord.Tool
  ) -> SessionRecord {
    var record = engine.sessionRecord(
      id: id, tool: tool, sampler: settings.sampler, dials: dials, adapter: model.adapter)
    record.model = model.hashedCard
    return record
  }

  /// Sees the whole past again, as where nobody chose a reach.
  mutating func forgetReach() {
    settings.reach = nil
    dials.reach = .full
  }
}
