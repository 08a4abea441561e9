import Dials
import Evaluation
import GGUF
import Inference
import TestSupport
import Testing
import Tokenization

/// A number hidden in a long text.
struct PasskeyTests {
  private func tokenizer() throws -> Tokenizer {
    try Tokenizer(metadata: TinyModel().file().metadata)
  }

  @Test(arguments: [0, 0.25, 0.5, 1])
  func `a text is never too long, and the number stands at its depth`(depth: Double) throws {
    let tokenizer = try tokenizer()
    for length in [600, 1000, 1500] {
      let text = try PasskeyText(length: length, depth: depth, seed: 7, tokenizer: tokenizer)
      #expect(text.tokens.count <= length && text.tokens.count > length * 3 / 4)
      #expect((10_000..<100_000).contains(Int(text.key) ?? 0))
      let words = tokenizer.decode(text.tokens)
      #expect(words.contains("The pass key is \(text.key). Remember it: \(text.key). "))
      #expect(words.hasSuffix("What is the pass key? The pass key is"))
      // What lies behind the number does not name it.
      #expect(!tokenizer.decode(Array(text.tokens.suffix(text.distance))).contains(text.key))
      #expect(
        tokenizer.decode(Array(text.tokens.suffix(text.distance + 12))).contains(
          String(text.key.suffix(2))))
    }
  }

  @Test func `the same seed hides the same number, another seed another`() throws {
    let tokenizer = try tokenizer()
    func text(_ seed: UInt64, _ depth: Double = 0.5) throws -> PasskeyText {
      try PasskeyText(length: 800, depth: depth, seed: seed, tokenizer: tokenizer)
    }
    #expect(try text(1) == text(1))
    #expect(try text(1).key == text(1, 0).key)
    #expect(try text(1).key != text(2).key)
    #expect(try text(1, 0).distance > text(1, 1).distance)
  }

  @Test func `a text that has no room for the question is refused with the length it takes`() throws
  {
    let tokenizer = try tokenizer()
    let error = #expect(throws: EvaluationError.self) {
      try PasskeyText(length: 10, depth: 0, seed: 1, tokenizer: tokenizer)
    }
    #expect(error?.code == .badArgument && error?.message.contains("10 tokens") == true)
  }

  @Test
  func `every length, depth and reach is asked, full attention within the trained length only`()
    async throws
  {
    let model = try LoadedModel(file: TinyModel(contextLength: 700).file(), threads: 1)
    let window = ReachSetting(.lambda, window: 64, sinks: 4)
    let trial = PasskeyTrial(
      model: model, settings: [.full, window], lengths: [600, 900], depths: [0, 1], trials: 2,
      seed: 3)
    var heard = 0
    let rows = try await trial.run { _, _, _ in heard += 1 }
    #expect(rows.map(\.length) == [600, 600, 600, 600, 900, 900] && heard == rows.count)
    #expect(rows.allSatisfy { $0.asked == 2 && $0.found <= 2 })
    for row in rows {
      #expect(row.isInSight == (row.reach == "\(ReachSetting.full)" || row.distance < 64))
    }
    #expect(try await trial.run(isWanted: { false }).isEmpty)
  }
}
