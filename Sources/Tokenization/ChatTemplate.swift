/// How a model was taught to read a conversation: what stands around each message.
///
/// That is the template of the model's file, run as it is. Six families are written out by hand as
/// well, after the templates that their files carry, and checked against them: for files whose
/// template cannot be run, and conversations that it refuses. Where one of them has no system message
/// (the Mistral of 2023, Gemma), the system text goes in front of the next user message.
package indirect enum ChatTemplate: Hashable, Sendable {
  /// The file's own template.
  case own(OwnTemplate)
  /// `<|im_start|>role\n…<|im_end|>\n`. With `defaultSystem`, a conversation that does not begin
  /// with a system message gets this one.
  case chatML(defaultSystem: String?)
  /// `<s>[INST] <<SYS>>…<</SYS>>… [/INST] … </s>`
  case llama2
  /// `<|start_header_id|>role<|end_header_id|>\n\n…<|eot_id|>`. With `preamble` (Llama 3.1 and
  /// later: the dates), a system message always comes first and begins with it.
  case llama3(preamble: String?)
  /// `<|role|>\n…</s>\n`, where `end` is the text of the file's EOS token.
  case zephyr(end: String)
  /// `[INST] … [/INST]…</s>`, with the spaces of one of its generations.
  case mistral(MistralSpacing)
  /// `<start_of_turn>role\n…<end_of_turn>\n`
  case gemma
  /// No template: the messages' texts in a row.
  case raw

  /// The text that the model reads, byte for byte as its own template gives it.
  ///
  /// - Parameters:
  ///   - messages: the conversation, oldest message first.
  ///   - addGenerationPrompt: whether the header of the answer follows, for the model to go on.
  /// - Returns: the text, markers spelt out.
  package func render(_ messages: [ChatMessage], addGenerationPrompt: Bool) -> String {
    parts(of: messages, addGenerationPrompt: addGenerationPrompt).map(\.text).joined()
  }

  /// Whether it can tell a model not to think.
  package var canThink: Bool {
    if case .own(let template) = self { template.canThink } else { false }
  }

  /// The same with the word that the model may think or may not, where it has one.
  package func thinking(_ isThinking: Bool) -> ChatTemplate {
    guard case .own(let template) = self, template.canThink else { return self }
    return .own(template.thinking(isThinking))
  }

  /// A word for it, as the command line shows it.
  package var name: String {
    switch self {
    case .own(let template):
      template.family.map { "the file's own (\($0.name))" } ?? "the file's own"
    case .chatML: "ChatML"
    case .llama2: "Llama 2"
    case .llama3: "Llama 3"
    case .zephyr: "Zephyr"
    case .mistral: "Mistral"
    case .gemma: "Gemma"
    case .raw: "raw"
    }
  }
}

/// Where the spaces stand in a Mistral template: each generation moved them.
package struct MistralSpacing: Hashable, Sendable {
  /// Before the user's text.
  package var opening: String
  /// After the user's text.
  package var closing: String
  /// Between the closing and the answer.
  package var beforeAnswer: String
  /// After the end token of an answer.
  package var afterAnswer: String

  /// Mistral 7B Instruct 0.2 as it came out: `[INST] … [/INST]…</s>`.
  package static let original = Self(
    opening: "[INST] ", closing: " [/INST]", beforeAnswer: "", afterAnswer: "")
  /// 0.1 as it came out: the same with a space after the end token.
  package static let spaced = Self(
    opening: "[INST] ", closing: " [/INST]", beforeAnswer: "", afterAnswer: " ")
  /// "v1": ` [INST] … [/INST] …</s>`.
  package static let v1 = Self(
    opening: " [INST] ", closing: " [/INST]", beforeAnswer: " ", afterAnswer: "")
  /// "v3": `[INST] …[/INST] …</s>`.
  package static let v3 = Self(
    opening: "[INST] ", closing: "[/INST]", beforeAnswer: " ", afterAnswer: "")
  /// "v3-tekken": `[INST]…[/INST]…</s>`.
  package static let v3Tekken = Self(
    opening: "[INST]", closing: "[/INST]", beforeAnswer: "", afterAnswer: "")
}
