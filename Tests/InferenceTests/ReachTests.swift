import Dials
import Events
import GGUF
import Inference
import Techniques
import TestSupport
import Testing
import Transformer

extension ReachSetting {
  /// Any window of a tiny model, often one that is shorter than the texts of tests.
  @inline(never)
  static func random(using generator: inout SeededGenerator) -> ReachSetting {
    let window = Int.random(
      in: Bool.random(using: &generator) ? 9...40 : 9...256, using: &generator)
    return ReachSetting(
      Bool.random(using: &generator) ? .lambda : .sliding, window: window,
      sinks: .random(in: 0...min(window, 24), using: &generator),
      distance: Bool.random(using: &generator) ? .capped : .cacheIndex)
  }
}

/// Answers under a window.
struct ReachTests {
  /// Rows that cost nothing, so that every guess is worth one.
  private static let free = CostTable(times: CostTable.measuredCounts.map { _ in 1 })

  @Test(arguments: 0..<12)
  func `breadth never changes text under a window, whatever guesses`(seed: UInt64) async throws {
    var generator = SeededGenerator(seed: 1600 + seed)
    let tiny = TinyModel.random(using: &generator)
    let plain = try Engine(tiny: tiny)
    let engine = try Engine(tiny: tiny, costs: Self.free)
    var accepted = 0
    for _ in 0..<6 {
      var dials = DialSettings.random(.identical, blockCount: tiny.blockCount, using: &generator)
      dials.reach = .random(using: &generator)
      dials.draft =
        [.auto, DraftSetting([.skip, .exit, .ngram]), .exits]
        .randomElement(using: &generator) ?? .auto
      var request = TurnRequest(
        turn: 1, prompt: TinyModel.prompt(1...160, using: &generator),
        dials: DialSettings(reach: dials.reach), sampler: .random(using: &generator),
        tokenLimit: 90)
      let expected = await plain.reply(to: request)
      request.dials = dials
      let reply = await engine.reply(to: request)
      #expect(reply.evidence == expected.evidence, "\(tiny) \(dials)")
      #expect(reply.end?.reason == expected.end?.reason)
      accepted += reply.drafts.reduce(0) { $0 + $1.kAccepted }
    }
    #expect(accepted > 0)
  }

  @Test(arguments: 0..<8)
  func `breadth never changes text where turns leave whole, turn after turn`(
    seed: UInt64
  ) async throws {
    var generator = SeededGenerator(seed: 1610 + seed)
    let tiny = TinyModel.random(using: &generator)
    let window = Int.random(in: 12...60, using: &generator)
    let reach = ReachSetting(
      .lambda, window: window, sinks: .random(in: 0...12, using: &generator),
      distance: .cacheIndex, turns: true)
    let engine = try Engine(tiny: tiny, costs: Self.free)
    var request = TurnRequest(
      turn: 1, prompt: [], dials: DialSettings(reach: reach), sampler: .random(using: &generator),
      tokenLimit: 30)
    for _ in 0..<5 {
      request.turnStarts.append(request.prompt.count)
      request.prompt += TinyModel.prompt(1...40, using: &generator)
      // An engine that has read nothing yet: the text does not depend on what was read before.
      let plain = try Engine(tiny: tiny)
      request.dials.draft = .off
      let expected = await plain.reply(to: request)
      request.dials.draft = DraftSetting([.skip, .ngram])
      let reply = await engine.reply(to: request)
      #expect(reply.evidence == expected.evidence, "\(tiny) \(reach)")
      request.prompt += reply.ids
    }
  }

  @Test(arguments: 0..<8)
  func `adversarial trees never change text under a window`(seed: UInt64) async throws {
    var generator = SeededGenerator(seed: 1620 + seed)
    let tiny = TinyModel.random(using: &generator)
    let plain = try Engine(tiny: tiny)
    var accepted = 0
    for round in 0..<4 as Range<UInt64> {
      var request = TurnRequest(
        turn: 1, prompt: TinyModel.prompt(1...120, using: &generator),
        dials: DialSettings(reach: .random(using: &generator)),
        sampler: .random(using: &generator), tokenLimit: 80)
      let expected = await plain.reply(to: request)
      let wild = WildDrafter(seed: seed * 100 + round, truth: request.prompt + expected.ids)
      let engine = try Engine(tiny: tiny, costs: Self.free) { _, _ in [wild] }
      request.dials.draft = .auto
      let reply = await engine.reply(to: request)
      #expect(reply.evidence == expected.evidence, "\(tiny) \(request.dials)")
      accepted += reply.drafts.reduce(0) { $0 + $1.kAccepted }
      // The next turn reads what drafts, rejections and commits left behind.
      request.prompt += expected.ids.dropLast() + [TokenID(7)]
      let again = await engine.reply(to: request)
      let fresh = await (try Engine(tiny: tiny)).reply(to: request)
      #expect(again.evidence == fresh.evidence)
    }
    #expect(accepted > 0)
  }

  @Test(arguments: 0..<8)
  func `an answer under a window is the same after any past`(seed: UInt64) async throws {
    var generator = SeededGenerator(seed: 1640 + seed)
    let tiny = TinyModel.random(using: &generator)
    let engine = try Engine(tiny: tiny)
    var text = TinyModel.prompt(1...1200, using: &generator)
    var reach = ReachSetting.random(using: &generator)
    var kept = 0
    for _ in 0..<8 {
      let mode = Bool.random(using: &generator) ? ExitMode.approximate : .identical
      var dials = DialSettings.random(mode, blockCount: tiny.blockCount, using: &generator)
      dials.fill = Bool.random(using: &generator) ? .catchUp : .propagate
      if Int.random(in: 0..<4, using: &generator) == 0 { reach = .random(using: &generator) }
      dials.reach = reach
      let request = TurnRequest(
        turn: 1, prompt: text, dials: dials, sampler: .random(using: &generator),
        tokenLimit: .random(in: 1...60, using: &generator),
        looks: Bool.random(using: &generator) ? .lens : [])
      let reply = await engine.reply(to: request)
      let fresh = await (try Engine(tiny: tiny)).reply(to: request)
      #expect(reply.evidence == fresh.evidence, "\(tiny) \(dials), \(text.count) tokens")
      if mode == .identical { #expect(reply.probes.allSatisfy { $0.agree }) }
      kept += reply.turn?.nCached ?? 0
      // Go on, regenerate, or go back a little or far.
      text += reply.ids
      let cut = [0, 0, 3, 70, 700].randomElement(using: &generator) ?? 0
      text = Array(text.dropLast(min(cut, text.count - 1)))
      text += TinyModel.prompt(1...20, using: &generator)
    }
    #expect(kept > 0)
  }

  @Test func `a conversation has no end where attention forgets`() async throws {
    var generator = SeededGenerator(seed: 1660)
    let tiny = TinyModel(blockCount: 2, isTied: false, seed: 166)
    let engine = try Engine(tiny: tiny, contextLength: 64)
    let dials = DialSettings(reach: ReachSetting(.lambda, window: 32, sinks: 4))
    let prompt = TinyModel.prompt(150...150, using: &generator)
    let refused = await engine.plainReply(to: prompt, limit: 5)
    #expect(refused.end?.reason == .error)
    var text = prompt
    var tokens: [TokenRecord] = []
    for turn in 0..<40 {
      let reply = await engine.reply(
        to: TurnRequest(turn: turn, prompt: text, dials: dials, tokenLimit: 20))
      #expect(reply.end?.reason == .length || reply.end?.reason == .stop)
      // Only what is new is read: this turn's words, and the last token of the answer before.
      #expect(turn == 0 || (reply.turn?.nCached ?? 0) >= text.count - 21)
      tokens += reply.tokens
      text += reply.ids + TinyModel.prompt(20...20, using: &generator)
    }
    // The window's cost and memory stay what they are.
    #expect(text.count > 900 && tokens.count > 60)
    let late = tokens.suffix(30)
    #expect(Set(late.map(\.kv.bytes)).count == 1 && Set(late.map(\.cost.macs)).count == 1)
    #expect(late.allSatisfy { $0.cost.macs < $0.cost.macsFull })
  }

  @Test func `windows that make no sense are refused with what to do`() async throws {
    let engine = try Engine(tiny: TinyModel(blockCount: 4))
    let prompt = [TokenID(5)]
    func message(_ dials: DialSettings) async -> String? {
      let reply = await engine.reply(
        to: TurnRequest(turn: 1, prompt: prompt, dials: dials, tokenLimit: 3))
      return reply.end?.reason == .error ? reply.end?.message : nil
    }
    let long = await message(DialSettings(reach: ReachSetting(.lambda, window: 257)))
    #expect(long?.contains("at most 256") == true)
    let none = await message(DialSettings(reach: ReachSetting(.sliding, window: 0)))
    #expect(none?.contains("at least the token itself") == true)
    let sinks = await message(DialSettings(reach: ReachSetting(.lambda, window: 8, sinks: 9)))
    #expect(sinks?.contains("from 0 to 8") == true)
    let drafts = await message(
      DialSettings(
        draft: DraftSetting([.ngram], limit: 8), reach: ReachSetting(.lambda, window: 8, sinks: 4)))
    #expect(drafts?.contains("no room for 8 draft tokens") == true)
    let exits = await message(
      DialSettings(
        exit: .fixed(depth: 2), draftLength: 5, reach: ReachSetting(.sliding, window: 5)))
    #expect(exits?.contains("no room for 5 draft tokens") == true)
    let fits = await message(
      DialSettings(
        draft: DraftSetting([.ngram], limit: 8), reach: ReachSetting(.lambda, window: 9, sinks: 4)))
    #expect(fits == nil)
  }

  @Test func `rows that wait see the window of their own position`() async throws {
    var generator = SeededGenerator(seed: 1670)
    let tiny = TinyModel(blockCount: 6, isTied: false, type: .q4_1, seed: 167)
    for window in [1, 2, 9, 40] {
      let engine = try Engine(tiny: tiny)
      let reach = ReachSetting(.lambda, window: window, sinks: 1)
      let exit = ExitSetting.confidence(
        measure: .top1,
        points: [ExitPoint(depth: 2, threshold: 0.06), ExitPoint(depth: 4, threshold: 0.07)])
      let prompt = TinyModel.prompt(30...30, using: &generator)
      let reply = await engine.reply(
        to: TurnRequest(
          turn: 1, prompt: prompt,
          dials: DialSettings(exit: exit, mode: .approximate, fill: .catchUp, reach: reach),
          tokenLimit: 120))
      #expect(reply.tokens.contains { $0.exit.reason == .threshold })
      // All rows are exact in the end, as if read at once.
      let next = TurnRequest(
        turn: 2, prompt: prompt + reply.ids, dials: DialSettings(reach: reach), tokenLimit: 10)
      let again = await engine.reply(to: next)
      let fresh = await (try Engine(tiny: tiny)).reply(to: next)
      #expect(again.turn?.nCached == next.prompt.count - 1)
      #expect(again.evidence == fresh.evidence)
    }
  }

  @Test(.slow, arguments: 0..<6)
  func `what is remembered depends on the text alone`(seed: UInt64) async throws {
    var generator = SeededGenerator(seed: 1680 + seed)
    var tiny = TinyModel.random(using: &generator)
    tiny.contextLength = 2048
    let plain = try Engine(tiny: tiny)
    let engine = try Engine(tiny: tiny, costs: Self.free)
    var text = TinyModel.prompt(300...700, using: &generator)
    let reach = ReachSetting(.sirllm, window: 20, sinks: 4, memory: 12)
    var forgetful: [Bool] = []
    for _ in 0..<5 {
      var dials = DialSettings.random(.identical, blockCount: tiny.blockCount, using: &generator)
      dials.reach = reach
      dials.draft = .auto
      var request = TurnRequest(
        turn: 1, prompt: text, dials: dials, sampler: .random(using: &generator),
        tokenLimit: 150, looks: Bool.random(using: &generator) ? .lens : [])
      let reply = await engine.reply(to: request)
      request.dials = DialSettings(reach: reach)
      let same = await plain.reply(to: request)
      let fresh = await (try Engine(tiny: tiny)).reply(to: request)
      #expect(same.evidence == fresh.evidence)
      #expect(reply.evidence == fresh.evidence, "\(tiny) \(dials)")
      request.dials.reach.memory = 0
      forgetful.append(await plain.reply(to: request).evidence == fresh.evidence)
      text += reply.ids
      if Bool.random(using: &generator) { text = Array(text.dropLast(40)) }
      text += TinyModel.prompt(1...20, using: &generator)
    }
    #expect(forgetful.allSatisfy { !$0 }, "what is remembered matters")
  }
}
