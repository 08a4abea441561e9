import Corpus
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

/// Budgets with a bound.
struct BudgetCalibrationTests {
  private func model(_ duo: TinyDuo) throws -> LoadedModel {
    try LoadedModel(file: duo.base.file(), threads: 1)
      .routing(with: duo.file(), fingerprint: duo.sha256)
  }

  private func texts(_ count: Int, using generator: inout SeededGenerator) -> [AnswerText] {
    func tokens(_ range: ClosedRange<Int>) -> [TokenID] {
      (0..<Int.random(in: range, using: &generator)).map { _ in
        TokenID(Int.random(in: 3..<300, using: &generator))
      }
    }
    return (0..<count).map { _ in AnswerText(prompt: tokens(1...9), answer: tokens(2...12)) }
  }

  @Test func `what a tracer counts is what the loop decides, token by token`() async throws {
    var generator = SeededGenerator(seed: 6100)
    let duo = TinyDuo(base: TinyModel(blockCount: 4, type: .q4_1, seed: 6100))
    let model = try model(duo)
    let rule = FeedForwardRule(offset: 0.2)
    // An answer of the routed model itself: where it differs from the whole model is what a check says.
    let engine = Engine(model: model)
    for _ in 0..<4 {
      let prompt = (0..<6).map { _ in TokenID(Int.random(in: 3..<300, using: &generator)) }
      let reply = await engine.reply(
        to: TurnRequest(
          turn: 1, prompt: prompt,
          dials: DialSettings(draft: .off, budget: BudgetSetting(share: 0.5, offset: 0.2)),
          tokenLimit: 20, looks: .check))
      guard reply.ids.count > 1 else { continue }
      let check = try #require(reply.check)
      let tracer = try #require(BudgetTracer(model.runtime, rules: [rule], length: 64))
      tracer.read(AnswerText(prompt: prompt, answer: reply.ids))
      let count = tracer.counts[0]
      let later = reply.tokens.dropFirst()
      #expect(count.errors.missCount == check.isSame.dropFirst().count { !$0 })
      #expect(
        count.big
          == later.reduce(0) { $0 + $1.depth.executedCount - $1.depth.smallCount })
      #expect(
        count.bytes == later.reduce(0) { $0 + ($1.cost.bytes?.blocks ?? 0) }
          + later.count * model.weights.head.byteCount)
    }
    model.pool.dismiss()
  }

  @Test func `what small feed-forwards do to a text is measured, and nothing where all are big`()
    throws
  {
    var generator = SeededGenerator(seed: 6150)
    let model = try model(TinyDuo(base: TinyModel(blockCount: 4, seed: 6150)))
    let tokens = (0..<120).map { _ in TokenID(Int.random(in: 3..<300, using: &generator)) }
    let windows = try TextWindows(tokens, length: 60)
    let settings = [-1e9, 0.2].map { offset in
      DialSettings(draft: .off, budget: BudgetSetting(share: 0.5, offset: offset))
    }
    let scores = TextEvaluation(of: model.runtime, on: windows, settings: settings).run()
    #expect(scores.count == 3)
    #expect(scores[1].perplexity == scores[0].perplexity)
    #expect(scores[2].perplexity != scores[0].perplexity)
    #expect(scores[2].dials.summary == "budget 50%")
    model.pool.dismiss()
  }

  @Test func `budgets are tested from nearly all big downwards until one fails`() throws {
    var generator = SeededGenerator(seed: 6200)
    let model = try model(TinyDuo(base: TinyModel(blockCount: 4, seed: 6200)))
    defer { model.pool.dismiss() }
    let texts = texts(12, using: &generator)
    var found = try BudgetCalibration(
      texts, model: model, limit: 0.999, confidence: 0.5, unit: .tokens)
    #expect(found.points.map(\.share) == found.points.map(\.share).sorted(by: >))
    #expect(found.points.map(\.relativeBytes).allSatisfy { $0 < 1 })
    #expect(found.selected == found.points.last)
    found.limit = 1e-9
    #expect(found.selected == nil)
    for limit in stride(from: 0.05, to: 1, by: 0.05) {
      found.limit = limit
      let passed = found.points.prefix { found.test.p($0.errors, limit: limit) <= 0.5 }
      #expect(found.selected == passed.last)
      if let selected = found.selected { #expect(selected.upperBound <= limit + 1e-4) }
    }
    #expect(found.csv.split(separator: "\n").count == BudgetCalibration.shares.count + 1)
  }

  @Test func `a model without modules is refused with what to do`() throws {
    var generator = SeededGenerator(seed: 6300)
    let model = try LoadedModel(file: TinyModel(blockCount: 2).file(), threads: 1)
    defer { model.pool.dismiss() }
    let error = #expect(throws: EvaluationError.self) {
      _ = try BudgetCalibration(
        texts(2, using: &generator), model: model, limit: 0.1, confidence: 0.9, unit: .answers)
    }
    #expect(error?.message.contains("--duo") == true)
  }
}
