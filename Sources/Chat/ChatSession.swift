import Dials
package import Events
import Foundation
package import Inference
import Sessions
import Techniques
import Tokenization

/// A conversation with an engine: what was said, the settings in force, and every record, handed on
/// to whoever shows them.
@MainActor
package final class ChatSession {
  /// Who answers.
  package let engine: Engine
  /// What is said, and under which settings.
  package internal(set) var dialogue: Dialogue
  /// Every record of the session, for /save.
  package private(set) var records: [Record] = []
  /// The records as they come, where nobody hears them.
  package let stream: AsyncStream<Record>

  private let feed: AsyncStream<Record>.Continuation
  /// What is asked of the model beside every answer.
  private let looks: TurnRequest.Looks
  /// Takes each record as it comes, in the place of the stream.
  private let hear: (@MainActor (Record) -> Void)?
  /// Shows what is no record.
  let show: @MainActor (Aside) -> Void
  let tool: SessionRecord.Tool
  private var store: SessionStore?
  private(set) var id = UUID().uuidString
  private var storedCount = 0
  /// What the records say of the preset.
  private(set) var presetState = PresetState.off
  /// The number of the newest answer in the records.
  private(set) var answerCount = 0
  /// Whether the program, and not a person, limited what attention sees.
  private var reachIsOurs = false

  /// A conversation that begins now, with the program `tool`. It is kept in the file at
  /// `sessionsFile`, if one is named. `show` shows what is no record: words of the program's own,
  /// progress, what is known of blocks. `hear` takes each record at once, in the place of the stream: who
  /// writes lines has everything before a command written when it is carried out.
  package init(
    _ dialogue: Dialogue, tool: SessionRecord.Tool, sessionsFile: String?,
    looks: TurnRequest.Looks = [.lens, .yardstick],
    hear: (@MainActor (Record) -> Void)? = nil,
    show: @escaping @MainActor (Aside) -> Void
  ) {
    self.dialogue = dialogue
    self.tool = tool
    self.looks = looks
    (self.hear, self.show) = (hear, show)
    engine = Engine(
      model: dialogue.model, contextLength: dialogue.reference.contextLength)
    (stream, feed) = AsyncStream.makeStream(of: Record.self)
    if let sessionsFile { openStore(at: sessionsFile) }
    for text in dialogue.model.notices(isRaw: dialogue.settings.isRaw) { notice(.warning, text) }
    beginAfresh()
    // While the person types, so that the first answer need not wait for it.
    if dialogue.settings.draft.value.isTimed { Task { [engine] in _ = await engine.costs } }
  }

  private func openStore(at path: String) {
    do {
      store = try SessionStore(path: path)
    } catch {
      notice(.warning, "This session is not kept: \(error)")
    }
  }

  /// Starts a new session record; what was said before is not part of it.
  func beginAfresh() {
    // A text that begins afresh is seen whole again, unless a person chose otherwise.
    if reachIsOurs { dialogue.forgetReach() }
    reachIsOurs = false
    beginRecords()
    publish(.session(dialogue.sessionRecord(of: engine, id: id, tool: tool)))
    publishPreset()
    if let system = dialogue.conversation.messages.first, system.role == .system {
      publish(.turn(TurnRecord(turn: 0, role: .system, text: system.content, tNs: engine.elapsed)))
    }
  }

  /// Puts records of an earlier session in the place of this one.
  func replace(with loaded: [Record]) {
    beginRecords()
    for record in loaded { publish(record) }
  }

  private func beginRecords() {
    persist()
    id = UUID().uuidString
    records = []
    storedCount = 0
    presetState = .off
    answerCount = 0
  }

  /// Shows a record and keeps it.
  func publish(_ record: Record) {
    switch record {
    case .parameter(let change):
      if case .preset(let state) = change.change { presetState = state }
      if change.session != nil { presetState = .off }
    case .turn(let turn) where turn.role == .assistant:
      answerCount = turn.answer ?? answerCount + 1
    default: break
    }
    records.append(record)
    if let hear { hear(record) } else { feed.yield(record) }
  }

  /// Says which preset is in force and whether its certificate holds, where that is news.
  func publishPreset() {
    let state = dialogue.presetState
    guard state != presetState else { return }
    publish(.parameter(.preset(from: presetState, to: state, tNs: engine.elapsed)))
  }

  /// Shows a word of the program's own.
  func notice(_ kind: Notice.Kind, _ text: String) { show(.notice(Notice(kind, text))) }

  /// Says `text` and shows the answer as it comes; returns when nothing more comes.
  package func submit(_ text: String) async {
    publish(
      .turn(
        TurnRecord(
          turn: dialogue.conversation.nextTurn, role: .user, text: text, tNs: engine.elapsed)))
    dialogue.conversation.say(.user, text)
    await answer()
  }

  /// Answers the last message. An answer that has `begun` goes on.
  func answer(_ begun: BegunAnswer = BegunAnswer()) async {
    let prompt = dialogue.prompt + begun.ids
    do { try goOn(withPrompt: prompt.count) } catch { notice(.error, "\(error)") }
    var text = ReplyText()
    var answer = ""
    let request = dialogue.request(
      prompt, answer: answerCount + 1, begunCount: begun.ids.count, looks: looks)
    for await record in engine.records(for: request) {
      publish(record)
      answer += text.append(record)
      if case .end(let end) = record { finish(answer, end, begun) }
    }
    persist()
  }

  private func finish(_ answer: String, _ end: EndRecord, _ begun: BegunAnswer) {
    if end.reason != .error {
      dialogue.conversation.say(.assistant, answer)
    } else if begun.ids.isEmpty {
      _ = dialogue.conversation.takeBack(.user)
    } else {
      dialogue.conversation.say(.assistant, begun.text)
    }
    persist()
  }

  /// Where nobody chose a reach and the text comes to the end of the context: goes on with a window, and
  /// says so.
  private func goOn(withPrompt count: Int) throws {
    let before = dialogue
    guard
      let reach = try dialogue.goOn(withPrompt: count, contextLength: engine.contextLength)
    else { return }
    publishChange(of: .window, from: before)
    reachIsOurs = true
    notice(
      .warning,
      "The conversation reaches the end of the context of \(engine.contextLength) positions. "
        + "It goes on: attention now sees the first \(reach.sinks) and the last "
        + "\(reach.window) tokens, and forgets what lies between. /window changes it.")
  }

  /// Notes that a person chose what attention sees.
  func reachIsChosen() { reachIsOurs = false }

  /// Stops the answer that runs.
  package func interrupt() { engine.stop() }

  /// Ends the session and keeps what it left.
  package func close() {
    engine.stop()
    persist()
    feed.finish()
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
