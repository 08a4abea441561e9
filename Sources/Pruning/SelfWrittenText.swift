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
    let pass = ForwardPass(model.runtime, capacity: 2 * answerLimit)
    var generator = SplitMix64(seed: seed)
    var tokens: [TokenID] = []
    var number: UInt64 = 0
    var isWanted = true
    while tokens.count < tokenCount, isWanted {
      for request in requests.shuffled(using: &generator) where tokens.count < tokenCount {
        tokens += chat(request, pass: pass, model: model, seed: seed &* 1_000_003 &+ number)
        number += 1
        isWanted = progress(min(tokens.count, tokenCount))
        if !isWanted { break }
      }
    }
    return CalibrationText(name: name, tokens: tokens)
  }

  /// Tokens of an answer at most.
  private static let answerLimit = 384

  private static func chat(
    _ request: String, pass: ForwardPass, model: LoadedModel, seed: UInt64
  ) -> [TokenID] {
    let sampler = Sampler(
      SessionRecord.Sampler(
        temperature: 1, topK: 200, topP: 0.95, minP: 0, repeatPenalty: 1, repeatLastN: 0, seed: seed
      ))
    var tokens = Array(
      model.tokenizer.encode(
        chat: [ChatMessage(.user, request)], template: model.template, addGenerationPrompt: true
      ).prefix(answerLimit))
    let ends = model.tokenizer.endOfTurn
    let limit = tokens.count + answerLimit
    var unread = tokens[...]
    pass.truncate(to: 0)
    while tokens.count < limit {
      let next = read(unread, pass: pass, sampler: sampler)
      if ends.contains(next) { break }
      tokens.append(next)
      unread = tokens.suffix(1)
    }
    return tokens + model.tokenizer.encodeAnswerEnd(template: model.template)
  }

  /// Reads what is unread and draws the token that follows.
  private static func read(
    _ unread: ArraySlice<TokenID>, pass: ForwardPass, sampler: Sampler
  ) -> TokenID {
    var next = TokenID(0)
    pass.read(unread) { part in
      guard part.isLast else { return }
      next =
        sampler.choose(
          from: pass.logits(rows: [part.rows.count - 1])[0],
          at: Position(pass.cache.committedCount + part.rows.count),
          after: EmptyCollection<TokenID>()
        ).token
    }
    return next
  }

  /// What is asked: many kinds of text, so that no block looks useless for want of them.
  private static let requests = [
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
