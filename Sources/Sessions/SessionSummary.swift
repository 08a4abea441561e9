/// One conversation in a list of conversations.
package struct SessionSummary: Hashable, Sendable {
  /// Identifies the session; a UUID.
  package var id: String
  /// When it began, RFC 3339.
  package var started: String
  /// When something was last written of it, RFC 3339; nil where an older version wrote it.
  package var used: String?
  /// The name of the model's file.
  package var model: String
  /// What a person calls it, or else the beginning of the first thing that they said; empty when nothing was
  /// said.
  package var title: String
  /// How many messages the person sent.
  package var turnCount: Int
  /// How many tokens the model answered, rejected drafts not counted.
  package var tokenCount: Int
  /// How many answers it has, as far as that is known; else how many messages the person sent.
  package var answerCount: Int
  /// What was said around a word that was looked for.
  package var excerpt: String?

  /// When it was last used, as far as that is known.
  package var lastUsed: String { used ?? started }
}

/// Some of the conversations that there are.
package struct SessionList: Hashable, Sendable {
  /// They themselves, the one that was added to last first.
  package var sessions: [SessionSummary]
  /// How many there are in all.
  package var total: Int
  /// How many could not be looked through in time.
  package var unread: Int

  /// Some of `total` conversations.
  package init(sessions: [SessionSummary] = [], total: Int = 0, unread: Int = 0) {
    (self.sessions, self.total, self.unread) = (sessions, total, unread)
  }
}
