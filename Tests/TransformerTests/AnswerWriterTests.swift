import Dials
import Kernels
import TestSupport
import Testing
import Transformer

struct AnswerWriterTests {
  private static let model = TinyModel(blockCount: 3)

  @Test func `many prompts at a time get the answers that each gets alone`() throws {
    let pool = ThreadPool(count: 2)
    defer { pool.dismiss() }
    let weights = try Weights(file: Self.model.file(), pool: pool)
    let prompts = Self.prompts(9)
    var writer = AnswerWriter(room: 64, answerLength: 20)
    writer.width = 4
    var answers: [Int: [TokenID]] = [:]
    writer.answer(
      prompts, ends: Set([TokenID(17)]), runtime: ModelRuntime(weights: weights, pool: pool)
    ) {
      answers[$0.index] = $0.tokens
      return true
    }
    #expect(answers.count == 9)
    #expect(answers.values.contains { $0.count < 20 } && answers.values.contains { $0.count == 20 })
    for (index, prompt) in prompts.enumerated() {
      #expect(
        answers[index]
          == Self.greedy(prompt, weights: weights, pool: pool, end: TokenID(17), limit: 20))
    }
  }

  @Test func `a text ends where its room ends, and a prompt that fills it is passed over`() throws {
    let pool = ThreadPool(count: 1)
    defer { pool.dismiss() }
    let weights = try Weights(file: Self.model.file(), pool: pool)
    let prompts = [Self.prompts(1)[0], Array(repeating: TokenID(5), count: 40)]
    let writer = AnswerWriter(room: 48, answerLength: 1000)
    var answers: [AnswerWriter.Answer] = []
    writer.answer(prompts, ends: [], runtime: ModelRuntime(weights: weights, pool: pool)) {
      answers.append($0)
      return true
    }
    #expect(answers.map(\.index) == [0])
    #expect(answers.first?.tokens.count == 48 - prompts[0].count)
  }

  private static func prompts(_ count: Int) -> [[TokenID]] {
    var generator = SeededGenerator(seed: 21)
    return (0..<count).map { index in
      (0..<1 + 3 * index).map { _ in TokenID(Int.random(in: 3..<300, using: &generator)) }
    }
  }

  /// The most probable continuation, one text and one row at a time.
  @inline(never)
  private static func greedy(
    _ prompt: [TokenID], weights: Weights, pool: ThreadPool, end: TokenID, limit: Int
  ) -> [TokenID] {
    let pass = ForwardPass(ModelRuntime(weights: weights, pool: pool), capacity: 128)
    var answer: [TokenID] = []
    var next = prompt[0]
    for position in 0..<prompt.count + limit {
      pass.append(Row(token: next, position: Position(position), parent: nil))
      pass.run(rows: 0..<1, blocks: 0..<pass.blockCount)
      let best = pass.logits(rows: [0]).argmax(row: 0)
      pass.commit(path: [0])
      if position + 1 < prompt.count {
        next = prompt[position + 1]
        continue
      }
      answer.append(best)
      if best == end || answer.count == limit { break }
      next = best
    }
    return answer
  }
}
