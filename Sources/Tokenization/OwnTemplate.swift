import Dials
package import Jinja

/// The chat template of a model's file, run as it is.
///
/// What it writes around a message is found out by rendering small conversations. Where it refuses a
/// conversation because of its system message (Gemma, early Mistral), the system text goes in front of
/// the next user message; where it refuses that too, the known template of its family is used.
package struct OwnTemplate: Sendable {
  /// Texts with a meaning to the file's vocabulary, as templates ask for them.
  package struct Tokens: Hashable, Sendable {
    /// `bos_token`
    package var bos: String
    /// `eos_token`
    package var eos: String

    /// The texts of the tokens that begin and end a text.
    package init(bos: String, eos: String) { (self.bos, self.eos) = (bos, eos) }
  }

  /// The template as the file has it.
  let source: String
  /// The same, read.
  let template: JinjaTemplate
  /// The texts of BOS and EOS.
  let tokens: Tokens
  /// The date that it may write: one for as long as the template is in use.
  package var date: JinjaDate
  /// What `enable_thinking` says; nil says nothing.
  package var isThinking: Bool?
  /// The known template of its family, for conversations that it refuses.
  let family: ChatTemplate?
  /// What it writes around messages.
  private(set) var frame = Frame()

  /// Reads a template and tries it out.
  ///
  /// - Throws: where it cannot be read or run, or does not write what is said.
  package init(
    _ source: String, tokens: Tokens, date: JinjaDate, family: ChatTemplate?
  ) throws(JinjaError) {
    self.source = source
    template = try JinjaTemplate(source)
    (self.tokens, self.date, self.family) = (tokens, date, family)
    frame = try Frame(of: self)
  }

  /// Whether its reasoning has to be given apart from what an answer says: it asks for
  /// `reasoning_content` and does not look for it in the answer.
  var wantsReasoningApart: Bool {
    source.contains("reasoning_content") && !source.contains("</think>'")
      && !source.contains("</think>\"")
  }

  /// Whether `enable_thinking` matters to it.
  package var canThink: Bool { source.contains("enable_thinking") }

  /// The same with `enable_thinking`, and with what it then writes around messages.
  package func thinking(_ isThinking: Bool?) -> OwnTemplate {
    var other = self
    other.isThinking = isThinking
    if let frame = try? Frame(of: other) { other.frame = frame }
    return other
  }
}

extension OwnTemplate: Hashable {
  /// Whether both write alike.
  package static func == (left: OwnTemplate, right: OwnTemplate) -> Bool {
    left.source == right.source && left.tokens == right.tokens && left.date == right.date
      && left.isThinking == right.isThinking && left.family == right.family
  }

  /// Takes in what makes two of them equal.
  package func hash(into hasher: inout Hasher) {
    hasher.combine(source)
    hasher.combine(date)
  }
}

extension OwnTemplate {
  /// Where scalars of a rendered conversation came from.
  enum Mark {
    static let template: UInt8 = 0
    static let system: UInt8 = 1
    static let user: UInt8 = 2
    static let assistant: UInt8 = 3

    static func of(_ role: ChatMessage.Role) -> UInt8 {
      switch role {
      case .system: system
      case .user: user
      case .assistant: assistant
      }
    }
  }

  /// The conversation as the template writes it, or as it comes nearest to it.
  func text(
    of messages: [ChatMessage], addGenerationPrompt: Bool
  ) throws(JinjaError) -> JinjaText {
    do {
      return try run(messages, addGenerationPrompt: addGenerationPrompt)
    } catch {
      guard messages.contains(where: { $0.role == .system }), error.code != .limit else {
        throw error
      }
      return try run(Self.folded(messages), addGenerationPrompt: addGenerationPrompt)
    }
  }

  /// A message whose text came from one or more messages.
  private struct Said {
    var role: ChatMessage.Role
    var text: JinjaText

    init(_ message: ChatMessage) {
      role = message.role
      text = JinjaText(message.content, mark: Mark.of(message.role))
    }
  }

  private func run(
    _ messages: [ChatMessage], addGenerationPrompt: Bool
  ) throws(JinjaError) -> JinjaText {
    try run(messages.map(Said.init), addGenerationPrompt: addGenerationPrompt)
  }

  /// The messages with each system text in front of the next user message.
  private static func folded(_ messages: [ChatMessage]) -> [Said] {
    var (held, said) = (JinjaText(""), [Said]())
    for message in messages {
      var one = Said(message)
      if message.role == .system {
        held += one.text + "\n\n"
        continue
      }
      if message.role == .user {
        one.text = held + one.text
        held = ""
      }
      said.append(one)
    }
    return said
  }

  private func run(
    _ messages: [Said], addGenerationPrompt: Bool
  ) throws(JinjaError) -> JinjaText {
    var names: [String: JinjaValue] = [
      "messages": .list(messages.map(value)), "tools": .none, "documents": .none,
      "add_generation_prompt": .bool(addGenerationPrompt),
      "bos_token": .text(JinjaText(tokens.bos)), "eos_token": .text(JinjaText(tokens.eos)),
    ]
    if let isThinking { names["enable_thinking"] = .bool(isThinking) }
    return try template.render(names, date: date)
  }

  private func value(_ message: Said) -> JinjaValue {
    var mapping: JinjaMapping = ["role": .text(JinjaText(message.role.rawValue))]
    mapping["content"] = .text(message.text)
    if message.role == .assistant, wantsReasoningApart,
      let parts = ReasoningSplitter.parts(of: message.text.string)
    {
      mapping["content"] = .text(JinjaText(parts.answer, mark: Mark.assistant))
      mapping["reasoning_content"] = .text(JinjaText(parts.reasoning, mark: Mark.assistant))
    }
    return .mapping(mapping)
  }
}
