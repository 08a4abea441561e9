/// A conversation that was kept, as a list shows it.
package struct ConversationLine: Hashable, Sendable {
  /// Identifies it; a UUID.
  package var id: String
  /// When it was last used, in words.
  package var when: String
  /// What it is called.
  package var title: String
  /// How many answers it has.
  package var answerCount: Int
  /// The name of the model's file.
  package var model: String
  /// What was said around a word that was looked for.
  package var excerpt: String?

  /// A conversation of which a list says this.
  package init(
    id: String, when: String, title: String, answerCount: Int, model: String,
    excerpt: String? = nil
  ) {
    (self.id, self.when, self.title) = (id, when, title)
    (self.answerCount, self.model, self.excerpt) = (answerCount, model, excerpt)
  }

  /// `3 answers`
  package var answers: String { "\(answerCount) answer\(answerCount == 1 ? "" : "s")" }
}

/// Conversations in which something was said that somebody looked for.
package struct FoundConversations: Hashable, Sendable {
  /// What was looked for, as it was typed; empty where it is all of them.
  package var query: String
  /// The conversations, the one that was added to last first; not more than a list has room for.
  package var lines: [ConversationLine]
  /// How many there are in all.
  package var total: Int
  /// How many could not be looked through in time.
  package var unread: Int

  /// What was found.
  package init(query: String = "", lines: [ConversationLine] = [], total: Int = 0, unread: Int = 0)
  {
    (self.query, self.lines, self.total, self.unread) = (query, lines, total, unread)
  }

  /// What a person should know beside the lines; nil where that is nothing.
  package var remark: String? {
    let cut = total > lines.count ? "the newest \(lines.count) of \(total)" : nil
    let unread = unread == 0 ? nil : "\(unread) not looked through yet: search again"
    return cut == nil && unread == nil
      ? nil : [cut, unread].compactMap(\.self).joined(separator: "; ")
  }
}
