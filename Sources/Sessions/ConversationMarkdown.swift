package import Events

/// A conversation to read, in Markdown: who says what, and with which model. What the model only thought is no
/// part of it.
package struct ConversationMarkdown: Sendable {
  /// The text.
  package let text: String

  /// The conversation that `records` tell, under a title.
  package init(_ records: [Record], title: String) {
    var sayings = Sayings()
    var head = ["# " + (title.isEmpty ? "A conversation" : Self.escaped(title)), ""]
    for record in records {
      sayings.add(record)
      if case .session(let session) = record {
        head += ["\(session.started), \(session.model.file), Fathom \(session.tool.version)", ""]
      }
    }
    sayings.close()
    let messages = sayings.messages.flatMap { message in
      ["## " + Self.name(of: message.role), "", Self.trimmed(message.text), ""]
    }
    text = (head + messages).joined(separator: "\n")
  }

  private static func name(of role: Role) -> String {
    switch role {
    case .system: "Instructions"
    case .user: "You"
    case .assistant: "Model"
    }
  }

  /// What people and models write is Markdown already; only a title is none.
  private static func escaped(_ title: String) -> String {
    title.map { "\\`*_#<>[]".contains($0) ? "\\\($0)" : String($0) }.joined()
  }

  private static func trimmed(_ text: String) -> String {
    let tail = text.drop(while: \.isNewline)
    return String(tail.reversed().drop(while: \.isWhitespace).reversed())
  }
}
