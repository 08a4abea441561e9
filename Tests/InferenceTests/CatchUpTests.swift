import Dials
import Events
import GGUF
import Inference
import Techniques
import TestSupport
import Testing
import Transformer

/// Exits taken at their word, whose rows wait for a deeper token to take them along.
struct CatchUpTests {
  private func dials(_ threshold: Float, pruned: BlockSet = .none) -> DialSettings {
    DialSettings(
      pruned: pruned,
      exit: .confidence(
        measure: .top1,
        points: [
          ExitPoint(depth: 2, threshold: threshold), ExitPoint(depth: 4, threshold: threshold),
        ]), mode: .approximate, fill: .catchUp)
  }

  private func tiny(_ seed: UInt64) -> TinyModel {
    TinyModel(blockCount: 6, isTied: false, type: .q4_1, seed: seed)
  }

  @Test(arguments: [Float(0), 0.06, 0.08, 0.5])
  func `the rows of the text are exact in the end`(threshold: Float) async throws {
    let engine = try Engine(tiny: tiny(70))
    let prompt = [TokenID(7), TokenID(8), TokenID(30)]
    let reply = await engine.reply(
      to: TurnRequest(turn: 1, prompt: prompt, dials: dials(threshold), tokenLimit: 45))
    #expect(reply.tokens.count > 5)
    #expect(reply.tokens.allSatisfy { $0.kv.filled == 0 })
    let text = prompt + reply.ids
    let next = await engine.reply(to: TurnRequest(turn: 2, prompt: text, tokenLimit: 20))
    #expect(next.turn?.nCached == text.count - 1)
    let fresh = await (try Engine(tiny: tiny(70))).plainReply(to: text, limit: 20)
    #expect(next.ids == fresh.ids)
    #expect(next.tokens.map(\.logprob) == fresh.tokens.map(\.logprob))
  }

  @Test func `a token that goes to the end sees exact rows only`() async throws {
    let engine = try Engine(tiny: tiny(71))
    let prompt = [TokenID(7), TokenID(8)]
    let reply = await engine.reply(
      to: TurnRequest(turn: 1, prompt: prompt, dials: dials(0.07), tokenLimit: 60))
    let early = try #require(reply.tokens.firstIndex { $0.exit.reason == .threshold })
    let later = reply.tokens.indices.filter { $0 > early && reply.tokens[$0].exit.reason == .full }
    #expect(!later.isEmpty)
    for index in later {
      let exact = await engine.plainReply(to: prompt + reply.ids[..<index], limit: 1)
      #expect(exact.tokens.first?.logprob == reply.tokens[index].logprob)
    }
  }

  /// Rows that cost nothing, so that every guess is worth one.
  private static let free = CostTable(times: CostTable.measuredCounts.map { _ in 1 })

  @Test(arguments: 0..<10)
  func `guesses change no token where exits are taken at their word`(seed: UInt64) async throws {
    var generator = SeededGenerator(seed: 1400 + seed)
    let tiny = tiny(74 + seed)
    let alone = try Engine(tiny: tiny)
    var (accepted, early) = (0, 0)
    for round in 0..<6 as Range<UInt64> {
      let prompt = TinyModel.prompt(using: &generator)
      let sampler = SessionRecord.Sampler.random(using: &generator)
      var dials = dials(.random(in: 0.05...0.09, using: &generator))
      dials.draft = .off
      let expected = await alone.reply(
        to: TurnRequest(turn: 1, prompt: prompt, dials: dials, sampler: sampler, tokenLimit: 50))
      let engine = try Engine(tiny: tiny, costs: Self.free) { _, _ in
        [WildDrafter(seed: seed * 100 + round, truth: prompt + expected.ids)]
      }
      dials.draft = .auto
      let reply = await engine.reply(
        to: TurnRequest(turn: 1, prompt: prompt, dials: dials, sampler: sampler, tokenLimit: 50))
      #expect(reply.evidence == expected.evidence, "\(dials) \(sampler)")
      #expect(reply.tokens.map(\.exit.readouts) == expected.tokens.map(\.exit.readouts))
      #expect(reply.end?.reason == expected.end?.reason)
      accepted += reply.drafts.reduce(0) { $0 + $1.kAccepted }
      early += reply.tokens.count { $0.exit.reason == .threshold }
      // The rows that are left are those of the text, and exact.
      let next = prompt + expected.ids.dropLast() + [TokenID(7)]
      let again = await engine.plainReply(to: next, limit: 10)
      let fresh = await (try Engine(tiny: tiny)).plainReply(to: next, limit: 10)
      #expect(again.evidence == fresh.evidence)
    }
    #expect(accepted > 0)
    #expect(early > 0)
  }

  @Test func `an exit's token is what the model that ends there says of exact rows`() async throws {
    let whole = tiny(72)
    let short = whole.setting("llama.block_count", to: 2)
    let prompt = [TokenID(7), TokenID(8)]
    let reply = await (try Engine(tiny: whole)).reply(
      to: TurnRequest(turn: 1, prompt: prompt, dials: dials(0.07), tokenLimit: 40))
    let engine = try Engine(tiny: short)
    #expect(reply.tokens.contains { $0.exit.layers == 2 })
    for (index, token) in reply.tokens.enumerated() where token.exit.layers == 2 {
      let exact = await engine.plainReply(to: prompt + reply.ids[..<index], limit: 1)
      #expect(exact.tokens.first?.logprob == token.logprob)
    }
  }

  @Test func `thresholds of 1 are the plain model, with no more work`() async throws {
    let request = TurnRequest(turn: 1, prompt: [TokenID(7)], dials: dials(1), tokenLimit: 30)
    let reply = await (try Engine(tiny: tiny(73))).reply(to: request)
    let plain = await (try Engine(tiny: tiny(73))).plainReply(to: [TokenID(7)], limit: 30)
    #expect(reply.ids == plain.ids)
    #expect(reply.tokens.map(\.cost.macs) == plain.tokens.map(\.cost.macs))
  }
}
