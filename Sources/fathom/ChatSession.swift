import Dials
import Events
import Foundation
import Inference
import Models
import Screen
import Sessions
import Techniques
import Tokenization

/// A conversation with an engine: what was said, the settings in force, and every record, handed on
/// to whoever shows them.
@MainActor
final class ChatSession {
  let engine: Engine
  /// The model with the adapter in use.
  var model: LoadedModel
  /// The settings that the next answer uses; an answer's own line repeats it.
  var options: AnswerOptions
  var modelOptions: ModelOptions
  var conversation: Conversation
  var dials: DialSettings
  /// Every record of the session, for /save.
  private(set) var records: [Record] = []
  /// The records as they come.
  let stream: AsyncStream<Record>

  private let feed: AsyncStream<Record>.Continuation
  /// Shows what is no record.
  let show: @MainActor (Message) -> Void
  private var store: SessionStore?
  private var id = UUID().uuidString
  private var storedCount = 0
  private(set) var isAnswering = false
  /// Whether the program, and not a person, limited what attention sees.
  var reachIsOurs = false

  /// A conversation that begins now. `show` shows what is no record: words of the program's own,
  /// progress, what is known of blocks.
  init(
    model: LoadedModel, options: AnswerOptions, modelOptions: ModelOptions, keepsHistory: Bool,
    show: @escaping @MainActor (Message) -> Void
  ) throws {
    self.options = options
    self.modelOptions = modelOptions
    self.show = show
    self.model = model
    dials = try options.dials(for: model)
    engine = Engine(model: model, contextLength: modelOptions.contextSize)
    conversation = options.conversation(with: model)
    (stream, feed) = AsyncStream.makeStream(of: Record.self)
    if keepsHistory { openStore() }
    for text in model.notices { notice(.warning, text) }
    beginAfresh()
    // While the person types, so that the first answer need not wait for it.
    Task { [engine] in _ = await engine.costs }
  }

  private func openStore() {
    do {
      store = try SessionStore(path: Places().sessionsFile)
    } catch {
      notice(.warning, "This session is not kept: \(error)")
    }
  }

  /// Starts a new session record; what was said before is not part of it.
  func beginAfresh() {
    persist()
    forgetReach()
    id = UUID().uuidString
    records = []
    storedCount = 0
    publish(
      .session(
        engine.sessionRecord(
          id: id, version: Fathom.release, sampler: options.sampler, dials: dials,
          adapter: model.adapter)))
    publishPreset()
    if let system = conversation.messages.first, system.role == .system {
      publish(.turn(TurnRecord(turn: 0, role: .system, text: system.content, tNs: engine.elapsed)))
    }
  }

  /// Shows a record and keeps it.
  func publish(_ record: Record) {
    records.append(record)
    feed.yield(record)
  }

  /// Shows a word of the program's own.
  func notice(_ kind: Notice.Kind, _ text: String) { show(.notice(Notice(kind, text))) }

  /// Says `text` and shows the answer as it comes; returns when nothing more comes.
  func submit(_ text: String) async {
    publish(
      .turn(
        TurnRecord(turn: conversation.nextTurn, role: .user, text: text, tNs: engine.elapsed)))
    conversation.say(.user, text)
    await answer(repeating: text)
  }

  /// Answers the last message.
  func answer(repeating text: String) async {
    isAnswering = true
    let prompt = conversation.prompt(tokenizer: engine.model.tokenizer)
    do { try goOn(withPrompt: prompt.count) } catch { notice(.error, "\(error)") }
    let isFirst = conversation.messages.count(where: { $0.role == .user }) == 1
    let request = TurnRequest(
      turn: conversation.nextTurn,
      prompt: prompt, dials: dials,
      sampler: options.sampler, tokenLimit: options.tokenLimit,
      alternativeCount: options.topLogprobs,
      repro: isFirst ? Repro.line(modelOptions, options, text) : nil, isInspected: true)
    var text = ReplyText()
    var answer = ""
    for await record in engine.records(for: request) {
      publish(record)
      answer += text.append(record)
      if case .end(let end) = record { finish(answer, end) }
    }
    persist()
  }

  private func finish(_ answer: String, _ end: EndRecord) {
    isAnswering = false
    if end.reason == .error {
      _ = conversation.takeBack(.user)
    } else {
      conversation.say(.assistant, answer)
    }
    persist()
  }

  /// Stops the answer that runs.
  func interrupt() { engine.stop() }

  /// Ends the session and keeps what it left.
  func close() {
    engine.stop()
    persist()
    feed.finish()
  }

  /// Puts records of an earlier session in the place of this one.
  func replace(with loaded: [Record]) {
    persist()
    id = UUID().uuidString
    records = []
    storedCount = 0
    for record in loaded { publish(record) }
  }

  /// Writes what is new to the store; a failure is said once, and the session goes on without.
  private func persist() {
    guard let store, records.count > storedCount,
      records.contains(where: { if case .end = $0 { true } else { false } })
    else { return }
    do {
      try store.append(Array(records[storedCount...]), to: id)
      storedCount = records.count
    } catch {
      self.store = nil
      notice(.warning, "This session is no longer kept: \(error)")
    }
  }
}
