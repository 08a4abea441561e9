import Corpus
import Dials
import Events
import Inference
import Kernels
import Pruning
import TestSupport
import Testing
import Tokenization
import Transformer

struct SelfWrittenTextTests {
  @Test func `the text is what a chat after the other gives, one token at a time`() throws {
    let model = try LoadedModel(
      file: TinyModel(blockCount: 2, contextLength: 2048).file(), threads: 2)
    defer { model.pool.dismiss() }
    var seen: [Int] = []
    let text = SelfWrittenText.write(with: model, tokenCount: 1500, seed: 7) {
      seen.append($0)
      return true
    }
    #expect(text.tokens == Self.chats(model, tokenCount: 1500, seed: 7))
    #expect(seen == seen.sorted() && seen.last == 1500)
  }

  @Test func `a writer that is told to stop stops`() throws {
    let model = try LoadedModel(
      file: TinyModel(blockCount: 1, contextLength: 2048).file(), threads: 1)
    defer { model.pool.dismiss() }
    var calls = 0
    let text = SelfWrittenText.write(with: model, tokenCount: 1_000_000, seed: 7) { _ in
      calls += 1
      return calls < 3
    }
    #expect(calls == 3 && text.tokens.count < 1_000_000)
  }

  /// The chats of the requests, each drawn alone.
  @inline(never)
  private static func chats(_ model: LoadedModel, tokenCount: Int, seed: UInt64) -> [TokenID] {
    let pass = ForwardPass(model.runtime, capacity: 768)
    var generator = SplitMix64(seed: seed)
    var tokens: [TokenID] = []
    var number: UInt64 = 0
    while tokens.count < tokenCount {
      for request in SelfWrittenText.requests.shuffled(using: &generator)
      where tokens.count < tokenCount {
        let prompt = model.tokenizer.encode(
          chat: [ChatMessage(.user, request)], template: model.template, addGenerationPrompt: true)
        let sampler = Sampler(
          SessionRecord.Sampler(
            temperature: 1, topK: 200, topP: 0.95, minP: 0, repeatPenalty: 1, repeatLastN: 0,
            seed: seed &* 1_000_003 &+ number))
        tokens += chat(
          Array(prompt.prefix(384)), pass: pass, sampler: sampler, ends: model.tokenizer.endOfTurn)
        tokens += model.tokenizer.encodeAnswerEnd(template: model.template)
        number += 1
      }
    }
    return tokens
  }

  /// A prompt and up to 384 tokens behind it, without the token that ends them.
  private static func chat(
    _ prompt: [TokenID], pass: ForwardPass, sampler: Sampler, ends: Set<TokenID>
  ) -> [TokenID] {
    pass.truncate(to: 0)
    var text = prompt
    for position in 0..<prompt.count + 384 {
      pass.appendChain([text[position]])
      pass.run(rows: 0..<1, blocks: 0..<pass.blockCount)
      defer { pass.commit(path: [0]) }
      guard position + 1 == text.count else { continue }
      let logits = pass.logits(rows: [0])
      let next = sampler.choose(
        from: logits[0], at: Position(text.count), after: EmptyCollection<TokenID>()
      ).token
      if ends.contains(next) || text.count == prompt.count + 384 { break }
      text.append(next)
    }
    return text
  }
}
