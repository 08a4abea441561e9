package import Dials
package import Tokenization

/// What has been said so far, and how it is written down for the model.
///
/// The messages are all there is to a conversation: its tokens are made from them anew for each
/// turn, so a conversation that is saved and loaded goes on exactly as it would have.
package struct Conversation: Hashable, Sendable {
  /// The messages, oldest first; at most one system message, which comes first.
  package private(set) var messages: [ChatMessage]
  /// The turns that stay in sight whatever is forgotten, counted from 1.
  package var pinned: Set<Int> = [1]
  /// What stands around the messages; `raw` is nothing.
  package var template: ChatTemplate

  /// A conversation with these instructions, if any.
  package init(system: String? = nil, template: ChatTemplate) {
    messages = system.map { [ChatMessage(.system, $0)] } ?? []
    self.template = template
  }

  /// The instructions, if there are any.
  package var system: String? { messages.first.flatMap { $0.role == .system ? $0.content : nil } }

  /// The number that the next message will have.
  package var nextTurn: Int { messages.count }

  /// Adds what someone says.
  package mutating func say(_ role: ChatMessage.Role, _ text: String) {
    messages.append(ChatMessage(role, text))
  }

  /// Takes back the last message, if it is from `role`, and returns it.
  package mutating func takeBack(_ role: ChatMessage.Role) -> String? {
    guard let last = messages.last, last.role == role else { return nil }
    messages.removeLast()
    return last.content
  }

  /// Takes back all messages but the first `count`.
  mutating func keep(_ count: Int) {
    messages.removeLast(messages.count - count)
    pinned = pinned.filter { $0 <= max(1, turns.count) }
  }

  /// Sets or replaces the instructions.
  package mutating func instruct(_ text: String) {
    if messages.first?.role == .system { messages.removeFirst() }
    messages.insert(ChatMessage(.system, text), at: 0)
  }

  /// Forgets everything but the instructions.
  package mutating func clear() {
    messages.removeAll { $0.role != .system }
    pinned = [1]
  }

  /// The prompt for the answer that comes next.
  package func prompt(tokenizer: Tokenizer) -> [TokenID] {
    tokenizer.encode(chat: messages, template: template, addGenerationPrompt: true)
  }
}
