import Dials
package import Events
import Files
import Inference
import Sessions
import Techniques
import Tokenization

extension ChatSession {
  /// Carries out a command; what goes wrong is said, and nothing is lost.
  package func apply(_ command: SessionCommand) async {
    do {
      switch command {
      case .exitPolicy(let words):
        let model = dialogue.model
        try turn(.exitPolicy) { try $0.setExit(words, for: model) }
      case .mode(let mode): try turn(.mode) { $0.mode = mode }
      case .preset(let preset): try choose(preset)
      case .adapter(let path): try await adopt(path ?? "none")
      case .draft(let words):
        try turn(.draft) {
          $0.draft = Worded(try DraftSetting.parse(words, current: $0.draft.value))
        }
      case .window(let words):
        try turn(.window) { $0.reach = try ReachSetting.parse(words, current: $0.reach ?? .full) }
        reachIsChosen()
      case .prune(let blocks): try turn(.prune) { $0.pruned = Worded(blocks) }
      case .pruneFirst(let count):
        let blocks = try await blocks(first: count)
        try turn(.prune) { $0.pruned = Worded(blocks) }
      case .repairFirst(let count):
        let blocks = try await blocks(first: count)
        try await repair(without: blocks)
        try turn(.prune) { $0.pruned = Worded(blocks) }
      case .budget(let words): try turn(.budget) { $0.budget = try BudgetSetting.parse(words) }
      case .think(let thinking):
        try turn(.think) { $0.thinking = thinking }
        if let text = dialogue.thinkingNotice { notice(.information, text) }
      case .set(let parameter, let text): try set(parameter, to: text)
      case .system(let text):
        dialogue.instruct(text)
        beginAfresh()
      case .clear:
        dialogue.conversation.clear()
        beginAfresh()
      case .turns(let command): try await TurnWork(session: self).perform(command)
      case .model(let name): try await changeModel(to: name)
      case .regenerate: await regenerate()
      case .continueAnswer: await continueAnswer()
      case .compare: try await ComparisonWork(session: self).perform()
      case .listBlocks: await listBlocks()
      case .measureBlocks: try await measureBlocks()
      case .export(let blocks, let path, let replaces):
        try await export(without: blocks, to: path, replaces: replaces)
      case .save(let path, let replaces): await save(to: path, replaces: replaces)
      case .load(let path): try await EarlierConversations(of: self).load(from: path)
      case .conversations(let command):
        try await EarlierConversations(of: self).apply(command)
      case .mark(let text): publish(dialogue.mark(text, tNs: engine.elapsed))
      }
    } catch {
      notice(.error, "\(error)")
    }
  }

  // MARK: - Settings

  /// Turns a dial, if the result makes sense for this model.
  private func turn(_ dial: Dial, _ change: (inout ChatSettings) throws -> Void) throws {
    let before = dialogue
    var changed = dialogue.settings
    try change(&changed)
    try dialogue.put(changed)
    publishChange(of: dial, from: before)
  }

  /// Says how a dial stands now, and whether the preset is still in force.
  func publishChange(of dial: Dial, from before: Dialogue) {
    publish(
      .parameter(
        ParameterRecord(
          key: dial.rawValue, old: before.words(for: dial), new: dialogue.words(for: dial),
          policy: dialogue.dials, tNs: engine.elapsed)))
    publishPreset()
  }

  /// Says what is wanted of the model's reasoning, where that is not what the records say.
  func publishThinking(after old: Thinking) {
    if let change = dialogue.thinkingChange(after: old, tNs: engine.elapsed) {
      publish(.parameter(change))
    }
  }

  private func choose(_ preset: Preset) throws {
    let old = dialogue.dials.exit
    try dialogue.choose(preset)
    publish(
      .parameter(
        ParameterRecord(
          key: Dial.exitPolicy.rawValue, old: "\(old)", new: "\(dialogue.dials.exit)",
          policy: dialogue.dials, tNs: engine.elapsed)))
    publishPreset()
  }

  /// Loads the adapter at `path`, or puts the one in use away, if the dials can do with that.
  private func adopt(_ path: String) async throws {
    let (before, old) = (dialogue.model, dialogue.model.adapter)
    try dialogue.adopt(path)
    let changesModel = [old, dialogue.model.adapter].contains { $0?.changesModel == true }
    if changesModel { await keepGuesses(of: before) }
    await engine.adopt(dialogue.model)
    if changesModel { await recallGuesses() }
    publish(
      .parameter(
        .adapter(
          from: old, to: dialogue.model.adapter, policy: dialogue.dials, tNs: engine.elapsed)))
    publishPreset()
  }

  private func set(_ parameter: Parameter, to text: String) throws {
    let old = dialogue.settings.text(of: parameter)
    try dialogue.set(parameter, to: text)
    publish(.parameter(.parameter(parameter, from: old, to: text, tNs: engine.elapsed)))
    publishPreset()
  }

  // MARK: - The conversation

  /// Answers the last message again, with the next seed.
  private func regenerate() async {
    guard dialogue.conversation.takeBack(.assistant) != nil else {
      notice(.information, "There is no answer yet that could be given again.")
      return
    }
    let old = dialogue.settings.sampler.seed
    let new = dialogue.nextSeed()
    publish(.parameter(.parameter(.seed, from: "\(old)", to: "\(new)", tNs: engine.elapsed)))
    await answer()
  }

  /// Writes the records. A file that this session has written is its own, and is replaced unasked.
  private func save(to path: String, replaces: Bool) async {
    let path = HomeFolder.expand(path)
    let file = OutputFile(
      path, inputs: dialogue.model.files + [sessionsFile].compactMap { $0 },
      replaces: replaces || owns(path), mode: 0o600,
      wayToReplace: "Name another file, or replace it: /save --force FILE")
    let writing = Task { [keeper] in
      let lines = await keeper.lines()
      let outcome = await FileWork.run { try SessionFile.save(lines.get(), to: file) }
      switch outcome {
      case .success(let count):
        isOwn(path)
        notice(.information, "Saved \(count) records to \(path).")
      case .failure(let error): notice(.error, "\(error)")
      }
    }
    let isDone: Void? = await Patience.wait(atMost: FileWork.patience) { done in
      Task { done(await writing.value) }
    }
    if isDone == nil {
      notice(
        .warning,
        "\(path) has not taken the records yet: nobody reads the other end, or the disk is slow. "
          + "They wait for it as long as Fathom runs, and a line says when they are there.")
    }
  }
}
