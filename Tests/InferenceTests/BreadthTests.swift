import Dials
import Events
import GGUF
import Inference
import Techniques
import TestSupport
import Testing

/// Law 3: breadth never changes text.
struct BreadthTests {
  /// Drafts that were accepted and rejected, so that a test sees that there were both.
  private struct Tally {
    var accepted = 0
    var rejected = 0

    mutating func add(_ reply: Reply) {
      accepted += reply.drafts.reduce(0) { $0 + $1.kAccepted }
      rejected += reply.rejected.count
    }
  }

  @Test(arguments: 0..<20)
  func `breadth never changes text`(seed: UInt64) async throws {
    var generator = SeededGenerator(seed: 300 + seed)
    let tiny = TinyModel.random(using: &generator)
    let plain = try Engine(tiny: tiny)
    let engine = try Engine(tiny: tiny)
    var tally = Tally()
    for _ in 0..<16 {
      let prompt = TinyModel.prompt(using: &generator)
      let sampler = SessionRecord.Sampler.random(using: &generator)
      let dials = DialSettings.random(.identical, blockCount: tiny.blockCount, using: &generator)
      let expected = await plain.plainReply(to: prompt, limit: 40, sampler: sampler)
      let reply = await engine.reply(
        to: TurnRequest(
          turn: 1, prompt: prompt, dials: dials, sampler: sampler, tokenLimit: 40))
      #expect(reply.evidence == expected.evidence, "\(tiny) \(dials) \(sampler)")
      #expect(reply.end?.reason == expected.end?.reason)
      tally.add(reply)
    }
    #expect(tally.accepted > 0)
    #expect(tally.rejected > 0)
  }

  @Test func `a fixed exit at any depth and any draft length never changes text`() async throws {
    let tiny = TinyModel(blockCount: 6, isTied: false, type: .q4_1, seed: 31)
    var generator = SeededGenerator(seed: 31)
    let engine = try Engine(tiny: tiny)
    let prompt = TinyModel.prompt(using: &generator)
    let expected = await engine.plainReply(to: prompt, limit: 30)
    #expect(expected.ids.count == 30)
    for depth in 1..<6 {
      for draftLength in 1...8 {
        let dials = DialSettings(exit: .fixed(depth: depth), draftLength: draftLength)
        let reply = await engine.reply(
          to: TurnRequest(turn: 1, prompt: prompt, dials: dials, tokenLimit: 30))
        #expect(reply.evidence == expected.evidence, "\(depth) \(draftLength)")
        #expect(reply.drafts.contains { $0.kDrafted == draftLength }, "\(depth) \(draftLength)")
      }
    }
  }

  @Test(arguments: 0..<8)
  func `drafts never change the text of a pruned model`(seed: UInt64) async throws {
    var generator = SeededGenerator(seed: 330 + seed)
    let tiny = TinyModel.random(using: &generator)
    let engine = try Engine(tiny: tiny)
    var tally = Tally()
    for _ in 0..<10 {
      let prompt = TinyModel.prompt(using: &generator)
      let sampler = SessionRecord.Sampler.random(using: &generator)
      let pruned = BlockSet.random(blockCount: tiny.blockCount, using: &generator)
      var dials = DialSettings(pruned: pruned)
      let expected = await engine.reply(
        to: TurnRequest(turn: 1, prompt: prompt, dials: dials, sampler: sampler, tokenLimit: 40))
      dials = .random(
        .identical, blockCount: tiny.blockCount, pruned: pruned, using: &generator)
      let reply = await engine.reply(
        to: TurnRequest(turn: 1, prompt: prompt, dials: dials, sampler: sampler, tokenLimit: 40))
      #expect(reply.end?.reason != .error, "\(reply.end?.message ?? "") \(dials)")
      #expect(reply.evidence == expected.evidence, "\(tiny) \(dials) \(sampler)")
      tally.add(reply)
    }
    #expect(tally.accepted + tally.rejected > 0)
  }

  @Test func `pruning the last blocks is the model without them`() async throws {
    let tiny = TinyModel(blockCount: 5, type: .q8_0, seed: 4)
    let shorter = tiny.setting("llama.block_count", to: 3)
    var generator = SeededGenerator(seed: 4)
    let prompt = TinyModel.prompt(using: &generator)
    let expected = await (try Engine(tiny: shorter)).plainReply(to: prompt, limit: 40)
    let reply = await (try Engine(tiny: tiny)).reply(
      to: TurnRequest(
        turn: 1, prompt: prompt, dials: DialSettings(pruned: BlockSet(indices: [3, 4])),
        tokenLimit: 40))
    #expect(reply.ids == expected.ids)
    #expect(reply.tokens.map(\.logprob) == expected.tokens.map(\.logprob))
    #expect(reply.tokens.allSatisfy { $0.depth.description == "###xx" })
  }
}
