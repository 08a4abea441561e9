import Chat
import Dials
import Events
import Foundation
import Inference
import Sessions
import TestSupport
import Testing

/// Conversations that were kept go on.
@MainActor
struct ResumeTests {
  /// Keeps a conversation in which these things are said, and gives the records.
  private func keep(
    _ texts: [String], in folder: String, model: TinyModel = TinyModel(seed: 4),
    _ change: (inout ChatSettings) -> Void = { _ in }
  ) async throws -> [Record] {
    let chat = TinyChat(
      try .tiny(model, change), sessionsFile: folder + "/sessions.sqlite")
    for text in texts { await chat.session.submit(text) }
    #expect(await chat.session.close() == nil)
    return chat.records
  }

  private func chat(
    in folder: String, model: TinyModel = TinyModel(seed: 4), named name: String? = nil
  ) async throws -> TinyChat {
    let file = folder + "/sessions.sqlite"
    let chat = TinyChat(try .tiny(model), sessionsFile: file)
    if let name { chat.session.resume(try await ConversationShelf(path: file).open(name)) }
    return chat
  }

  private func store(in folder: String) throws -> SessionStore {
    try SessionStore(path: folder + "/sessions.sqlite")
  }

  @Test func `what is said is added to the same conversation, which goes on as it would have`()
    async throws
  {
    try await withTemporaryFolder { folder in
      let whole = try TinyChat { $0.system = "Be brief." }
      for text in ["the cat", "and the dog"] { await whole.session.submit(text) }
      let before = try await keep(["the cat"], in: folder) { $0.system = "Be brief." }
      let id = try #require(try store(in: folder).list().first?.id)
      let later = try await chat(in: folder, named: "last")
      #expect(later.notices.all.contains { $0.text.hasPrefix("Opened \"the cat\" of Today") })
      await later.session.submit("and the dog")
      #expect(await later.session.close() == nil)
      #expect(later.errors.isEmpty && later.ids(turn: 4) == whole.ids(turn: 4))
      let list = try store(in: folder).list()
      #expect(list.map(\.id) == [id] && list.map(\.answerCount) == [2])
      let records = try store(in: folder).records(of: "last")
      #expect(Array(records.prefix(before.count)) == before)
      #expect(records == later.records)
      for record in records { if case .session(let session) = record { #expect(session.id == id) } }
    }
  }

  @Test func `a conversation in which nothing more is said stays as it was`() async throws {
    try await withTemporaryFolder { folder in
      let before = try await keep(["the cat"], in: folder)
      let later = try await chat(in: folder, named: "last")
      await later.apply(.draft("off"))
      #expect(await later.session.close() == nil)
      #expect(try store(in: folder).records(of: "last") == before)
    }
  }

  @Test func `another model goes on with it, and says so`() async throws {
    try await withTemporaryFolder { folder in
      _ = try await keep(["the cat"], in: folder) { $0.system = "Be brief." }
      let later = try await chat(
        in: folder, model: TinyModel(blockCount: 3, seed: 5), named: "last")
      #expect(
        later.notices.all.contains { $0.kind == .warning && $0.text.contains("it goes on with") })
      await later.session.submit("and the dog")
      #expect(await later.session.close() == nil)
      #expect(later.errors.isEmpty && later.ends.count == 2)
      #expect(try store(in: folder).list().map(\.answerCount) == [2])
    }
  }

  @Test func `an answer whose program was killed is there as far as it came, and goes on`()
    async throws
  {
    try await withTemporaryFolder { folder in
      let file = folder + "/sessions.sqlite"
      let whole = try await keep(["the cat"], in: folder)
      let id = try #require(try store(in: folder).list().first?.id)
      let cut = Array(whole.prefix { if case .end = $0 { false } else { true } }.dropLast(2))
      for (number, kept) in [cut, Array(cut.prefix(2))].enumerated() {
        let store = try store(in: folder)
        try store.delete("last")
        var log = SessionLog(id: "\(id)\(number)")
        for record in kept { try log.add(record) }
        try store.write(&log, rests: false)
        let later = TinyChat(try .tiny(), sessionsFile: file)
        await later.apply(.conversations(.resume("last")))
        let said = later.session.dialogue.conversation.messages
        #expect(said.count == (number == 0 ? 2 : 0))
        if number == 0 {
          await later.apply(.continueAnswer)
          #expect(later.ends.count == 2 && later.errors.isEmpty)
        } else {
          await later.session.submit("the cat")
          #expect(later.ends.last?.reason != .error)
        }
        #expect(await later.session.close() == nil)
        #expect(try Array(store.records(of: "last").prefix(kept.count)) == kept)
      }
    }
  }

  @Test func `a branch goes on alone, and /resume brings the other back`() async throws {
    try await withTemporaryFolder { folder in
      let chat = try await chat(in: folder)
      await chat.apply(.conversations(.branch(nil)))
      #expect(chat.notices.all.last?.text.hasPrefix("Nothing is said yet") == true)
      await chat.session.submit("the cat")
      await chat.apply(.conversations(.list("")))
      let old = chat.records
      let id = try #require(try store(in: folder).list().first?.id)
      await chat.apply(.conversations(.branch("the other way")))
      await chat.session.submit("and the dog")
      await chat.apply(.conversations(.list("dog")))
      #expect(chat.notices.all.last?.text.contains("the other way") == true)
      let titles = try store(in: folder).list().map(\.title)
      #expect(titles == ["the other way", "the cat"])
      #expect(try store(in: folder).records(of: id) == old)
      await chat.apply(.conversations(.resume(id)))
      #expect(chat.session.dialogue.conversation.messages.count == 2)
      await chat.session.submit("and a bird")
      #expect(await chat.session.close() == nil)
      let records = try store(in: folder).records(of: id)
      #expect(Array(records.prefix(old.count)) == old && records.count > old.count)
      #expect(try store(in: folder).list().map(\.answerCount) == [2, 2])
      #expect(chat.errors.isEmpty)
    }
  }

  @Test func `names are found, changed and deleted, and mistakes are said`() async throws {
    try await withTemporaryFolder { folder in
      _ = try await keep(["the cat"], in: folder)
      _ = try await keep(["a dog"], in: folder)
      let chat = try await chat(in: folder)
      let ids = try store(in: folder).list().map(\.id)
      await chat.apply(.conversations(.rename(id: ids[1], to: "Felines", thenFind: "")))
      await chat.apply(.conversations(.list("feline")))
      let list = try #require(chat.notices.all.last?.text)
      #expect(list.contains(ids[1].prefix(8)) && list.contains("Felines") && !list.contains("dog"))
      await chat.apply(
        .conversations(.delete(id: ids[0], thenFind: "")), .conversations(.list("dog")))
      #expect(chat.notices.all.last?.text == "Nobody said that.")
      await chat.apply(.conversations(.resume("nobody")))
      #expect(chat.errors.last?.contains("there is no session \"nobody\"") == true)
      let secret = TinyChat(try .tiny())
      await secret.apply(.conversations(.list("")))
      #expect(secret.errors.last?.contains("--no-history") == true)
      await chat.session.close()
    }
  }
}
