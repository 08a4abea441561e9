import Dials
import Events
import Files
import Foundation
import Inference
import Reports
import Sessions
import Techniques
import Tokenization

/// What a session does with conversations of before: lists them, goes on with one, goes on as a copy of its own.
@MainActor
struct EarlierConversations {
  private let session: ChatSession
  /// Characters of an id that a list shows.
  private static let idLength = 8

  /// Those that `session` may go on with.
  init(of session: ChatSession) { self.session = session }

  /// Carries out a command.
  func apply(_ command: ConversationCommand) async throws {
    switch command {
    case .list(let query): try await list(query)
    case .find(let query): try await find(query)
    case .resume(let name): resume(try await opened(name))
    case .rename(let id, let title, let query):
      try await shelf().rename(id, to: title)
      try await find(query)
    case .delete(let id, let query):
      try await shelf().delete(id)
      try await find(query)
    case .branch(let name): try branch(name)
    }
  }

  private func shelf() throws(ChatError) -> ConversationShelf {
    guard let path = session.sessionsFile else {
      throw ChatError("No conversations are kept here: that is what --no-history asks for.")
    }
    return ConversationShelf(path: path)
  }

  private func find(_ query: String) async throws {
    await session.keeper.save(atMost: .seconds(1))
    session.show(.conversations(try await shelf().find(query)))
  }

  private func list(_ query: String) async throws {
    await session.keeper.save(atMost: .seconds(1))
    let found = try await shelf().find(query)
    guard !found.lines.isEmpty else {
      let words = query.isEmpty ? "No conversation is kept yet." : "Nobody said that."
      return session.notice(.information, words)
    }
    let rows = found.lines.map {
      [String($0.id.prefix(Self.idLength)), $0.when, $0.title, $0.answers, $0.model]
    }
    let lines = Table(rows: rows).lines + [found.remark].compactMap(\.self)
    session.notice(
      .information, (lines + ["/resume ID goes on with one."]).joined(separator: "\n"))
  }

  private func opened(_ name: String) async throws -> StoredSession {
    await session.keeper.save(atMost: .seconds(1))
    return try await shelf().open(name)
  }

  // MARK: - Going on

  /// Goes on with a conversation that was kept: what is said now is added to it.
  func resume(_ stored: StoredSession) {
    let summary = stored.summary
    guard summary.id != session.id else {
      return session.notice(.information, "This conversation is the one that you are in.")
    }
    let words = goOn(with: stored.records, of: stored)
    session.notice(
      .information,
      "Opened \"\(summary.title)\" of \(DayWords.words(forStamp: summary.lastUsed)). "
        + "The next message goes on from here, \(words).")
  }

  /// Goes on with the records in a file.
  func load(from path: String) async throws {
    let path = HomeFolder.expand(path)
    let reading = try await FileWork.session(at: path)
    if reading.isCut {
      session.notice(
        .warning, "The last line of \(path) is cut off; what lies before it is loaded.")
    }
    let words = goOn(with: reading.records)
    session.isOwn(path)
    session.notice(
      .information, "Loaded \(path). The next message goes on from here, \(words).")
  }

  /// Goes on as a copy from here.
  private func branch(_ name: String?) throws {
    guard session.dialogue.conversation.messages.contains(where: { $0.role == .user }) else {
      return session.notice(.information, "Nothing is said yet that could be copied.")
    }
    let old = session.branch(name: name)
    session.publishGoingOn(from: old)
    session.notice(
      .information,
      "A copy of the conversation goes on from here"
        + (name.map { " as \"\($0)\"" } ?? "")
        + "; the one of before stays as it is: /resume \(old.prefix(Self.idLength))")
  }

  /// Puts loaded records in the place of the session, which goes on under their settings, or else under those
  /// of before: says which, and what the records were made with.
  private func goOn(with loaded: [Record], of stored: StoredSession? = nil) -> String {
    let ends = stored == nil ? [] : [loaded.missingEnd].compactMap(\.self)
    session.dialogue.conversation = Conversation(
      records: loaded + ends, template: session.dialogue.conversation.template)
    let old = session.id
    session.replace(with: loaded, of: stored)
    for end in ends { session.publish(end) }
    guard let made = MadeWith(loaded) else { return "under its settings" }
    if !made.session.model.isSame(as: session.engine.model.hashedCard) {
      let (file, now) = (made.session.model.file, session.engine.model.card.file)
      let way = session.openModel == nil ? "" : " /model NAME changes that."
      session.notice(
        .warning, "This session was made with \(file); it goes on with \(now).\(way)")
    }
    let (words, areTheirs) = session.dialogue.goOn(from: made.force)
    if areTheirs { session.reachIsChosen() }
    session.publishGoingOn(from: stored == nil ? made.first.id : old)
    session.publishThinking(after: made.force.thinking)
    return words + " (made with \(made.words))"
  }
}

/// What the newest part of a session was made with.
struct MadeWith {
  /// The session's own record.
  let first: SessionRecord
  /// What ran last: a session may have changed its model.
  private(set) var session: SessionRecord
  /// The settings that were in force at its end.
  private(set) var force: SettingsInForce

  /// What these records were made with; nil where they do not begin with a session.
  init?(_ records: [Record]) {
    guard case .session(let session)? = records.first else { return nil }
    (first, self.session, force) = (session, session, SettingsInForce(session))
    for case .parameter(let change) in records {
      force.apply(change)
      self.session = change.session ?? self.session
    }
  }

  /// The model and what was not as usual, in words.
  var words: String {
    let made = force.next
    let sampler = made.sampler
    let drawing =
      sampler.temperature == 0
      ? "greedy" : "temperature \(sampler.temperature), seed \(sampler.seed)"
    let rest: [String?] = [
      made.preset.name.map { "preset \($0)" },
      made.policy.exit == .off ? nil : "exits \(made.policy.exit)",
      made.policy.pruned.isEmpty ? nil : "without blocks \(made.policy.pruned)",
      made.policy.reach.isLimited ? "attention \(made.policy.reach)" : nil,
      made.adapter.map { "adapter \($0.name)" },
    ]
    return ([session.model.file, drawing] + rest.compactMap(\.self)).joined(separator: ", ")
  }
}

extension [Record] {
  /// What a session lacks whose program was killed: the end of its last answer, be it one that never began; nil
  /// where nothing is open.
  fileprivate var missingEnd: Record? {
    var open: TurnRecord?
    var tokenCount = 0
    var time = 0
    for record in self {
      switch record {
      case .turn(let turn):
        open = turn.role == .system ? open : turn
        (tokenCount, time) = (0, turn.tNs)
      case .token(let token):
        tokenCount += 1
        time = token.tNs
      case .end: open = nil
      default: break
      }
    }
    guard let open else { return nil }
    let isBegun = open.role == .assistant && tokenCount > 0
    return .end(
      EndRecord(
        turn: open.turn, answer: open.answer, reason: isBegun ? .interrupt : .error,
        message: isBegun ? nil : "No answer came: the program ended before.",
        timings: EndRecord.Timings(
          cacheN: 0, promptN: 0, promptMs: 0, predictedN: 0, predictedMs: 0, draftN: 0,
          draftNAccepted: 0), tNs: time))
  }
}
