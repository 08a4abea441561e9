import Dials
import Evaluation
import Events
import GGUF
import Inference
import Kernels
import Techniques
import TestSupport
import Testing
import Transformer

/// A trace says what a run does.
struct ExitTracerTests {
  private let tiny = TinyModel(blockCount: 6, isTied: false, type: .q8_0, seed: 81)

  /// A model with exits after two and four blocks.
  @inline(never)
  private func model() throws -> LoadedModel {
    let adapter = TinyAdapter(base: tiny, depths: [2, 4], shortlist: Array(0..<150), seed: 4)
    return try LoadedModel(file: tiny.file(), threads: 1)
      .adapted(by: adapter.file(), fingerprint: "00")
  }

  /// An answer with the weight bytes of each of its tokens.
  private struct Run {
    var ids: [TokenID] = []
    var bytes: [Int] = []
    var layers: [Int] = []
    var fill = 0

    /// What all tokens but the first read, and what was left to do after them.
    var counted: Int { bytes.dropFirst().reduce(fill, +) }
  }

  @inline(never)
  private func run(
    _ model: LoadedModel, prompt: [TokenID], dials: DialSettings, limit: Int
  ) async -> Run {
    var run = Run()
    let engine = Engine(model: model, readsTop: false)
    let request = TurnRequest(turn: 1, prompt: prompt, dials: dials, tokenLimit: limit)
    for await record in engine.records(for: request) {
      if case .end(let end) = record { run.fill = end.fill?.bytesRead ?? 0 }
      guard case .token(let token) = record, token.phase == .gen else { continue }
      run.ids.append(token.id)
      run.bytes.append(token.cost.bytesRead)
      run.layers.append(token.exit.layers)
    }
    return run
  }

  @inline(never)
  private func trace(_ model: LoadedModel, _ text: AnswerText) -> ExitTrace {
    tracer(model, text).trace
  }

  @inline(never)
  private func tracer(_ model: LoadedModel, _ text: AnswerText) -> ExitTracer {
    let tracer = ExitTracer(model.runtime, depths: [2, 4], length: 200)
    tracer.read(text)
    return tracer
  }

  private static let settings = [
    ExitThresholds(confidence: [0.02, 0.02], shortHead: 1),
    ExitThresholds(confidence: [0.025, 0.02], shortHead: 0.02),
    ExitThresholds(confidence: [1, 0.02], shortHead: 1),
    ExitThresholds(confidence: [1, 1], shortHead: 0.022),
    ExitThresholds(confidence: [0, 0], shortHead: 1),
    ExitThresholds(confidence: [0.01, 0.01], gate: [0.5, 0], shortHead: 1),
    ExitThresholds(confidence: [0.02, 0.02], gate: [0.45, 0.55], shortHead: 0.02),
  ]

  @Test func `the settings above let some tokens leave and keep some, through every door`()
    async throws
  {
    let model = try model()
    defer { model.pool.dismiss() }
    let prompt = [7, 8, 30].map { TokenID($0) }
    var exits = [0, 0, 0]
    for thresholds in Self.settings {
      let dials = thresholds.dials(depths: [2, 4], fill: .catchUp)
      let run = await run(model, prompt: prompt, dials: dials, limit: 90)
      for (index, depth) in [2, 4, 6].enumerated() {
        exits[index] += run.layers.dropFirst().count { $0 == depth }
      }
    }
    #expect(exits.allSatisfy { $0 > 20 }, "\(exits)")
  }

  @Test(arguments: settings)
  func `derived bytes and exits are those counted in a run`(
    thresholds: ExitThresholds
  ) async throws {
    let model = try model()
    defer { model.pool.dismiss() }
    let dials = thresholds.dials(depths: [2, 4], fill: .catchUp)
    let costs = ExitCosts(weights: model.weights, exits: model.exits, depths: [2, 4])
    var count = 0
    // A random model's answers may end early.
    for prompt in [[7, 8, 30], [9, 40], [50, 60], [70], [81, 9]] {
      let prompt = prompt.map { TokenID($0) }
      let run = await run(model, prompt: prompt, dials: dials, limit: 60)
      guard run.ids.count > 1 else { continue }
      let outcome = trace(model, AnswerText(prompt: prompt, answer: run.ids))
        .outcome(of: thresholds, costs: costs, fill: .catchUp)
      let layers = run.layers.dropFirst()
      #expect(outcome.exits == [2, 4, 6].map { depth in layers.count { $0 == depth } })
      #expect(outcome.blocks == layers.reduce(0, +))
      #expect(outcome.bytes == [run.counted])
      count += layers.count
    }
    #expect(count > 40)
  }

  @Test func `where every token leaves at once, filled bytes are those counted too`() async throws {
    let model = try model()
    defer { model.pool.dismiss() }
    let prompt = [TokenID(9), TokenID(40)]
    let thresholds = ExitThresholds(confidence: [1, 0], shortHead: 1)
    let run = await run(
      model, prompt: prompt, dials: thresholds.dials(depths: [2, 4], fill: .propagate), limit: 40)
    let costs = ExitCosts(weights: model.weights, exits: model.exits, depths: [2, 4])
    let outcome = trace(model, AnswerText(prompt: prompt, answer: run.ids))
      .outcome(of: thresholds, costs: costs, fill: .propagate)
    #expect(outcome.exits == [0, run.ids.count - 1, 0])
    #expect(outcome.bytes == [run.counted])
  }

  @Test func `with thresholds of 1 an answer is full depth's, at its cost`() async throws {
    let model = try model()
    defer { model.pool.dismiss() }
    let prompt = [TokenID(7), TokenID(8)]
    let run = await run(model, prompt: prompt, dials: DialSettings(draft: .off), limit: 40)
    let costs = ExitCosts(weights: model.weights, exits: model.exits, depths: [2, 4])
    let tracer = tracer(model, AnswerText(prompt: prompt, answer: run.ids))
    let trace = tracer.trace
    #expect(trace.count == run.ids.count - 1 && trace.followed == trace.count)
    let outcome = trace.outcome(
      of: ExitThresholds(confidence: [1, 1]), costs: costs, fill: .catchUp)
    #expect(outcome.missCount == 0)
    #expect(tracer.headBytes > 0 && tracer.headBytes < 2 * model.weights.head.byteCount)
    #expect(outcome.bytes == [costs.dense * trace.count])
    #expect(outcome.bytes == [run.counted])
    let verdict = AnswerCheck(model.runtime, length: 200)
      .verdict(on: AnswerText(prompt: prompt, answer: run.ids))
    #expect(verdict.agrees == Array(repeating: true, count: run.ids.count - 1))
    #expect(verdict.losses.count == run.ids.count)
  }

  @Test func `a shadow check finds the tokens that full depth would not have chosen`() async throws
  {
    let model = try model()
    defer { model.pool.dismiss() }
    let prompt = [TokenID(7), TokenID(8)]
    let run = await run(model, prompt: prompt, dials: DialSettings(draft: .off), limit: 200)
    let check = AnswerCheck(model.runtime, length: 256)
    var answer = Array(run.ids.prefix(140))
    try #require(answer.count == 140)
    answer[131] = TokenID((answer[131].index + 1) % 250)
    let verdict = check.verdict(on: AnswerText(prompt: prompt, answer: answer))
    #expect(verdict.agrees.firstIndex(of: false) == 130)
    // What is kept from one call to the next changes nothing.
    let other = check.verdict(
      on: AnswerText(prompt: prompt + [TokenID(5)], answer: Array(answer.prefix(20))))
    #expect(other.agrees.count == 19)
    #expect(check.verdict(on: AnswerText(prompt: prompt, answer: answer)) == verdict)
  }
}
