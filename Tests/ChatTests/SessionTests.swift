import Chat
import Dials
import Events
import Foundation
import Inference
import Sessions
import Techniques
import TestSupport
import Testing

/// A conversation, message by message.
@MainActor
struct SessionTests {
  private static let anthem = "the land of the free and the home of the brave"

  @Test func `messages are numbered, and what was read stays read`() async throws {
    let chat = try TinyChat()
    await chat.session.submit("the cat")
    await chat.session.submit("and the dog")
    #expect(chat.turns.map(\.turn) == [0, 1, 2, 3])
    #expect(chat.turns.map(\.role) == [.user, .assistant, .user, .assistant])
    #expect(chat.turns[3].nCached > 0)
    // What came before is not in a command line, so only the first answer has one.
    #expect(chat.ends.map { $0.repro != nil } == [true, false])
    #expect(chat.ends[0].repro?.hasSuffix("-p 'the cat'") == true)
  }

  @Test func `the records come as they are kept`() async throws {
    try await withTemporaryFolder { folder in
      let session = ChatSession(
        try .tiny(), tool: .init(name: "fathom", version: "test"), sessionsFile: nil
      ) { _ in }
      await session.submit("the cat")
      await session.apply(.save(to: "\(folder)/s.jsonl"))
      await session.close()
      var seen: [Record] = []
      for await record in session.stream { seen.append(record) }
      #expect(try SessionFile.load("\(folder)/s.jsonl").records == seen)
    }
  }

  @Test func `an answer given again takes the place of the last, with the next seed`() async throws
  {
    let chat = try TinyChat()
    await chat.session.submit("the cat")
    await chat.apply(.regenerate)
    await chat.session.submit("and")
    #expect(chat.turns.map(\.turn) == [0, 1, 1, 2, 3])
    #expect(chat.changes.map(\.key) == ["seed"] && chat.changes.map(\.new) == ["43"])
    let other = try TinyChat { $0.sampler.seed = 43 }
    await other.session.submit("the cat")
    let expected = other.ids(turn: 1)
    #expect(chat.ids(turn: 1).suffix(expected.count) == expected[...])
  }

  @Test func `a comparison answers with the same seed and says what the settings changed`()
    async throws
  {
    let chat = try TinyChat()
    await chat.session.submit("the cat")
    await chat.apply(.draft("off"), .compare)
    let comparisons = chat.records.compactMap { record in
      if case .comparison(let comparison) = record { comparison } else { nil }
    }
    #expect(comparisons.map(\.turn) == [1] && comparisons.map(\.with) == [1])
    #expect(comparisons.map(\.answer) == [2])
    #expect(comparisons.allSatisfy { $0.wordsShared == $0.words && !$0.marked.contains("[-") })
    #expect(chat.notices.all.isEmpty)
    let ids = chat.ids(turn: 1)
    #expect(ids.prefix(ids.count / 2) == ids.suffix(ids.count / 2))
  }

  @Test func `where nothing was changed the whole model gives the other answer, settings stay`()
    async throws
  {
    let chat = try TinyChat()
    let pruned = BlockSet(indices: [1])
    await chat.apply(.draft("off"), .prune(pruned))
    await chat.session.submit("the cat")
    await chat.apply(.compare)
    #expect(chat.session.dialogue.dials.pruned == pruned)
    await chat.apply(.compare)
    let made = chat.records.compactMap { record in
      if case .turn(let turn) = record { turn.made?.policy.pruned } else { nil }
    }
    #expect(made == [pruned, .none, pruned])
  }

  @Test func `clearing and new instructions begin a new session`() async throws {
    let chat = try TinyChat { $0.system = "Be brief." }
    await chat.session.submit("the cat")
    await chat.apply(.clear)
    await chat.session.submit("a dog")
    #expect(chat.texts == ["Be brief.", "a dog", ""])
    await chat.apply(.system("Be long."))
    await chat.session.submit("a dog")
    #expect(chat.texts == ["Be long.", "a dog", ""])
    #expect(chat.settings.system == "Be long.")
    // As if it had been so from the beginning.
    let fresh = try TinyChat { $0.system = "Be long." }
    await fresh.session.submit("a dog")
    #expect(chat.ids(turn: 2) == fresh.ids(turn: 2))
  }

  @Test func `a message that does not fit is not part of the conversation`() async throws {
    let chat = try TinyChat { $0.reach = .full }
    await chat.session.submit("the cat")
    await chat.session.submit(String(repeating: "x", count: 300))
    await chat.session.submit("and")
    #expect(chat.ends.map(\.reason).filter { $0 == .error }.count == 1)
    #expect(chat.ends[1].message?.contains("/clear") == true)
    let short = try TinyChat { $0.reach = .full }
    await short.session.submit("the cat")
    await short.session.submit("and")
    #expect(chat.ids(turn: 3) == short.ids(turn: 3))
    #expect(
      chat.session.dialogue.conversation.messages == short.session.dialogue.conversation.messages)
  }

  @Test func `a conversation goes on beyond its context until it begins afresh`() async throws {
    let chat = try TinyChat(contextLength: 64)
    for _ in 0..<6 { await chat.session.submit(Self.anthem) }
    let windows = chat.changes.filter { $0.key == "window" }
    #expect(
      windows.map(\.old) == ["off"]
        && windows.map(\.new) == [
          "lambda 32, 16 sinks at cache index, whole turns"
        ])
    #expect(chat.ends.allSatisfy { $0.reason != .error })
    // A first turn that is longer than half of the context cannot stay, and that is said once.
    #expect(chat.notices.all.count == 2)
    #expect(chat.notices.all[0].text.contains("the last turns, up to 32 tokens"))
    #expect(chat.notices.all[1].text.contains("too long to stay in sight: turn 1."))
    await chat.apply(.clear)
    #expect(chat.settings.reach == nil && !chat.session.dialogue.dials.reach.isLimited)
  }

  @Test func `a window that a person chose outlives the conversation`() async throws {
    let chat = try TinyChat(contextLength: 64)
    for _ in 0..<6 { await chat.session.submit(Self.anthem) }
    await chat.apply(.window("24"), .clear)
    #expect(chat.session.dialogue.dials.reach.window == 24)
  }

  @Test func `a saved session goes on as it would have`() async throws {
    try await withTemporaryFolder { folder in
      let whole = try TinyChat { $0.system = "Be brief." }
      await whole.session.submit("the cat")
      await whole.apply(.save(to: folder + "/half.jsonl"))
      await whole.session.submit("and the dog")
      let later = try TinyChat()
      await later.apply(.load(from: folder + "/half.jsonl"))
      await later.session.submit("and the dog")
      #expect(later.errors.isEmpty)
      #expect(!whole.ids(turn: 4).isEmpty)
      #expect(later.ids(turn: 4) == whole.ids(turn: 4))
      #expect(later.ids(turn: 2) == whole.ids(turn: 2))
      let other = try TinyChat(TinyModel(blockCount: 3, seed: 5))
      await other.apply(.load(from: folder + "/half.jsonl"))
      #expect(other.notices.all.first?.text.contains("it goes on with") == true)
    }
  }

  @Test func `a session of a newer version is loaded and saved without a loss`() async throws {
    try await withTemporaryFolder { folder in
      let chat = try TinyChat()
      await chat.session.submit("the cat")
      let newer = [
        #"{"colour_depth":{"deep_words":[1,9007199254740993]},"type":"aurora","v":1}"#,
        #"{"n_cached":0,"n_prompt":1,"role":"narrator","t_ns":5,"text":"x","turn":9,"type":"turn","v":1}"#,
      ]
      let text =
        String(decoding: try EventLog.data(for: chat.records), as: UTF8.self)
        + newer.map { $0 + "\n" }.joined()
      let (old, new) = (folder + "/old.jsonl", folder + "/new.jsonl")
      try Data(text.utf8).write(to: URL(filePath: old))
      let later = try TinyChat()
      await later.apply(.load(from: old), .save(to: new))
      #expect(later.errors.isEmpty && !later.notices.all.contains { $0.kind == .warning })
      // Behind what was loaded stands what runs from there on.
      let saved = try String(contentsOf: URL(filePath: new), encoding: .utf8)
      #expect(saved.hasPrefix(text))
      #expect(saved.dropFirst(text.count).count { $0 == "\n" } == 1)
    }
  }

  @Test func `a session is kept answer by answer, and each that begins afresh is one more`()
    async throws
  {
    try await withTemporaryFolder { folder in
      let file = folder + "/sessions.sqlite"
      let chat = TinyChat(try .tiny(), sessionsFile: file)
      await chat.session.submit("the cat")
      await chat.apply(.clear)
      await chat.session.submit("a dog")
      await chat.session.close()
      let store = try SessionStore(path: file)
      #expect(try store.list().map(\.turnCount) == [1, 1])
    }
  }
}
