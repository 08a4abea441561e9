import Evaluation
import Testing

/// What measurements of a setting add up to.
struct InstructSummaryTests {
  private func measurement(
    prompt: Int, predicted: Int, exits: [Int: Int], ms: Double, denseMs: Double, agreeing: Int
  ) -> InstructMeasurement {
    var bytes = WeightBytes()
    bytes.blocks = 50 * (predicted - 1)
    bytes.head = 20 * (predicted - 1)
    bytes.probes = 5 * (predicted - 1)
    bytes.fill = predicted - 1
    return InstructMeasurement(
      set: "koala", prompt: prompt, setting: "balanced", promptN: 9, predictedN: predicted,
      denseN: 11, exits: exits, bytes: bytes, denseBytes: 100 * (predicted - 1), ms: [ms, ms],
      denseMs: [denseMs, denseMs], agreeing: agreeing, rougeL: 0.5, loss: 2 * Double(predicted))
  }

  @Test func `shares, ratios and means are those of all tokens but the first`() throws {
    let summary = try #require(
      InstructSummary(
        set: "all",
        [
          measurement(
            prompt: 0, predicted: 11, exits: [20: 4, 30: 6], ms: 50, denseMs: 100, agreeing: 9),
          measurement(
            prompt: 1, predicted: 31, exits: [20: 6, 30: 24], ms: 150, denseMs: 100, agreeing: 27),
        ]))
    #expect(summary.answers == 2 && summary.predictedN == 42)
    #expect(summary.meanBlocks == 27.5)
    #expect(summary.exits == [20: 0.25, 30: 0.75])
    #expect(summary.relativeBytes == 0.76)
    #expect(summary.relativeParts == [0.5, 0.2, 0.05, 0.01])
    #expect(summary.agreement == 0.9)
    #expect(summary.agreementInterval == [0.9, 0.9])
    // A token takes full depth 10 ms; the setting took 10 · 5 ms and 30 · 5 ms.
    #expect(abs(summary.timeRatio - 2) < 1e-12)
    #expect(summary.rougeL == 0.5)
    #expect(summary.nll == 2)
  }

  @Test func `nothing adds up to nothing`() {
    #expect(InstructSummary(set: "all", []) == nil)
  }
}
