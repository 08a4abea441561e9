package import Corpus
import Dials
import Events
package import Inference
import Tokenization
import Transformer

/// A calibration text that the model writes itself, so that a search needs no file.
///
/// Answers to everyday requests in the model's own chat format, drawn at temperature 1: close to what
/// the model will be asked to write, and never a text that it is evaluated on.
package enum SelfWrittenText {
  /// What the manifest calls it.
  package static let name = "written by the model"

  /// At least `tokenCount` tokens of chats. The same model and seed write the same text. `progress`
  /// sees the tokens so far; false ends the text early.
  package static func write(
    with model: LoadedModel, tokenCount: Int, seed: UInt64, progress: (Int) -> Bool = { _ in true }
  ) -> CalibrationText {
    let ends = model.tokenizer.endOfTurn
    let close = model.tokenizer.encodeAnswerEnd(template: model.template)
    var generator = SplitMix64(seed: seed)
    var tokens: [TokenID] = []
    var first = seed &* 1_000_003
    var isWanted = true
    while tokens.count < tokenCount, isWanted {
      let prompts = requests.shuffled(using: &generator).map { prompt($0, model: model) }
      let samplers = prompts.indices.map { sampler(seed: first &+ UInt64($0)) }
      var writer = AnswerWriter(room: 2 * answerLimit, answerLength: answerLimit) {
        samplers[$1].choose(from: $0, at: $2, after: EmptyCollection<TokenID>()).token
      }
      writer.width = 4
      var answers: [Int: [TokenID]] = [:]
      var next = 0
      writer.answer(
        prompts, ends: ends, runtime: model.runtime
      ) { answer in
        answers[answer.index] = answer.tokens
        // Answers come as they are done, and the text has them in the order of the requests.
        while tokens.count < tokenCount, let answer = answers.removeValue(forKey: next) {
          tokens += prompts[next] + answer.filter { !ends.contains($0) } + close
          next += 1
        }
        isWanted = progress(min(tokens.count, tokenCount))
        return isWanted && tokens.count < tokenCount
      }
      first &+= UInt64(prompts.count)
    }
    return CalibrationText(name: name, tokens: tokens)
  }

  /// Tokens of an answer at most, and of a request.
  private static let answerLimit = 384

  private static func prompt(_ request: String, model: LoadedModel) -> [TokenID] {
    let chat = [ChatMessage(.user, request)]
    let tokens = model.tokenizer.encode(
      chat: chat, template: model.template, addGenerationPrompt: true)
    return Array(tokens.prefix(answerLimit))
  }

  private static func sampler(seed: UInt64) -> Sampler {
    Sampler(
      SessionRecord.Sampler(
        temperature: 1, topK: 200, topP: 0.95, minP: 0, repeatPenalty: 1, repeatLastN: 0, seed: seed
      ))
  }

  /// What is asked: many kinds of text, so that no block looks useless for want of them.
  package static let requests = [
    "Why is the sky blue?", "Write a short story about a lighthouse keeper.",
    "Explain how a bicycle stays upright.", "Give me a recipe for vegetable soup.",
    "What happened in the year 1969?", "Write a letter to a friend who moved to another city.",
    "Write a Python function that sorts a list of numbers.", "How do vaccines work?",
    "List ten ideas for a rainy weekend.", "Describe your favourite place in the mountains.",
    "What is the difference between a virus and a bacterium?",
    "Write a product description for a wooden chair.", "Summarise the plot of Romeo and Juliet.",
    "How can I learn a new language quickly?", "Write a poem about autumn.",
    "What is the capital of France, and what is it known for?",
    "Explain compound interest with an example.", "Write an email that asks for a day off.",
    "What are the advantages and disadvantages of solar power?",
    "Tell me about the history of the Roman Empire.", "How do I take care of a tomato plant?",
    "Write a dialogue between a teacher and a pupil about gravity.",
    "If a train travels 60 miles in 45 minutes, what is its speed?",
    "Explain the rules of chess to a beginner.",
  ]
}
