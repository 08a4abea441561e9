package import Corpus
package import Dials
import Inference
package import Tokenization
import Transformer

/// A model's own answers to the prompts of data: text that it would write itself.
package struct OwnAnswers {
  /// A prompt and its answer, in tokens.
  package typealias Pair = (prompt: [TokenID], answer: [TokenID])

  private let base: TuneBase
  private let length: Int

  /// The answers of `base`, in texts of at most `length` tokens.
  package init(of base: TuneBase, length: Int) {
    self.base = base
    self.length = length
  }

  /// The last answer of each of `rows`, as the data have it.
  package func read(_ rows: [DataRow]) -> [Pair] {
    base.builder(length: length).texts(of: rows).compactMap { text in
      text.targets.last.map {
        (Array(text.tokens[..<$0.lowerBound]), Array(text.tokens[$0]))
      }
    }
  }

  /// Greedy answers to `prompts`, written now until the task is cancelled; `progress` hears how many are
  /// done.
  package func write(
    to prompts: [[ChatMessage]], answerLength: Int, progress: (Int) -> Void = { _ in }
  ) -> [Pair] {
    var pairs: [Pair] = []
    let writer = AnswerWriter(room: length, answerLength: answerLength)
    write(to: prompts, with: writer) { _, pair in
      pairs.append(pair)
      progress(pairs.count)
      return !Task.isCancelled
    }
    return pairs
  }

  /// Writes answers to `prompts` now; `take` hears of each as it is done, with the prompt's index, and
  /// ends the writing by answering false.
  func write(
    to prompts: [[ChatMessage]], with writer: AnswerWriter,
    take: (_ index: Int, _ pair: Pair) -> Bool
  ) {
    let model = base.model
    let tokens = prompts.map {
      model.tokenizer.encode(chat: $0, template: model.template, addGenerationPrompt: true)
    }
    writer.answer(
      tokens, ends: model.tokenizer.endOfTurn, runtime: model.runtime
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
