import Corpus
import Dials
import Evaluation
import Foundation
import Inference
import Kernels
import Reports
import TestSupport
import Testing
import Tokenization
import Transformer

private let wikiText = "wikitext2/wiki.test.part1.raw"

/// The default model on WikiText-2, beside llama.cpp and beside float32.
@Suite(
  .needsModel,
  .needsData(wikiText))
struct RealModelTests {
  /// What llama.cpp gives: see the golden numbers' README.
  private struct LlamaCpp: Decodable {
    var context: Int
    var running: [String: Double]
  }

  /// What scripts/perplexity_float32.py gives: per window, the summed loss in nats.
  private struct Float32: Decodable {
    var ctx: Int
    var losses: [Double]
  }

  @Test func `perplexity is within 0.3 % of float32's and within 1 % of llama.cpp's`() throws {
    let float32 = try golden(Float32.self, "wikitext2_float32")
    let llama = try golden(LlamaCpp.self, "wikitext2_llama_cpp")
    #expect(float32.ctx == llama.context)
    var compared = 0
    try read(windows: float32.losses.count, of: llama.context) { scores in
      let count = scores.windowCount
      let perWindow = scores.loss.count / count
      let sum = float32.losses.prefix(count).reduce(0, +)
      let expected = exp(sum / Double(perWindow * count))
      // One window alone is a small sample: rounding weighs more there.
      #expect(abs(scores.perplexity / expected - 1) < (count < 10 ? 0.006 : 0.003), "\(count)")
      if let running = llama.running["\(count)"] {
        compared += 1
        #expect(abs(scores.perplexity / running - 1) < 0.01, "\(count)")
      }
    }
    #expect(compared >= 7)
  }

  private func read(
    windows count: Int, of length: Int, _ check: (TextScores) -> Void
  ) throws {
    let model = try LoadedModel(path: SharedData.model ?? "", threads: 2)
    defer { model.pool.dismiss() }
    let file = try #require(SharedData.data(wikiText))
    let text = try String(contentsOfFile: file, encoding: .utf8)
    let windows = try TextWindows(
      model.tokenizer.encode(text, addSpecial: true), length: length, limit: count)
    let evaluation = TextEvaluation(
      of: model.runtime, on: windows, settings: [])
    _ = evaluation.run { scores in
      if let first = scores.first { check(first) }
      return true
    }
  }

  private func golden<Value: Decodable>(_ type: Value.Type, _ name: String) throws -> Value {
    let url = Bundle.module.url(forResource: name, withExtension: "json", subdirectory: "Golden")
    return try JSONDecoder().decode(type, from: Data(contentsOf: try #require(url)))
  }
}
