import Dials
import Evaluation
import Inference
import Techniques
import TestSupport
import Testing
import Transformer

/// A calibration from answers to presets, on a tiny model.
struct CalibrationJobTests {
  private func model() throws -> LoadedModel {
    try LoadedModel(file: TinyModel().file(), threads: 1)
  }

  /// The model with exits that ask a short head of three tokens, which is always rather sure.
  private func modelWithExits() throws -> LoadedModel {
    let tiny = TinyModel(blockCount: 3)
    let adapter = TinyAdapter(
      base: tiny, depths: [1, 2], gateBias: nil, shortlist: [5, 6, 7])
    return try LoadedModel(file: tiny.file(), threads: 1)
      .adapted(by: adapter.file(), fingerprint: "00")
  }

  private func texts(_ count: Int) -> [AnswerText] {
    var generator = SeededGenerator(seed: 4)
    return (0..<count).map { _ in
      func tokens(_ count: Int) -> [TokenID] {
        (0..<count).map { _ in TokenID(Int.random(in: 3..<300, using: &generator)) }
      }
      return AnswerText(prompt: tokens(6), answer: tokens(20))
    }
  }

  private func job(limit: Double, timed: Int = 0) -> CalibrationJob {
    CalibrationJob(
      depths: [1, 2], goals: [("balanced", limit)], confidence: 0.9, unit: .tokens, fill: .catchUp,
      seed: 1, timed: timed)
  }

  @Test func `a limit that everything keeps has a setting, one that nothing keeps has none`()
    async throws
  {
    let model = try model()
    let easy = try await job(limit: 0.999).run(texts(12), model: model)
    #expect(easy.answerCount == 12 && easy.tokenCount == 12 * 19)
    let preset = try #require(easy.presets["balanced"])
    #expect(try preset.dials(blockCount: 4).fill == .catchUp)
    #expect(easy.test.choosingN == 4 && easy.test.testingN == 8 && easy.test.confidence == 0.9)
    let hard = try await job(limit: 1e-9).run(texts(12), model: model)
    #expect(hard.presets.isEmpty && hard.selections.count == 1)
    #expect(hard.times.isEmpty)
  }

  @Test func `settings worth timing are timed on as many prompts as were asked for`() async throws {
    var timings: [Int] = []
    let result = try await job(limit: 0.999, timed: 2).run(texts(9), model: try modelWithExits()) {
      event in
      if case .timing(let done, let all) = event, all == 2 { timings.append(done) }
    }
    #expect(timings == [1, 2])
    #expect(!result.times.isEmpty && result.times.keys.allSatisfy { !$0.isOff })
    #expect(result.times.values.allSatisfy { $0 > 0 })
  }
}
