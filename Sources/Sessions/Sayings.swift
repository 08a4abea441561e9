package import Events

/// What was said in a session, message by message: a fold over its records. People find conversations by it.
///
/// An answer that is given again takes the place of the one before, with all behind it; what the model only
/// thought is no part of it.
package struct Sayings: Sendable {
  /// One message.
  package struct Message: Hashable, Sendable {
    /// Its number in the conversation.
    package var turn: Int
    /// Who says it.
    package var role: Role
    /// What is said.
    package var text: String
  }

  /// The messages that are complete, in order.
  package private(set) var messages: [Message] = []
  /// The number from which on messages are others than when that was last noted; nil where none is.
  private(set) var firstChange: Int?
  /// The answer that has no end yet.
  private var open: Message?
  private var reply = ReplyParts()

  /// Nothing said yet.
  package init() {}

  /// Whether no answer is under way.
  package var isComplete: Bool { open == nil }

  /// Takes in a record.
  package mutating func add(_ record: Record) {
    switch record {
    case .turn(let turn):
      close()
      messages.removeAll { $0.turn >= turn.turn }
      change(from: turn.turn)
      let message = Message(turn: turn.turn, role: turn.role, text: turn.text)
      guard turn.role == .assistant else { return messages.append(message) }
      open = Message(turn: turn.turn, role: .assistant, text: "")
      grow(record)
    case .token: if open != nil { grow(record) }
    case .end:
      grow(record)
      close()
    default: break
    }
  }

  /// Takes an answer that never came to its end as it is.
  mutating func close() {
    if let open, !open.text.isEmpty {
      messages.append(open)
      change(from: open.turn)
    }
    open = nil
  }

  /// Notes that messages as they are now are known elsewhere; those from `turn` on if they are not.
  mutating func note(changesFrom turn: Int? = nil) { firstChange = turn }

  private mutating func grow(_ record: Record) { open?.text += reply.append(record).said }

  private mutating func change(from turn: Int) { firstChange = min(firstChange ?? turn, turn) }
}
