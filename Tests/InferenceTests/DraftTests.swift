import Dials
import Events
import GGUF
import Inference
import Techniques
import TestSupport
import Testing
import Transformer

/// Law 3 for draft tokens: whoever makes them and whatever they are, the text stays.
struct DraftTests {
  /// Rows that cost nothing, so that every guess is worth one.
  private static let free = CostTable(times: CostTable.measuredCounts.map { _ in 1 })

  private func setting(using generator: inout SeededGenerator) -> DraftSetting {
    var sources = DraftSetting.selectable.filter { _ in Bool.random(using: &generator) }
    if Int.random(in: 0..<3, using: &generator) > 0 { sources.removeAll { $0 == .released } }
    // Nothing was trained for these models.
    sources.removeAll { $0 == .learned || $0 == .small }
    let limit = Bool.random(using: &generator) ? Int.random(in: 1...96, using: &generator) : nil
    return DraftSetting(sources, limit: limit)
  }

  @Test(.slow, arguments: 0..<20)
  func `breadth never changes text, whatever the drafters`(seed: UInt64) async throws {
    var generator = SeededGenerator(seed: 1300 + seed)
    let tiny = TinyModel.random(using: &generator)
    let plain = try Engine(tiny: tiny)
    let engine = try Engine(tiny: tiny, costs: seed % 3 == 0 ? nil : Self.free)
    var (accepted, rejected) = (0, 0)
    for _ in 0..<12 {
      let prompt = TinyModel.prompt(using: &generator)
      let sampler = SessionRecord.Sampler.random(using: &generator)
      var dials = DialSettings.random(.identical, blockCount: tiny.blockCount, using: &generator)
      dials.draft = setting(using: &generator)
      let expected = await plain.plainReply(to: prompt, limit: 60, sampler: sampler)
      let reply = await engine.reply(
        to: TurnRequest(turn: 1, prompt: prompt, dials: dials, sampler: sampler, tokenLimit: 60))
      #expect(reply.evidence == expected.evidence, "\(tiny) \(dials) \(sampler)")
      #expect(reply.end?.reason == expected.end?.reason)
      accepted += reply.drafts.reduce(0) { $0 + $1.kAccepted }
      rejected += reply.drafts.reduce(0) { $0 + $1.kDrafted - $1.kAccepted }
    }
    #expect(accepted > 0)
    #expect(rejected > 0)
  }

  @Test(arguments: 0..<12)
  func `adversarial trees never change text`(seed: UInt64) async throws {
    var generator = SeededGenerator(seed: 1330 + seed)
    let tiny = TinyModel.random(using: &generator)
    let plain = try Engine(tiny: tiny)
    var accepted = 0
    for round in 0..<6 as Range<UInt64> {
      let prompt = TinyModel.prompt(using: &generator)
      let sampler = SessionRecord.Sampler.random(using: &generator)
      let expected = await plain.plainReply(to: prompt, limit: 50, sampler: sampler)
      let engine = try Engine(tiny: tiny, costs: Self.free) { _, _ in
        [WildDrafter(seed: seed * 100 + round, truth: prompt + expected.ids)]
      }
      let dials = DialSettings(
        exit: .random(blockCount: tiny.blockCount, using: &generator), draft: .auto)
      let reply = await engine.reply(
        to: TurnRequest(turn: 1, prompt: prompt, dials: dials, sampler: sampler, tokenLimit: 50))
      #expect(reply.evidence == expected.evidence, "\(tiny) \(dials) \(sampler)")
      accepted += reply.drafts.reduce(0) { $0 + $1.kAccepted }
      // The next turn reads the cache that drafts, rejections and commits left behind.
      let next = prompt + expected.ids.dropLast() + [TokenID(7)]
      guard next.count < 250 else { continue }
      let again = await engine.plainReply(to: next, limit: 10, sampler: sampler)
      let fresh = await plain.plainReply(to: next, limit: 10, sampler: sampler)
      #expect(again.evidence == fresh.evidence)
      #expect((again.turn?.nCached ?? 0) >= next.count - 2)
    }
    #expect(accepted > 0)
  }

  @Test(arguments: 1...9)
  func `the true continuation as a draft of m tokens commits m + 1`(depth: Int) async throws {
    let tiny = TinyModel(blockCount: 3, isTied: false, seed: 133)
    let prompt = [5, 6, 7].map { TokenID($0) }
    let plain = await (try Engine(tiny: tiny)).plainReply(to: prompt, limit: 64)
    let engine = try Engine(tiny: tiny, costs: Self.free) { _, _ in
      [OracleDrafter(text: prompt + plain.ids, depth: depth)]
    }
    let reply = await engine.reply(
      to: TurnRequest(turn: 1, prompt: prompt, dials: DialSettings(draft: .auto), tokenLimit: 64))
    #expect(reply.evidence == plain.evidence)
    for draft in reply.drafts.dropLast() {
      #expect(draft.kDrafted == depth && draft.kAccepted == depth)
      let tokens = reply.tokens.filter { $0.spec?.round == draft.round }
      #expect(tokens.count == depth + 1)
      #expect(tokens.last?.spec?.status == .bonus)
      #expect(tokens.dropLast().allSatisfy { $0.spec?.source == .ngram })
    }
    // Where one token is left to say, there is nothing to guess.
    #expect(reply.drafts.count == 63 / (depth + 1) + (63 % (depth + 1) > 1 ? 1 : 0))
  }

  @Test func `limits and ends hold inside a run of accepted guesses`() async throws {
    let tiny = TinyModel(blockCount: 3, isTied: false, seed: 134)
    let prompt = [5, 6].map { TokenID($0) }
    let plain = await (try Engine(tiny: tiny)).plainReply(to: prompt, limit: 24)
    let oracle = OracleDrafter(text: prompt + plain.ids, depth: 30)
    let dials = DialSettings(draft: .auto)
    let engine = try Engine(tiny: tiny, costs: Self.free) { _, _ in [oracle] }
    var endCount = 0
    for limit in 1...12 {
      let reply = await engine.reply(
        to: TurnRequest(turn: 1, prompt: prompt, dials: dials, tokenLimit: limit))
      #expect(reply.ids == Array(plain.ids.prefix(limit)))
      #expect(reply.end?.reason == .length)
      #expect(limit < 3 || reply.drafts.contains { $0.kAccepted > 0 })
      let end = plain.ids[limit]
      guard !plain.ids[..<limit].contains(end) else { continue }
      endCount += 1
      let ending = try Engine(
        tiny: tiny.setting("tokenizer.ggml.eos_token_id", to: end.index), costs: Self.free
      ) { _, _ in [oracle] }
      let ended = await ending.reply(
        to: TurnRequest(turn: 1, prompt: prompt, dials: dials, tokenLimit: 24))
      #expect(ended.ids == Array(plain.ids[...limit]))
      #expect(ended.end?.reason == .stop)
    }
    #expect(endCount > 2)
  }

  @Test func `a context that fills up ends the answer at its last position`() async throws {
    let tiny = TinyModel(blockCount: 3, isTied: false, seed: 135)
    let prompt = [5, 6].map { TokenID($0) }
    let plain = await (try Engine(tiny: tiny, contextLength: 40)).plainReply(to: prompt, limit: nil)
    let engine = try Engine(tiny: tiny, contextLength: 40, costs: Self.free) { _, _ in
      [OracleDrafter(text: prompt + plain.ids, depth: 96), WildDrafter(seed: 3)]
    }
    let reply = await engine.reply(
      to: TurnRequest(turn: 1, prompt: prompt, dials: DialSettings(draft: .auto)))
    #expect(reply.evidence == plain.evidence)
    #expect(reply.end?.reason == .context && prompt.count + reply.ids.count == 40)
    #expect(reply.drafts.contains { $0.kAccepted > 3 })
  }

  @Test func `nobody who guesses, nothing that changes`() async throws {
    let tiny = TinyModel(blockCount: 4, type: .q4_1, seed: 136)
    let prompt = [5, 6, 7].map { TokenID($0) }
    let plain = await (try Engine(tiny: tiny)).plainReply(to: prompt, limit: 30)
    for draft in [DraftSetting.off, .exits, DraftSetting([.exit], limit: 9)] {
      let reply = await (try Engine(tiny: tiny)).reply(
        to: TurnRequest(
          turn: 1, prompt: prompt, dials: DialSettings(draft: draft), tokenLimit: 30))
      #expect(reply.evidence == plain.evidence)
      #expect(reply.tokens.map(\.cost) == plain.tokens.map(\.cost))
      #expect(reply.drafts.isEmpty && reply.tokens.allSatisfy { $0.spec == nil })
    }
    let exits = DialSettings(exit: .fixed(depth: 2), draft: .off)
    let reply = await (try Engine(tiny: tiny)).reply(
      to: TurnRequest(turn: 1, prompt: prompt, dials: exits, tokenLimit: 30))
    #expect(reply.tokens.map(\.cost) == plain.tokens.map(\.cost))
  }

  @Test(arguments: 0..<10)
  func `breadth never changes text, with blocks left out of drafts`(seed: UInt64) async throws {
    var generator = SeededGenerator(seed: 1500 + seed)
    let tiny = TinyModel.random(using: &generator)
    let plain = try Engine(tiny: tiny)
    let engine = try Engine(tiny: tiny)
    var drafted = 0
    for _ in 0..<6 {
      let prompt = TinyModel.prompt(using: &generator)
      let sampler = SessionRecord.Sampler.random(using: &generator)
      let sources: [DraftSource] =
        Bool.random(using: &generator) ? [.skip] : [.skip, .exit, .ngram]
      var dials = DialSettings.random(.identical, blockCount: tiny.blockCount, using: &generator)
      dials.draft = DraftSetting(sources, limit: Int.random(in: 1...6, using: &generator))
      let expected = await plain.plainReply(to: prompt, limit: 50, sampler: sampler)
      let reply = await engine.reply(
        to: TurnRequest(
          turn: 1, prompt: prompt, dials: dials, sampler: sampler, tokenLimit: 50,
          looks: .lens))
      #expect(reply.evidence == expected.evidence, "\(tiny) \(dials) \(sampler)")
      #expect(reply.probes.allSatisfy { $0.agree })
      drafted += reply.drafts.reduce(0) { $0 + $1.kDrafted }
    }
    #expect(drafted > 0)
  }

  @Test func `a draft that leaves no block out is always confirmed`() async throws {
    // The first and the last block are never left out.
    let engine = try Engine(tiny: TinyModel(blockCount: 2, isTied: false, seed: 137))
    let dials = DialSettings(draft: DraftSetting([.skip], limit: 3))
    let reply = await engine.reply(
      to: TurnRequest(turn: 1, prompt: [TokenID(5)], dials: dials, tokenLimit: 41))
    #expect(reply.drafts.count == 10)
    #expect(reply.drafts.allSatisfy { $0.kDrafted == 3 && $0.kAccepted == 3 })
    #expect(reply.tokens.dropFirst().allSatisfy { ($0.spec?.idx == 3) == ($0.spec?.source == nil) })
  }
}
