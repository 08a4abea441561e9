import Chat
import Events
import Foundation
import Sessions
import TestSupport
import Testing

/// What a conversation leaves in the database.
@MainActor
struct KeepingTests {
  @Test func `the database has what the session has, whatever was done in it`() async throws {
    try await withTemporaryFolder { folder in
      let chat = TinyChat(try .tiny(), sessionsFile: folder + "/sessions.sqlite")
      await chat.session.submit("the cat")
      await chat.apply(.draft("off"), .regenerate, .continueAnswer)
      await chat.session.submit("a dog")
      await chat.session.close()
      let store = try SessionStore(path: folder + "/sessions.sqlite")
      #expect(try store.records(of: "last") == chat.records)
      #expect(chat.notices.all.allSatisfy { $0.kind != .warning })
    }
  }

  @Test func `what is loaded is kept as part of the session that goes on`() async throws {
    try await withTemporaryFolder { folder in
      let first = try TinyChat()
      await first.session.submit("the cat")
      await first.apply(.save(to: folder + "/half.jsonl"))
      let chat = TinyChat(try .tiny(), sessionsFile: folder + "/sessions.sqlite")
      await chat.apply(.load(from: folder + "/half.jsonl"))
      await chat.session.submit("and the dog")
      await chat.session.close()
      let store = try SessionStore(path: folder + "/sessions.sqlite")
      #expect(try store.list().map(\.turnCount) == [2])
      #expect(try store.records(of: "last") == chat.records)
    }
  }

  @Test func `a database that cannot be had is said once, and the conversation goes on`()
    async throws
  {
    try await withTemporaryFolder { folder in
      let chat = TinyChat(try .tiny(), sessionsFile: folder)
      for text in ["the cat", "and the dog"] { await chat.session.submit(text) }
      let error = await chat.session.close()
      #expect(error?.code == .denied)
      #expect(chat.ends.count == 2)
      let words = chat.notices.all.filter { $0.kind == .warning }.map(\.text)
      #expect(
        words.count == 1 && words[0].hasPrefix("This session is not kept for now: \(folder)"))
    }
  }
}
