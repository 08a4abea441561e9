/// What a session says beside its records.
package enum Aside: Hashable, Sendable {
  /// The program has something to say.
  case notice(Notice)
  /// Something takes its time; nil when it is done.
  case progress(Progress?)
  /// A search found this out about the model's blocks.
  case blockFacts(BlockFacts)
  /// A text for the person to go on writing: a question that was taken back.
  case compose(String)
  /// A text for the terminal's clipboard.
  case copy(String)
  /// Conversations that were looked for.
  case conversations(FoundConversations)
}

/// A line of the program's own in the conversation.
package struct Notice: Hashable, Sendable {
  /// How serious it is.
  package enum Kind: Hashable, Sendable {
    case information
    case warning
    case error
  }

  /// How serious it is.
  package var kind: Kind
  /// What a person reads.
  package var text: String

  /// A notice.
  package init(_ kind: Kind, _ text: String) {
    self.kind = kind
    self.text = text
  }
}

/// Work that a person waits for.
package struct Progress: Hashable, Sendable {
  /// What is being done, such as `reading the prompt`.
  package var label: String
  /// How much of it is done, 0...1; nil when that is not known.
  package var share: Double?

  /// Work in progress.
  package init(_ label: String, share: Double? = nil) {
    self.label = label
    self.share = share
  }
}
