import Dials
import Evaluation
import Events
import Foundation
import Inference
import Screen
import Techniques
import Tokenization

/// Answers the questions of Spec-Bench plainly and with drafts, turn about, and compares.
///
/// Source: Xia et al., Spec-Bench (arXiv 2401.07851). Its questions lie in `question.jsonl`; the kinds
/// of MT-bench count as one, multi-turn.
struct DraftBenchmark {
  /// One line of the file.
  struct Question: Decodable {
    var questionId: Int
    var category: String
    var turns: [String]
    /// The temperature of its answers, if it wants one of its own.
    var temperature: Float?

    /// The task that Spec-Bench counts it to, or the kind of a made-up prompt.
    var task: String {
      AdversePrompts.kinds.contains(category) ? category : Self.tasks[category] ?? "multi-turn"
    }

    private static let tasks = [
      "translation": "translation", "summarization": "summarization", "qa": "QA",
      "math_reasoning": "maths", "rag": "RAG",
    ]
    static let order = ["multi-turn", "translation", "summarization", "QA", "maths", "RAG"]
  }

  let model: LoadedModel
  let draft: DraftSetting
  let sampler: SessionRecord.Sampler
  /// At most this many new tokens an answer.
  let tokenLimit: Int
  private let plain: Engine
  private let drafting: Engine

  init(
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
  static func questions(in path: String, sample: Int?) throws -> [Question] {
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

  /// Answers every turn of a question both ways. `isPlainFirst` says which way goes first.
  func measure(_ question: Question, isPlainFirst: Bool) async -> [DraftMeasurement] {
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
