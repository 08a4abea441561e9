package import Dials
package import Events
import Foundation
package import Inference
import Screen
import Techniques
import Tokenization

/// Answers the questions of Spec-Bench plainly and with drafts, turn about, and compares.
///
/// Source: Xia et al., Spec-Bench (arXiv 2401.07851). Its questions lie in `question.jsonl`; the kinds
/// of MT-bench count as one, multi-turn.
package struct DraftBenchmark {
  /// One line of the file.
  package struct Question: Decodable {
    /// The question's number.
    package var questionId: Int
    /// Its kind, as the file has it.
    package var category: String
    /// What a person says, turn after turn.
    package var turns: [String]
    /// The temperature of its answers, if it wants one of its own.
    package var temperature: Float?

    /// The task that Spec-Bench counts it to, or the kind of a made-up prompt.
    package var task: String {
      AdversePrompts.kinds.contains(category) ? category : Self.tasks[category] ?? "multi-turn"
    }

    private static let tasks = [
      "translation": "translation", "summarization": "summarization", "qa": "QA",
      "math_reasoning": "maths", "rag": "RAG",
    ]
    /// The tasks, in the order of a report.
    package static let order = ["multi-turn", "translation", "summarization", "QA", "maths", "RAG"]
  }

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

  /// The questions in `path`, a folder with `question.jsonl` or such a file: all of them, or `sample`
  /// of each task, evenly spread.
  package static func questions(in path: String, sample: Int?) throws -> [Question] {
    var url = URL(filePath: path)
    if url.pathExtension != "jsonl" { url = url.appending(path: "question.jsonl") }
    guard let data = FileManager.default.contents(atPath: url.path) else {
      throw CocoaError(
        .fileReadNoSuchFile,
        userInfo: [
          NSLocalizedDescriptionKey:
            "\(url.path): there is no such file. --spec takes a folder with Spec-Bench's "
            + "question.jsonl, or the file."
        ])
    }
    let decoder = JSONDecoder()
    decoder.keyDecodingStrategy = .convertFromSnakeCase
    let all = try data.split(separator: UInt8(ascii: "\n")).map {
      try decoder.decode(Question.self, from: Data($0))
    }
    guard let sample else { return all }
    return Question.order.flatMap { task in all.filter { $0.task == task }.spread(sample) }
  }

  /// Answers `questions` that were not answered before and keeps their measurements; `progress` hears of
  /// each that is done. Stops after `minutes` and returns how many are done.
  package func run(
    _ questions: [Question], keeping kept: inout KeptMeasurements, minutes: Double? = nil,
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
  package func measure(_ question: Question, isPlainFirst: Bool) async -> [DraftMeasurement] {
    var conversation = Conversation(template: model.template)
    var measurements: [DraftMeasurement] = []
    var sampler = sampler
    sampler.temperature = question.temperature ?? sampler.temperature
    for (turn, text) in question.turns.enumerated() {
      conversation.say(.user, text)
      let prompt = conversation.prompt(tokenizer: model.tokenizer)
      var answers: [Bool: Answered] = [:]
      for isPlain in [isPlainFirst, !isPlainFirst] {
        answers[isPlain] = await answer(
          prompt, turn: conversation.nextTurn, sampler: sampler, isPlain: isPlain)
      }
      guard let plain = answers[true], let drafted = answers[false] else { break }
      measurements.append(
        DraftMeasurement(
          questionId: question.questionId, turn: turn, category: question.task,
          promptN: prompt.count, predictedN: plain.ids.count, passes: drafted.passes,
          plainMs: plain.milliseconds, draftMs: drafted.milliseconds,
          identical: plain.ids == drafted.ids, sources: drafted.sources))
      conversation.say(.assistant, plain.text)
    }
    return measurements
  }

  /// What an answer left.
  private struct Answered {
    var ids: [TokenID] = []
    var text = ""
    var passes = 0
    var milliseconds = 0.0
    var sources: [String: DraftMeasurement.Guesses] = [:]
  }

  /// The answer to a prompt; nil when there is none, because the prompt is too long.
  private func answer(
    _ prompt: [TokenID], turn: Int, sampler: SessionRecord.Sampler, isPlain: Bool
  ) async -> Answered? {
    let request = TurnRequest(
      turn: turn, prompt: prompt, dials: DialSettings(draft: isPlain ? .off : draft),
      sampler: sampler, tokenLimit: tokenLimit, alternativeCount: 1)
    var answered = Answered()
    var decoder = StreamingDecoder()
    for await record in (isPlain ? plain : drafting).records(for: request) {
      switch record {
      case .token(let token) where token.phase == .gen:
        answered.ids.append(token.id)
        if !token.special { answered.text += decoder.append(token.bytes) }
        if token.spec == nil { answered.passes += 1 }
      case .draft(let round):
        answered.passes += 1
        for node in round.nodes ?? [] {
          answered.sources[node.source.rawValue, default: .init()].proposed += 1
          if node.accepted {
            answered.sources[node.source.rawValue, default: .init()].accepted += 1
          }
        }
      case .end(let end):
        if end.reason == .error { return nil }
        answered.milliseconds = end.timings.predictedMs
      default: break
      }
    }
    // The first token comes out of the prompt's own pass.
    answered.passes -= 1
    answered.text += decoder.flush()
    return answered
  }
}
