import Dials
import Events
import GGUF
import Inference
import Techniques
import TestSupport
import Testing
import Transformer

/// Heads that are read no further than the highest logits need.
struct ExactTopTests {
  @Test(arguments: 0..<8)
  func `the text, its alternatives and ranks are the whole head's`(seed: UInt64) async throws {
    var generator = SeededGenerator(seed: 700 + seed)
    let tiny = TinyModel(blockCount: 2, isTied: seed % 2 == 0, type: .q8_0, seed: seed)
    let whole = try Engine(tiny: tiny, readsTop: false)
    let top = try Engine(tiny: tiny)
    var bytes = (whole: 0, top: 0)
    for round in 0..<8 {
      let prompt = TinyModel.prompt(using: &generator)
      let random = SessionRecord.Sampler.random(using: &generator)
      // Some samplers need the whole head; who is greedy does not.
      let sampler = round == 0 ? SessionRecord.Sampler() : random
      let expected = await whole.plainReply(to: prompt, limit: 40, sampler: sampler)
      let reply = await top.plainReply(to: prompt, limit: 40, sampler: sampler)
      #expect(reply.choices == expected.choices, "\(sampler)")
      #expect(reply.end?.reason == expected.end?.reason)
      for (token, other) in zip(reply.tokens, expected.tokens) {
        #expect(abs(token.logprob - other.logprob) < 0.02, "\(sampler)")
        bytes.top += token.cost.bytesRead
        bytes.whole += other.cost.bytesRead
      }
    }
    #expect(bytes.top < bytes.whole, "the head was read no further than needed")
  }

  @Test(arguments: 0..<8)
  func `breadth changes neither the text nor a number of it`(seed: UInt64) async throws {
    var generator = SeededGenerator(seed: 720 + seed)
    let tiny = TinyModel(blockCount: 4, type: .q8_0, seed: seed)
    let plain = try Engine(tiny: tiny)
    let engine = try Engine(tiny: tiny)
    var (accepted, drafted) = (0, 0)
    for _ in 0..<8 {
      let prompt = TinyModel.prompt(using: &generator)
      let sampler = SessionRecord.Sampler.random(using: &generator)
      let dials = DialSettings.random(.identical, blockCount: 4, using: &generator)
      let expected = await plain.plainReply(to: prompt, limit: 40, sampler: sampler)
      let reply = await engine.reply(
        to: TurnRequest(turn: 1, prompt: prompt, dials: dials, sampler: sampler, tokenLimit: 40))
      #expect(reply.evidence == expected.evidence, "\(dials) \(sampler)")
      accepted += reply.drafts.reduce(0) { $0 + $1.kAccepted }
      drafted += reply.drafts.reduce(0) { $0 + $1.kDrafted }
    }
    #expect(accepted > 0 && accepted < drafted)
  }
}

extension Reply {
  /// What was decided, without the numbers that sum over the vocabulary.
  fileprivate var choices: [Choice] {
    tokens.map {
      Choice(id: $0.id, rank: $0.rank, uniform: $0.u, alternatives: $0.topLogprobs.map(\.id))
    }
  }
}

/// See `Reply.choices`.
private struct Choice: Hashable {
  var id: TokenID
  var rank: Int
  var uniform: Float?
  var alternatives: [TokenID]
}
