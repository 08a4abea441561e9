package import Corpus
import Dials
import Events
package import Inference
import Tokenization
import Transformer

/// Answers instructions at full depth and under settings that leave early, in turn, and compares.
package struct InstructBenchmark {
  /// The model with its adapter.
  package let model: LoadedModel
  /// What is compared with full depth.
  package let settings: [InstructSetting]
  /// At most this many new tokens an answer.
  package let tokenLimit: Int
  /// How often each answer is written, for its time.
  package let rounds: Int
  /// Full depth, with the adapter or without.
  package let dense: InstructSetting
  /// The model whose full depth it is.
  private let reference: LoadedModel
  /// By round, one for full depth and one for each setting: whoever guesses knows the answers to
  /// earlier prompts, and never one to the prompt itself.
  private let engines: [[Engine]]
  private let check: AnswerCheck

  /// A benchmark of `settings`, against the full depth of `model` or of its base.
  package init(
    model: LoadedModel, settings: [InstructSetting], tokenLimit: Int, rounds: Int,
    contextLength: Int?, isAgainstBase: Bool = false
  ) {
    var dense = InstructSetting.dense
    dense.usesAdapter = !isAgainstBase
    self.dense = dense
    reference = isAgainstBase ? model.withoutAdapter : model
    self.model = model
    self.settings = settings
    self.tokenLimit = tokenLimit
    self.rounds = rounds
    engines = (0..<rounds).map { _ in
      ([dense] + settings).map {
        Engine(
          model: $0.usesAdapter ? model : model.withoutAdapter, contextLength: contextLength)
      }
    }
    check = AnswerCheck(reference.runtime, length: engines[0][0].contextLength)
  }

  /// What an answer left.
  private struct Answered {
    var ids: [TokenID] = []
    var text = ""
    var exits: [Int: Int] = [:]
    var bytes = WeightBytes()
    var milliseconds: [Double] = []
  }

  /// Answers the prompts of all sets; `progress` hears how many are done.
  package func run(
    _ sets: [(set: InstructSet, prompts: [(number: Int, text: String)])],
    progress: (Int) -> Void = { _ in }
  ) async -> [InstructMeasurement] {
    var measurements: [InstructMeasurement] = []
    var done = 0
    for (set, prompts) in sets {
      for prompt in prompts {
        measurements += await measure(prompt.text, set: set, number: prompt.number)
        done += 1
        progress(done)
      }
    }
    return measurements
  }

  /// Answers a prompt under every setting; nothing where it is too long. The number of the prompt
  /// decides who goes first.
  package func measure(_ text: String, set: InstructSet, number: Int) async -> [InstructMeasurement]
  {
    var conversation = Conversation(template: model.template)
    conversation.say(.user, text)
    let prompt = conversation.prompt(tokenizer: model.tokenizer)
    let all = [dense] + settings
    var answers: [Answered?] = all.map { _ in nil }
    for engines in engines {
      for turn in all.indices {
        let place = (turn + number) % all.count
        guard let answer = await answer(prompt, all[place], by: engines[place]) else { return [] }
        if answers[place] == nil {
          answers[place] = answer
        } else {
          answers[place]?.milliseconds += answer.milliseconds
        }
      }
    }
    guard let dense = answers[0] else { return [] }
    return zip(all, answers).compactMap { setting, answer in
      answer.map {
        measurement(
          $0, dense: dense, prompt: prompt, set: set, number: number, setting: setting.name)
      }
    }
  }

  private func measurement(
    _ answer: Answered, dense: Answered, prompt: [TokenID], set: InstructSet, number: Int,
    setting: String
  ) -> InstructMeasurement {
    let verdict = check.verdict(on: AnswerText(prompt: prompt, answer: answer.ids))
    // Full depth as it was run here; where it had nothing to decide, as its weights are.
    let decided = max(0, answer.ids.count - 1)
    let denseBytes =
      dense.ids.count > 1
      ? dense.bytes.total * decided / (dense.ids.count - 1)
      : reference.weights.denseWork(at: 0).bytes * decided
    return InstructMeasurement(
      set: set.rawValue, prompt: number, setting: setting, promptN: prompt.count,
      predictedN: answer.ids.count, denseN: dense.ids.count, exits: answer.exits,
      bytes: answer.bytes, denseBytes: denseBytes, ms: answer.milliseconds,
      denseMs: dense.milliseconds, agreeing: verdict.agrees.count { $0 },
      rougeL: RougeL(candidate: answer.text, reference: dense.text).f,
      loss: verdict.losses.reduce(0, +))
  }

  /// The answer to a prompt; nil when there is none, because the prompt is too long.
  private func answer(
    _ prompt: [TokenID], _ setting: InstructSetting, by engine: Engine
  ) async -> Answered? {
    let request = TurnRequest(
      turn: 1, prompt: prompt, dials: setting.dials, tokenLimit: tokenLimit, alternativeCount: 1)
    let reply = await engine.reply(to: request)
    guard !reply.hasFailed else { return nil }
    var answered = Answered(
      ids: reply.ids, text: reply.text, milliseconds: [reply.milliseconds])
    for token in reply.laterTokens {
      answered.exits[token.exit.layers, default: 0] += 1
      answered.bytes.add(token.cost)
    }
    answered.bytes.fill += reply.end?.fill?.bytesRead ?? 0
    return answered
  }
}

extension WeightBytes {
  /// Adds what a token read.
  fileprivate mutating func add(_ cost: TokenRecord.Cost) {
    guard let bytes = cost.bytes else { return }
    blocks += bytes.blocks
    head += bytes.head
    probes += bytes.probes
    fill += bytes.fill
  }
}
