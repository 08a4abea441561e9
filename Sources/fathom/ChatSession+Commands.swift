import Dials
import Events
import Foundation
import Inference
import Screen
import Sessions
import Techniques
import Tokenization

extension ChatSession {
  /// Carries out what the screen asks for.
  func perform(_ action: Action) async {
    switch action {
    case .submit(let text): await submit(text)
    case .interrupt: interrupt()
    case .command(let command): await perform(command)
    case .openEditor, .suspend, .redraw, .quit: break
    }
  }

  /// Carries out a command; what goes wrong is said, and nothing is lost.
  func perform(_ command: SlashCommand) async {
    do {
      switch command {
      case .exitPolicy(let text):
        try turn("exit-policy", from: options.exitPolicy, to: text) { $0.exitPolicy = text }
      case .mode(let mode):
        try turn("mode", from: options.mode.rawValue, to: mode.rawValue) { $0.mode = mode }
      case .adapter(let path): try await adopt(path)
      case .preset(let name): try choose(name)
      case .prune(let blocks):
        try turn("prune", from: options.pruned, to: blocks.description) {
          $0.pruned = blocks.description
        }
      case .pruneFirst(let count): await prune(first: count)
      case .pruneEditor: await listBlocks()
      case .measureBlocks: await measureBlocks()
      case .export(let blocks, let path): await export(without: blocks, to: path)
      case .compare: await compare()
      case .draft(let text):
        let setting = try DraftSetting.parse(text, current: dials.draft).description
        try turn("draft", from: options.draft, to: setting) { $0.draft = setting }
      case .window(let text): try look(text)
      case .set(let name, let value): try set(name, to: value)
      case .save(let path): try save(to: path)
      case .load(let path): try load(from: path)
      case .clear:
        conversation.clear()
        beginAfresh()
      case .system(let text):
        conversation.clear()
        conversation.instruct(text)
        options.system = text
        beginAfresh()
      case .regen: await regenerate()
      case .help, .stats, .theme, .quit: break
      }
    } catch {
      notice(.error, "\(error)")
    }
  }

  /// Turns a dial, if the result makes sense for this model.
  func turn(
    _ key: String, from old: String, to new: String, _ change: (inout AnswerOptions) -> Void
  ) throws {
    var changed = options
    change(&changed)
    let dials = try changed.dials(for: model)
    // A dial turned by hand is no longer what the preset says.
    if dials.differsInExits(from: self.dials) { changed.presets.name = nil }
    try changed.validate()
    options = changed
    self.dials = dials
    publish(
      .parameter(
        ParameterRecord(key: key, old: old, new: new, policy: dials, tNs: engine.elapsed)))
    publishPreset()
  }

  /// Loads the adapter at `path`, or puts the one in use away, if the dials can do with that.
  private func adopt(_ path: String?) async throws {
    let old = model.adapter?.name ?? "off"
    let changed = try model.adapted(to: path ?? "none")
    // The usual points of an exit policy are those of the adapter.
    dials = try options.dials(for: changed)
    model = changed
    modelOptions.adapter = path ?? "none"
    await engine.adopt(changed)
    publish(
      .parameter(
        ParameterRecord(
          key: "adapter", old: old, new: model.adapter?.name ?? "off", policy: dials,
          adapter: model.adapter, tNs: engine.elapsed)))
    publishPreset()
  }

  private func set(_ name: String, to value: String) throws {
    var changed = options
    let old: String
    switch name {
    case "temperature": old = swap(&changed.temperature, value)
    case "top_k": old = swap(&changed.topK, value)
    case "top_p": old = swap(&changed.topP, value)
    case "min_p": old = swap(&changed.minP, value)
    case "seed": old = swap(&changed.seed, value)
    case "repeat_penalty": old = swap(&changed.repeatPenalty, value)
    case "repeat_last_n": old = swap(&changed.repeatLastN, value)
    case "num_predict":
      let limit = Int(value)
      old = limit == nil ? "" : options.tokenLimit.map { "\($0)" } ?? "-1"
      changed.tokenLimit = limit.flatMap { $0 < 0 ? nil : $0 }
    default:
      notice(.error, "There is no parameter \(name). /help lists them.")
      return
    }
    try changed.validate()
    guard old != "" else {
      notice(.error, "\(value) is not a value for \(name).")
      return
    }
    options = changed
    publish(
      .parameter(ParameterRecord(key: name, old: old, new: value, tNs: engine.elapsed)))
    publishPreset()
  }

  /// Puts the value that `text` spells in `target` and returns the old one; empty when `text` does
  /// not spell one.
  private func swap<Value: LosslessStringConvertible>(
    _ target: inout Value, _ text: String
  )
    -> String
  {
    guard let value = Value(text) else { return "" }
    defer { target = value }
    return "\(target)"
  }

  private func save(to path: String) throws {
    let path = NSString(string: path).expandingTildeInPath
    try SessionFile.save(records, to: path)
    notice(.information, "Saved \(records.count) records to \(path).")
  }

  private func load(from path: String) throws {
    let path = NSString(string: path).expandingTildeInPath
    let loaded = try SessionFile.load(path)
    if case .session(let session)? = loaded.first, session.model != engine.model.card {
      notice(
        .warning,
        "This session was made with \(session.model.file); it goes on with \(engine.model.card.file)."
      )
    }
    conversation = Conversation(records: loaded, template: conversation.template)
    replace(with: loaded)
    notice(.information, "Loaded \(path). The next message goes on from here.")
  }

  /// Answers the last message again, with the next seed.
  private func regenerate() async {
    guard conversation.messages.last?.role == .assistant else {
      notice(.information, "There is no answer yet that could be given again.")
      return
    }
    _ = conversation.takeBack(.assistant)
    let old = options.seed
    options.seed &+= 1
    publish(
      .parameter(
        ParameterRecord(key: "seed", old: "\(old)", new: "\(options.seed)", tNs: engine.elapsed)))
    await answer(repeating: conversation.messages.last?.content ?? "")
  }
}

extension Conversation {
  /// The conversation that a session's records tell.
  init(records: [Record], template: ChatTemplate) {
    self.init(template: template)
    var text = ReplyText()
    var answer: String?
    for record in records {
      switch record {
      case .turn(let turn):
        switch turn.role {
        case .system: instruct(turn.text)
        case .user: say(.user, turn.text)
        case .assistant:
          // An answer given again takes the place of the one before.
          _ = takeBack(.assistant)
          answer = ""
        }
      case .token: answer? += text.append(record)
      case .end(let end):
        answer? += text.append(record)
        if let answer, end.reason != .error { say(.assistant, answer) }
        if end.reason == .error { _ = takeBack(.user) }
        answer = nil
      default: break
      }
    }
  }
}
