package import Dials
import Inference
package import Tokenization

/// A model's own answers to the prompts of data: text that it would write itself.
package struct OwnAnswers {
  /// A prompt and its answer, in tokens.
  package typealias Pair = (prompt: [TokenID], answer: [TokenID])

  private let base: TuneBase

  /// The answers of `base`.
  package init(of base: TuneBase) { self.base = base }

  /// The last answer of each of `rows`, as the data have it, in texts of at most `length` tokens.
  package func read(_ rows: [DataRow], length: Int) -> [Pair] {
    base.builder(length: length).texts(of: rows).compactMap { text in
      text.targets.last.map {
        (Array(text.tokens[..<$0.lowerBound]), Array(text.tokens[$0]))
      }
    }
  }

  /// Writes answers to `prompts` now; `take` hears of each as it is done, with the prompt's index, and
  /// ends the writing by answering false.
  package func write(
    to prompts: [[ChatMessage]], with writer: AnswerWriter,
    take: (_ index: Int, _ pair: Pair) -> Bool
  ) {
    let model = base.model
    let tokens = prompts.map {
      model.tokenizer.encode(chat: $0, template: model.template, addGenerationPrompt: true)
    }
    writer.answer(
      tokens, ends: model.tokenizer.endOfTurn, weights: model.weights, kernels: model.kernels,
      crew: model.crew
    ) { take($0.index, (tokens[$0.index], $0.tokens)) }
  }
}

extension [DataRow] {
  /// The rows with a prompt, each prompt once, in order.
  package var withDistinctPrompts: [DataRow] {
    var seen: Set<[ChatMessage]> = []
    return filter { !$0.prompt.isEmpty && seen.insert($0.prompt).inserted }
  }
}
