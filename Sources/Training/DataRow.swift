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

/// The fields that are understood: `messages`; Alpaca's `instruction`, `input`, `output`; `question`
/// and `answer` (GSM8K); `prompt`; Self-Instruct's `instances`; `text`.
struct RowFields: Decodable {
  struct Message: Decodable {
    var role: String
    var content: String
  }

  struct Instance: Decodable {
    var input: String?
    var output: String?
  }

  var messages: [Message]?
  var instruction: String?
  var input: String?
  var output: String?
  var question: String?
  var answer: String?
  var prompt: String?
  var instances: [Instance]?
  var text: String?

  /// The row, or what is wrong with it.
  func row() throws(BadRow) -> DataRow {
    if let messages { return .conversation(try conversation(messages)) }
    if let instruction {
      let instance = instances?.first
      return try exchange(
        Self.joined(instruction, instance?.input ?? input), instance?.output ?? output)
    }
    if let question { return try exchange(question, answer) }
    if let prompt { return try exchange(prompt, answer ?? output) }
    if let text {
      guard !text.isEmpty else { throw BadRow(reason: "the text is empty") }
      return .text(text)
    }
    throw BadRow(
      reason: "it has none of the fields messages, instruction, question, prompt and text")
  }

  private func conversation(_ messages: [Message]) throws(BadRow) -> [ChatMessage] {
    var result: [ChatMessage] = []
    for message in messages {
      guard let role = ChatMessage.Role(rawValue: message.role) else {
        throw BadRow(reason: "a message's role is \"\(message.role)\"")
      }
      result.append(ChatMessage(role, message.content))
    }
    guard result.contains(where: { $0.role == .user }) else {
      throw BadRow(reason: "no message is from the user")
    }
    return result
  }

  private func exchange(_ question: String, _ answer: String?) throws(BadRow) -> DataRow {
    guard !question.isEmpty else { throw BadRow(reason: "the instruction is empty") }
    let answer = answer.map { $0.isEmpty ? [] : [ChatMessage(.assistant, $0)] } ?? []
    return .conversation([ChatMessage(.user, question)] + answer)
  }

  private static func joined(_ instruction: String, _ input: String?) -> String {
    guard let input, !input.isEmpty else { return instruction }
    return instruction + "\n\n" + input
  }
}

/// Why a row cannot be used.
struct BadRow: Error, Hashable, Sendable {
  var reason: String
}
