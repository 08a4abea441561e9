package import Corpus
import Dials
package import Events
package import Inference
package import Techniques
import Tokenization

/// Answers the questions of Spec-Bench plainly and with drafts, in turn, and compares.
package struct DraftBenchmark {
  /// The model that answers.
  package let model: LoadedModel
  /// Who drafts.
  package let draft: DraftSetting
  /// How tokens are drawn.
  package let sampler: SessionRecord.Sampler
  /// At most this many new tokens an answer.
  package let tokenLimit: Int
  private let plain: Engine
  private let drafting: Engine

  /// A benchmark of `draft` against plain decoding.
  package init(
    model: LoadedModel, draft: DraftSetting, sampler: SessionRecord.Sampler, tokenLimit: Int,
    contextLength: Int?
  ) {
    self.model = model
    self.draft = draft
    self.sampler = sampler
    self.tokenLimit = tokenLimit
    plain = Engine(model: model, contextLength: contextLength)
    drafting = Engine(model: model, contextLength: contextLength)
  }

  /// Answers `questions` that were not answered before and keeps their measurements; `progress` hears of
  /// each that is done. Stops after `minutes` and returns how many are done.
  package func run(
    _ questions: [SpecBench.Question], keeping kept: inout KeptMeasurements, minutes: Double? = nil,
    progress: (Int) -> Void = { _ in }
  ) async throws -> Int {
    let begin = ContinuousClock().now
    for (index, question) in questions.enumerated() {
      if !kept.contains(question.questionId) {
        let elapsed = (ContinuousClock().now - begin) / .seconds(60)
        if elapsed > minutes ?? .infinity { return index }
        try kept.add(await measure(question, isPlainFirst: index % 2 == 0))
      }
      progress(index + 1)
    }
    return questions.count
  }

  /// Answers every turn of a question both ways. `isPlainFirst` says which way goes first.
  package func measure(
    _ question: SpecBench.Question, isPlainFirst: Bool
  ) async -> [DraftMeasurement] {
    var conversation = Conversation(template: model.template)
    var measurements: [DraftMeasurement] = []
    var sampler = sampler
    sampler.temperature = question.temperature ?? sampler.temperature
    for (turn, text) in question.turns.enumerated() {
      conversation.say(.user, text)
      let prompt = conversation.prompt(tokenizer: model.tokenizer)
      var replies: [Bool: Reply] = [:]
      for isPlain in [isPlainFirst, !isPlainFirst] {
        replies[isPlain] = await reply(
          to: prompt, turn: conversation.nextTurn, sampler: sampler, isPlain: isPlain)
      }
      // A prompt that is too long has no answer.
      guard let plain = replies[true], let drafted = replies[false], !plain.hasFailed,
        !drafted.hasFailed
      else { break }
      measurements.append(
        DraftMeasurement(
          questionId: question.questionId, turn: turn, category: question.task,
          promptN: prompt.count, predictedN: plain.ids.count, passes: drafted.passes,
          plainMs: plain.milliseconds, draftMs: drafted.milliseconds,
          identical: plain.ids == drafted.ids, sources: drafted.guesses))
      conversation.say(.assistant, plain.text)
    }
    return measurements
  }

  private func reply(
    to prompt: [TokenID], turn: Int, sampler: SessionRecord.Sampler, isPlain: Bool
  ) async -> Reply {
    let request = TurnRequest(
      turn: turn, prompt: prompt, dials: DialSettings(draft: isPlain ? .off : draft),
      sampler: sampler, tokenLimit: tokenLimit, alternativeCount: 1)
    return await (isPlain ? plain : drafting).reply(to: request)
  }
}

extension Reply {
  /// Guesses by source.
  fileprivate var guesses: [String: DraftMeasurement.Guesses] {
    var guesses: [String: DraftMeasurement.Guesses] = [:]
    for node in drafts.flatMap({ $0.nodes ?? [] }) {
      guesses[node.source.rawValue, default: .init()].proposed += 1
      if node.accepted { guesses[node.source.rawValue, default: .init()].accepted += 1 }
    }
    return guesses
  }
}
