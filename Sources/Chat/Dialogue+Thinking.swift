package import Dials
package import Events
import Inference
import Tokenization

extension Dialogue {
  /// What stands around the messages, with the word that the model may think or may not.
  static func template(of model: LoadedModel, _ settings: ChatSettings) -> ChatTemplate {
    settings.isRaw ? .raw : model.template.thinking(settings.thinking.isAllowed)
  }

  /// What a person should know of model and settings.
  package var notices: [String] {
    model.notices(isRaw: settings.isRaw) + [thinkingNotice].compactMap(\.self)
  }

  /// Why the model may think though it should not; nil where it may, or does not.
  package var thinkingNotice: String? {
    guard !settings.thinking.isAllowed, !conversation.template.canThink else { return nil }
    return
      "The template of \(model.card.file) has no switch for reasoning: the model may think all the "
      + "same. /think hide, or --think hide, leaves it out of what is shown."
  }

  /// The record of what is wanted of the model's reasoning, where it is not what the records say.
  package func thinkingChange(after old: Thinking, tNs: Int) -> ParameterRecord? {
    settings.thinking == old ? nil : .thinking(from: old, to: settings.thinking, tNs: tNs)
  }

  /// Whether a prompt ends in the mark that begins reasoning, as some templates write it.
  func opensThought(_ prompt: ArraySlice<TokenID>) -> Bool {
    // The mark is one token, or a few letters of it a token, and line ends follow it.
    let end = model.tokenizer.decode(prompt.suffix(12), renderSpecial: true)
    return String(end.reversed().drop(while: \.isWhitespace).reversed()).hasSuffix("<think>")
  }
}
