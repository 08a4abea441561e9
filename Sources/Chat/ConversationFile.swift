import Events
import Foundation
import Inference
import Reports
import Tokenization

/// A conversation as a file for people or programs: what was said, by which model, under which settings.
struct ConversationFile: Sendable {
  /// The forms, by the ending of a file's name.
  enum Form: String, CaseIterable, Sendable {
    case markdown = "md"
    case json
    case html

    /// The form that the ending of `path` names.
    init?(path: String) {
      self.init(rawValue: URL(filePath: path).pathExtension.lowercased())
    }

    /// What a person is told whose file has another ending.
    static let endings =
      "the ending says what is written: .md, .json or .html is the conversation, .gguf the model "
      + "without the blocks that are left out."
  }

  /// What was said.
  let conversation: Conversation
  /// Who answered.
  let model: SessionRecord.Model
  /// What the next answer would be made with.
  let settings: [ParameterLines.Fact]
  /// When it is written.
  let date: Date

  private var title: String { "Conversation with \(model.name.isEmpty ? model.file : model.name)" }
  private var facts: String {
    ([date.formatted(.iso8601), "\(model.file), \(model.fileType)"]
      + settings.map { "\($0.name) \($0.value)" }).joined(separator: " · ")
  }

  /// The bytes of the file.
  func data(as form: Form) throws -> Data {
    switch form {
    case .markdown: Data(markdown.utf8)
    case .html: Data(html.utf8)
    case .json: try json
    }
  }

  // MARK: - Markdown

  private var markdown: String {
    let said = conversation.messages.map { "## \($0.role.speaker)\n\n\($0.content.visibleLines)\n" }
    return "# \(title)\n\n\(facts)\n\n" + said.joined(separator: "\n")
  }

  // MARK: - JSON

  private struct Contents: Encodable {
    struct Message: Encodable {
      let role: String
      let content: String
    }
    let format = "fathom.conversation"
    let v = 1
    let written: String
    let model: [String: String]
    let settings: [String: String]
    let messages: [Message]
  }

  private var json: Data {
    get throws {
      let encoder = JSONEncoder()
      encoder.outputFormatting = [.prettyPrinted, .sortedKeys, .withoutEscapingSlashes]
      var model = ["file": model.file, "name": model.name, "type": model.fileType]
      model["sha256"] = self.model.sha256
      let contents = Contents(
        written: date.formatted(.iso8601), model: model,
        settings: Dictionary(
          settings.map { ($0.name, $0.value) }, uniquingKeysWith: { first, _ in first }),
        messages: conversation.messages.map {
          Contents.Message(role: $0.role.rawValue, content: $0.content)
        })
      return try encoder.encode(contents) + Data("\n".utf8)
    }
  }

  // MARK: - HTML

  private var html: String {
    let said = conversation.messages.map { message in
      let body = CodeBlock.parts(of: message.content).map(\.html).joined(separator: "\n")
      return """
        <section class="\(message.role.rawValue)">
        <h2>\(message.role.speaker)</h2>
        \(body)
        </section>
        """
    }
    return """
      <!DOCTYPE html>
      <html lang="en">
      <head>
      <meta charset="utf-8">
      <meta name="viewport" content="width=device-width, initial-scale=1">
      <title>\(title.inHTML)</title>
      <style>\(Self.style)</style>
      </head>
      <body>
      <h1>\(title.inHTML)</h1>
      <p class="facts">\(facts.inHTML)</p>
      \(said.joined(separator: "\n"))
      </body>
      </html>

      """
  }

  private static let style = """

    :root { color-scheme: light dark; }
    body { font: 1rem/1.5 system-ui, sans-serif; max-width: 46rem; margin: 2rem auto; padding: 0 1rem; }
    h1 { font-size: 1.4rem; }
    h2 { font-size: 0.9rem; margin: 0 0 0.3rem; opacity: 0.7; }
    .facts { font-size: 0.8rem; opacity: 0.7; }
    section { margin: 1rem 0; padding: 0.7rem 1rem; border-left: 4px solid #8888; }
    section.user { border-color: #3b7dd8; }
    section.assistant { border-color: #2f9e62; }
    p { margin: 0 0 0.6rem; white-space: pre-wrap; overflow-wrap: anywhere; }
    pre { overflow-x: auto; padding: 0.6rem; background: #8882; }

    """
}

extension ChatMessage.Role {
  /// Who that is, as the screen says it.
  fileprivate var speaker: String {
    switch self {
    case .system: "System"
    case .user: "You"
    case .assistant: "Model"
    }
  }
}

extension CodeBlock.Part {
  fileprivate var html: String {
    switch self {
    case .text(let text): "<p>\(text.inHTML)</p>"
    case .code(let block): "<pre><code>\(block.code.inHTML)</code></pre>"
    }
  }
}

extension String {
  /// The text with what HTML reads otherwise spelled out, and control characters made visible.
  fileprivate var inHTML: String {
    visibleLines.replacing("&", with: "&amp;").replacing("<", with: "&lt;")
      .replacing(">", with: "&gt;").replacing("\"", with: "&quot;")
  }
}
