package import Corpus
import Dials
package import Tokenization

/// Makes training texts of rows: the model's own chat template, loss on what the assistant says, and
/// a split by prompt.
package struct TextBuilder: Sendable {
  /// The base's tokenizer.
  package var tokenizer: Tokenizer
  /// The base's template.
  package var template: ChatTemplate
  /// The greatest length of a text, in tokens; what is longer is cut.
  package var length: Int
  /// The share of prompts that is never trained on.
  package var heldOutShare: Float
  /// Decides which prompts these are.
  package var seed: UInt64

  /// A builder.
  package init(
    tokenizer: Tokenizer, template: ChatTemplate, length: Int, heldOutShare: Float = 0.03,
    seed: UInt64 = 0
  ) {
    self.tokenizer = tokenizer
    self.template = template
    self.length = length
    self.heldOutShare = heldOutShare
    self.seed = seed
  }

  /// The texts of `rows`: one for a conversation with an answer, as many as it takes for a plain
  /// text, none for what has nothing to learn within `length`.
  package func texts(of rows: [DataRow]) -> [TrainingText] {
    rows.flatMap { row -> [TrainingText] in
      switch row {
      case .conversation(let messages): [conversation(messages)].compactMap { $0 }
      case .text(let text): pieces(of: text)
      }
    }
  }

  private func conversation(_ messages: [ChatMessage]) -> TrainingText? {
    var targets: [Range<Int>] = []
    let tokens = tokenizer.encode(chat: messages, template: template, addGenerationPrompt: false)
    for (index, message) in messages.enumerated() where message.role == .assistant {
      let start = tokenizer.encode(
        chat: Array(messages[..<index]), template: template, addGenerationPrompt: true
      ).count
      let whole = tokenizer.encode(
        chat: Array(messages[...index]), template: template, addGenerationPrompt: false
      ).count
      // The end of the turn is learnt; what the template writes behind it is not.
      let end = (start..<whole).first { tokenizer.endOfTurn.contains(tokens[$0]) }
      if start > 0, start < whole { targets.append(start..<(end.map { $0 + 1 } ?? whole)) }
    }
    let prompt = tokens.prefix(targets.first?.lowerBound ?? 0)
    let text = TrainingText(tokens: tokens, targets: targets, isHeldOut: isHeldOut(prompt))
      .truncated(to: length)
    return text.targets.isEmpty ? nil : text
  }

  private func pieces(of text: String) -> [TrainingText] {
    let tokens = tokenizer.encode(text)
    return stride(from: 0, to: tokens.count, by: length).compactMap { start in
      let piece = Array(tokens[start..<min(start + length, tokens.count)])
      guard piece.count > 1 else { return nil }
      return TrainingText(
        tokens: piece, targets: [1..<piece.count], isHeldOut: isHeldOut(piece.prefix(32)))
    }
  }

  /// Whether texts that begin so are held out: decided by the beginning alone, so that two answers to
  /// one prompt are on the same side.
  private func isHeldOut(_ prompt: ArraySlice<TokenID>) -> Bool {
    var hash = TokenHash()
    hash.add(prompt)
    var generator = CounterGenerator(
      seed: seed ^ hash.value, .split)
    return generator.nextUniform() < heldOutShare
  }
}
