package import Events
package import Foundation
import Reports
package import Sessions

/// The conversations that are kept, for who wants to see, open or change one. Nobody who asks waits on a thread
/// that others need.
package struct ConversationShelf: Sendable {
  /// The database.
  package let path: String
  /// The most conversations of a list.
  private static let limit = 500

  /// The conversations of the database at `path`, which need not be there.
  package init(path: String) { self.path = path }

  /// Those in which all of the words in `query` were said, or all of them; what an older version kept is looked
  /// through first, for as long as there is `patience`.
  package func find(
    _ query: String = "", patience: Duration = .milliseconds(700)
  ) async throws -> FoundConversations {
    guard FileManager.default.fileExists(atPath: path) else {
      return FoundConversations(query: query)
    }
    let list = try await work {
      try $0.find(SearchWords(query), limit: Self.limit, patience: patience)
    }
    let now = Date()
    return FoundConversations(
      query: query,
      lines: list.sessions.map { ConversationLine($0, now: now) }, total: list.total,
      unread: list.unread)
  }

  /// A conversation with all that is needed to go on: its id, the beginning of it, or `last`.
  package func open(_ name: String) async throws -> StoredSession {
    guard FileManager.default.fileExists(atPath: path) else {
      throw SessionError(
        .missing, path: path, reason: "there is no conversation yet",
        remedy: "Begin one: fathom")
    }
    return try await work { try $0.open(name) }
  }

  /// Gives a conversation another name; an empty one brings back the beginning of what was said.
  package func rename(_ id: String, to title: String) async throws {
    _ = try await work { try $0.rename(id, to: title) }
  }

  /// Deletes a conversation.
  package func delete(_ id: String) async throws { _ = try await work { try $0.delete(id) } }

  private func work<Value: Sendable>(
    _ work: @escaping @Sendable (SessionStore) throws -> Value
  ) async throws -> Value {
    try await FileWork.run {
      let store = try SessionStore(path: path)
      defer { store.close() }
      return try work(store)
    }.get()
  }
}

extension ConversationLine {
  /// What a list says of a session.
  package init(_ summary: SessionSummary, now: Date = Date()) {
    self.init(
      id: summary.id, when: DayWords.words(forStamp: summary.lastUsed, now: now),
      title: summary.title, answerCount: summary.answerCount, model: summary.model,
      excerpt: summary.excerpt)
  }
}
