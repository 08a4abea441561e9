import Dials
import Events
import Foundation
import Inference
import TestSupport
import Testing

struct SamplerTests {
  /// Random logits, a few of them equal.
  private func logits(_ count: Int, using generator: inout SeededGenerator) -> [Float] {
    (0..<count).map { _ in (generator.nextNormal() * 8).rounded() / 4 }
  }

  private func choose(
    _ settings: SessionRecord.Sampler, _ logits: [Float], position: Int = 0,
    after history: [TokenID] = []
  ) -> Sampler.Choice {
    var logits = logits
    return logits.withUnsafeMutableBufferPointer {
      Sampler(settings).choose(from: $0, at: Position(position), after: history)
    }
  }

  /// The logits as llama.cpp's penalty leaves them: each recent token once, whatever its count.
  private func penalized(
    _ logits: [Float], _ settings: SessionRecord.Sampler, history: [TokenID]
  ) -> [Float] {
    var logits = logits
    for token in Set(history.suffix(settings.repeatLastN)) {
      logits[token.index] *=
        logits[token.index] > 0 ? 1 / settings.repeatPenalty : settings.repeatPenalty
    }
    return logits
  }

  /// By definition: the tokens that may be drawn, most probable first, with their chances.
  private func distribution(
    _ logits: [Float], _ settings: SessionRecord.Sampler
  ) -> [(token: Int, chance: Double)] {
    var order = logits.indices.sorted { (logits[$0], $1) > (logits[$1], $0) }
    if settings.topK > 0 { order = Array(order.prefix(settings.topK)) }
    let largest = logits[order[0]]
    let weights = order.map { exp(Double(logits[$0]) - Double(largest)) }
    let sum = weights.reduce(0, +)
    var kept: [Int] = []
    var before = 0.0
    for (token, weight) in zip(order, weights) {
      // Top-p: as long as those before do not make up the share. Min-p: relative to the best.
      guard kept.isEmpty || (before < Double(settings.topP) && weight >= Double(settings.minP))
      else { break }
      kept.append(token)
      before += weight / sum
    }
    let tempered = kept.map { exp(Double(logits[$0] - largest) / Double(settings.temperature)) }
    let total = tempered.reduce(0, +)
    return zip(kept, tempered).map { ($0, $1 / total) }
  }

  @Test func `temperature 0 takes the largest logit, of equals the first`() {
    var generator = SeededGenerator(seed: 20)
    for _ in 0..<500 {
      let logits = logits(.random(in: 1...300, using: &generator), using: &generator)
      let largest = logits.max() ?? 0
      let topK = Int.random(in: 0...50, using: &generator)
      let choice = choose(SessionRecord.Sampler(temperature: 0, topK: topK), logits)
      #expect(choice.token.index == logits.firstIndex(of: largest))
      #expect(choice.uniform == nil)
      let first = choose(SessionRecord.Sampler(temperature: 1, topK: 1), logits)
      #expect(first.token == choice.token)
    }
  }

  @Test(arguments: 0..<60)
  func `top-k, top-p and min-p keep exactly their tokens`(seed: UInt64) {
    var generator = SeededGenerator(seed: 2000 + seed)
    // Irregular values: no sum falls on a border.
    let logits = (0..<40).map { _ in generator.nextNormal() * 2 }
    // So hot that every token that is kept is drawn about as often.
    let settings = SessionRecord.Sampler(
      temperature: 1e6, topK: [0, 1, 7, 40, 100].randomElement(using: &generator) ?? 0,
      topP: [0.3, 0.7, 0.95, 1].randomElement(using: &generator) ?? 1,
      minP: [0, 0.02, 0.2].randomElement(using: &generator) ?? 0, seed: seed)
    let expected = Set(distribution(logits, settings).map(\.token))
    let drawn = Set((0..<2000).map { choose(settings, logits, position: $0).token.index })
    #expect(drawn == expected)
  }

  @Test func `one token is always kept`() {
    let logits: [Float] = [1, 5, 2]
    for settings in [
      SessionRecord.Sampler(temperature: 1, topP: 1e-9), .init(temperature: 1, minP: 0.999),
      .init(temperature: 1e-9), .init(temperature: .leastNonzeroMagnitude),
    ] {
      for position in 0..<50 {
        #expect(choose(settings, logits, position: position).token == TokenID(1))
      }
    }
  }

  /// χ² against the exact chances, at the 99.9 % point by Wilson and Hilferty (1931).
  @Test(arguments: 0..<12)
  func `draws over many positions follow the distribution`(seed: UInt64) {
    var generator = SeededGenerator(seed: 2100 + seed)
    let logits = logits(30, using: &generator)
    let settings = SessionRecord.Sampler(
      temperature: [0.7, 1, 1.5][Int(seed % 3)], topK: [0, 10][Int(seed % 2)],
      topP: [1, 0.9][Int(seed / 2 % 2)], minP: [0, 0.05][Int(seed / 4 % 2)], seed: seed)
    var counts: [Int: Int] = [:]
    let draws = 30_000
    for position in 0..<draws {
      counts[choose(settings, logits, position: position).token.index, default: 0] += 1
    }
    var statistic = 0.0
    var bins = 0.0
    var rare = (expected: 0.0, observed: 0.0)
    func add(_ expected: Double, _ observed: Double) {
      statistic += (observed - expected) * (observed - expected) / expected
      bins += 1
    }
    for (token, chance) in distribution(logits, settings) {
      let expected = chance * Double(draws)
      let observed = Double(counts.removeValue(forKey: token) ?? 0)
      // Bins too small for the test count together.
      if expected < 10 {
        rare = (rare.expected + expected, rare.observed + observed)
      } else {
        add(expected, observed)
      }
    }
    if rare.expected >= 10 { add(rare.expected, rare.observed) }
    #expect(counts.isEmpty, "tokens that may not be drawn")
    let spread = 2 / (9 * (bins - 1))
    let limit = (bins - 1) * pow(1 - spread + 3.0902 * spread.squareRoot(), 3)
    #expect(bins > 3)
    #expect(statistic < limit)
  }

  @Test func `the repeat penalty divides positive logits of recent tokens and multiplies others`() {
    var generator = SeededGenerator(seed: 22)
    for _ in 0..<500 {
      let logits = logits(50, using: &generator)
      let history = (0..<Int.random(in: 0...30, using: &generator)).map { _ in
        TokenID(Int.random(in: 0..<50, using: &generator))
      }
      for temperature in [Float(0), 0.8] {
        var settings = SessionRecord.Sampler(
          temperature: temperature, topK: [0, 3, 40].randomElement(using: &generator) ?? 0,
          repeatPenalty: [0.5, 1.3, 4].randomElement(using: &generator) ?? 1,
          repeatLastN: [0, 1, 10, 64].randomElement(using: &generator) ?? 64)
        let choice = choose(settings, logits, position: 3, after: history)
        let changed = penalized(logits, settings, history: history)
        settings.repeatPenalty = 1
        #expect(choice == choose(settings, changed, position: 3))
      }
    }
  }

  @Test func `the same seed and position draw the same token, whatever came before`() {
    var generator = SeededGenerator(seed: 23)
    let logits = logits(300, using: &generator)
    let settings = SessionRecord.Sampler(temperature: 1, topK: 0, topP: 1, minP: 0)
    for position in 0..<200 {
      let choice = choose(settings, logits, position: position)
      #expect(choice == choose(settings, logits, position: position, after: [TokenID(3)]))
      #expect(choice.uniform == CounterRandom.uniform(seed: 42, position: position))
    }
    var other = settings
    other.seed = 43
    let same = (0..<200).count {
      choose(settings, logits, position: $0) == choose(other, logits, position: $0)
    }
    #expect(same < 20)
  }
}
