import Dials
package import Events
import Files
import Foundation
package import Inference
import Reports
package import Sessions
import Techniques
import Tokenization

/// A conversation with an engine: what was said, the settings in force, and every record, handed on
/// to whoever shows them.
@MainActor
package final class ChatSession {
  /// Who answers.
  package private(set) var engine: Engine
  /// What is said, and under which settings.
  package internal(set) var dialogue: Dialogue
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
  /// Opens another model; nil where there is none to be had.
  let openModel: OpenModel?
  /// Has all records, and writes them to the database if they are to be kept there.
  let keeper: SessionKeeper
  /// The longest that an answer waits until the database has what it answers.
  private static let savePatience = Duration.milliseconds(500)
  private(set) var id = UUID().uuidString
  /// The newest answer, until it has come to its end.
  private var answering: Task<Void, Never>?
  /// The answer that /continue goes on from.
  private(set) var answers = BegunAnswers()
  /// What the records say of the preset.
  private(set) var presetState = PresetState.off
  /// What the newest answer was made with; nil before the first.
  private(set) var made: AnswerSettings?
  /// The number of the newest answer in the records.
  private(set) var answerCount = 0
  /// The database; nil where nothing is to be kept.
  let sessionsFile: String?
  /// The folder of what drafters learned; nil where nothing is to be kept.
  let guessesFolder: String?
  /// Gives the drafters what earlier sessions kept.
  private var recalling: Task<Void, Never>?
  /// The files that hold this session, as far as it went when they were written or loaded.
  private var saves: Set<FileIdentity> = []
  /// What is said with the next message.
  var attachment = Attachment()
  /// Whether the program, and not a person, limited what attention sees.
  var reachIsOurs = false
  /// What the records say is out of sight.
  var forgotten = "none"
  /// How the last answer ended.
  private var lastEnd: EndRecord?

  /// A conversation that begins now, with the program `tool`. It is kept in the file at
  /// `sessionsFile`, if one is named, which may grow to the `limit`, and what drafters learn in `guessesFolder`. `show` shows what is no record: words of the program's own,
  /// progress, what is known of blocks. `hear` takes each record at once, in the place of the stream: who
  /// writes lines has everything before a command written when it is carried out.
  package init(
    _ dialogue: Dialogue, tool: SessionRecord.Tool, sessionsFile: String?,
    limit: StorageLimit = .usual, guessesFolder: String? = nil, openModel: OpenModel? = nil,
    looks: TurnRequest.Looks = [.lens, .yardstick],
    hear: (@MainActor (Record) -> Void)? = nil,
    show: @escaping @MainActor (Aside) -> Void
  ) {
    self.dialogue = dialogue
    (self.tool, self.openModel) = (tool, openModel)
    self.sessionsFile = sessionsFile
    self.guessesFolder = guessesFolder
    self.looks = looks
    (self.hear, self.show) = (hear, show)
    engine = Engine(
      model: dialogue.model, contextLength: dialogue.reference.contextLength)
    (stream, feed) = AsyncStream.makeStream(of: Record.self)
    keeper = SessionKeeper(path: sessionsFile, limit: limit) { word in
      Task { @MainActor in show(.notice(Notice(word))) }
    }
    for text in dialogue.notices { notice(.warning, text) }
    beginAfresh()
    // While the person types, so that the first answer need not wait for it.
    if dialogue.settings.draft.value.isTimed { Task { [engine] in _ = await engine.costs } }
    if guessesFolder != nil { recalling = Task { await recallGuesses() } }
  }

  /// Lets go of the model in use, keeping what its drafters learned, and answers with `dialogue`'s from now
  /// on.
  func engage(_ next: Dialogue) async {
    await recalling?.value
    await keepGuesses(of: dialogue.model)
    dialogue = next
    engine = Engine(
      model: next.model, contextLength: next.reference.contextLength, begin: engine.begin)
    if guessesFolder != nil { recalling = Task { await recallGuesses() } }
  }

  /// Starts a new session record; what was said before is not part of it.
  func beginAfresh() {
    // A text that begins afresh is seen whole again, unless a person chose otherwise.
    if reachIsOurs { dialogue.forgetReach() }
    reachIsOurs = false
    beginRecords()
    publish(.session(dialogue.sessionRecord(of: engine, id: id, tool: tool)))
    publishPreset()
    publishThinking(after: .on)
    if let system = dialogue.conversation.messages.first, system.role == .system {
      publish(.turn(TurnRecord(turn: 0, role: .system, text: system.content, tNs: engine.elapsed)))
    }
  }

  /// Puts records of an earlier session in the place of this one: as a part of one that is new, or of the
  /// `stored` one, to which is added then.
  func replace(with loaded: [Record], of stored: StoredSession? = nil) {
    beginRecords(of: stored)
    for record in loaded { publish(record, isKept: stored != nil) }
  }

  /// Goes on as a copy, perhaps under a name; returns the id of before.
  func branch(name: String?) -> String {
    let old = id
    (id, saves) = (UUID().uuidString, [])
    keeper.branch(id, name: name)
    return old
  }

  private func beginRecords(of stored: StoredSession? = nil) {
    id = stored?.summary.id ?? UUID().uuidString
    if let stored { keeper.resume(stored) } else { keeper.begin(id) }
    answers = BegunAnswers()
    (saves, forgotten) = ([], "none")
    presetState = .off
    (answerCount, made) = (0, nil)
  }

  /// Notes that the file at `path` holds this session.
  func isOwn(_ path: String) {
    if let file = FileIdentity(path: path) { saves.insert(file) }
  }

  /// Whether the file at `path` holds nothing that this session does not.
  func owns(_ path: String) -> Bool { FileIdentity(path: path).map(saves.contains) ?? false }

  /// Shows a record and keeps it, unless it is kept already.
  func publish(_ record: Record, isKept: Bool = false) {
    switch record {
    case .parameter(let change):
      if case .preset(let state) = change.change { presetState = state }
      if change.session != nil { presetState = .off }
      if case .forgotten = change.change { forgotten = change.new }
    case .turn(let turn) where turn.role == .assistant:
      (answerCount, made) = (turn.answer ?? answerCount + 1, turn.made)
    default: break
    }
    answers.add(record)
    if !isKept { keeper.keep(record) }
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

  /// Says `message` and shows the answer as it comes; returns when nothing more comes.
  package func submit(_ message: String) async {
    let text = attachment.take(before: message)
    publish(
      .turn(
        TurnRecord(
          turn: dialogue.conversation.nextTurn, role: .user, text: text, tNs: engine.elapsed)))
    dialogue.conversation.say(.user, text)
    await answer()
  }

  /// Answers the last message. An answer that has `begun` goes on.
  func answer(_ begun: BegunAnswer = BegunAnswer()) async {
    await recalling?.value
    let prompt = SightWork(session: self).comingPrompt(begun.ids)
    lastEnd = nil
    var request = dialogue.request(
      prompt, answer: answerCount + 1, begunCount: begun.ids.count, looks: looks)
    request.hearsReading = PromptReading.report(to: show)
    // A task of its own: when the screen is gone, the answer still comes to an end that is kept.
    let work = Task { [stream = engine.records(for: request)] in
      await keeper.save(atMost: Self.savePatience)
      await follow(stream, begun)
    }
    answering = work
    await work.value
    SightWork(session: self).sayForgotten(after: prompt.count + (lastEnd?.timings.predictedN ?? 0))
    // The context was full in the middle of the answer: it goes on as one whose beginning leaves.
    if lastEnd?.reason == .context, dialogue.settings.reach == nil { await continueAnswer() }
  }

  /// Shows and keeps the records of an answer as they come.
  private func follow(_ stream: AsyncStream<Record>, _ begun: BegunAnswer) async {
    var text = ReplyText()
    var answer = ""
    for await record in stream {
      publish(record)
      answer += text.append(record)
      if case .end(let end) = record { finish(answer, end, begun) }
    }
  }

  private func finish(_ answer: String, _ end: EndRecord, _ begun: BegunAnswer) {
    lastEnd = end
    if end.reason != .error {
      dialogue.conversation.say(.assistant, answer)
    } else if begun.ids.isEmpty {
      _ = dialogue.conversation.takeBack(.user)
    } else {
      dialogue.conversation.say(.assistant, begun.text)
    }
  }

  /// Notes that a person chose what attention sees.
  func reachIsChosen() { reachIsOurs = false }

  /// Goes on with a conversation that was kept: what is said now is added to it.
  package func resume(_ stored: StoredSession) { EarlierConversations(of: self).resume(stored) }

  /// Stops the answer that runs.
  package func interrupt() { engine.stop() }

  /// Ends the session and keeps what it left, an answer that is under way up to here. Where another program
  /// holds the database, that takes `patience` at most; returns why something was not kept, if it was not.
  @discardableResult
  package func close(patience: Duration = .seconds(8)) async -> SessionError? {
    engine.stop()
    let _: Void? = await Patience.wait(atMost: .seconds(1)) { [answering] done in
      Task {
        await answering?.value
        done(())
      }
    }
    await recalling?.value
    await keepGuesses(of: dialogue.model)
    feed.finish()
    return await keeper.close(atMost: patience)
  }
}

extension Notice {
  /// What a person reads of a keeper's troubles.
  fileprivate init(_ word: SessionKeeper.Word) {
    switch word {
    case .notKept(let error):
      let again =
        error.code == .busy
        ? "It is tried again and again." : "It is tried again with each message."
      self.init(.warning, "This session is not kept for now: \(error)\n\(again)")
    case .keptAgain: self.init(.information, "This session is kept again, with all that was said.")
    case .nearLimit(let path, let limit):
      let most = limit.bytes.map { Numbers.bytes($0) } ?? ""
      self.init(
        .warning,
        "The conversations take more than nine tenths of the \(most) that they may: \(path). Delete "
          + "some with /sessions (d), or let them grow: fathom --sessions-limit 4G")
    case .wentApart:
      self.init(
        .warning,
        "Another program added to this conversation. It goes on here as a copy of its own; /sessions "
          + "has both.")
    }
  }
}
