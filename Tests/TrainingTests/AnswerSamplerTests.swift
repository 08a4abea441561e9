import Dials
import Kernels
import TestSupport
import Testing
import Training
import Transformer

struct AnswerSamplerTests {
  @Test func `drawn answers depend on the seed and not on the texts beside them`() throws {
    let base = try TinyBase()
    defer { base.pool.dismiss() }
    var generator = SeededGenerator(seed: 21)
    let prompts = (0..<6).map { index in
      (0..<1 + 3 * index).map { _ in TokenID(Int.random(in: 3..<300, using: &generator)) }
    }
    func answers(width: Int, seed: UInt64) -> [Int: [TokenID]] {
      let sampler = AnswerSampler(temperature: 1, seed: seed)
      var writer = AnswerWriter(room: 48, answerLength: 12, choose: sampler.token)
      writer.width = width
      var answers: [Int: [TokenID]] = [:]
      let runtime = ModelRuntime(weights: base.weights, pool: base.pool)
      writer.answer(prompts, ends: [], runtime: runtime) {
        answers[$0.index] = $0.tokens
        return true
      }
      return answers
    }
    let one = answers(width: 1, seed: 3)
    #expect(one.count == 6)
    #expect(one == answers(width: 5, seed: 3))
    #expect(one != answers(width: 5, seed: 4))
  }

  @Test func `a temperature draws in proportion to the softmax of the top k`() {
    var logits: [Float] = [0, 1, 2, 3, 2.5, -1]
    var sampler = AnswerSampler(temperature: 0.7, seed: 9)
    sampler.topK = 3
    var counts: [Int: Int] = [:]
    for position in 0..<20_000 {
      let token = logits.withUnsafeMutableBufferPointer {
        sampler.token($0, 1, Position(position))
      }
      counts[token.index, default: 0] += 1
    }
    let p = Definition.softmax([2, 3, 2.5].map { $0 / 0.7 })
    #expect(Set(counts.keys) == [2, 3, 4])
    for (token, probability) in zip([2, 3, 4], p) {
      #expect((Double(counts[token] ?? 0) / 20_000 - probability).magnitude < 0.015)
    }
  }
}
