package import Tokenization

/// One row of a data file: a conversation, or a plain text.
package enum DataRow: Hashable, Sendable {
  /// Messages, oldest first.
  case conversation([ChatMessage])
  /// A text that nobody says.
  case text(String)

  /// What is asked, without the last answer; empty for a plain text.
  package var prompt: [ChatMessage] {
    guard case .conversation(let messages) = self,
      let last = messages.lastIndex(where: { $0.role == .user })
    else { return [] }
    return Array(messages[...last])
  }
}

extension DataRow {
  /// The row that these fields make: messages, or a request with its answer if there is one, or a text.
  init(_ fields: RowFields) throws(BadRow) {
    if let messages = fields.messages {
      let messages = try Self.messages(messages)
      guard messages.contains(where: { $0.role == .user }) else {
        throw BadRow(reason: "no message is from the user")
      }
      self = .conversation(messages)
    } else if let request = fields.request {
      guard !request.isEmpty else { throw BadRow(reason: "the instruction is empty") }
      let answer = fields.answer.flatMap { $0.isEmpty ? nil : ChatMessage(.assistant, $0) }
      self = .conversation([ChatMessage(.user, request)] + [answer].compactMap { $0 })
    } else if let text = fields.text {
      guard !text.isEmpty else { throw BadRow(reason: "the text is empty") }
      self = .text(text)
    } else {
      throw BadRow(
        reason: "it has none of the fields messages, instruction, question, prompt and text")
    }
  }

  /// The messages, whose roles must be known.
  static func messages(_ messages: [RowFields.Message]) throws(BadRow) -> [ChatMessage] {
    var result: [ChatMessage] = []
    for message in messages {
      guard let role = ChatMessage.Role(rawValue: message.role) else {
        throw BadRow(reason: "a message's role is \"\(message.role)\"")
      }
      result.append(ChatMessage(role, message.content))
    }
    return result
  }
}

/// Why a row cannot be used.
struct BadRow: Error, Hashable, Sendable {
  var reason: String
}
