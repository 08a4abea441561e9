import Dials
import Events
import GGUF
import Inference
import Techniques
import TestSupport
import Testing

/// What was tried before never shows in an answer.
struct PrefixCacheTests {
  /// What a first turn was like.
  enum FirstTurn: CaseIterable {
    case plain
    case drafted
    case approximate
    case pruned
    case interrupted
    case abandoned
    case inspected
    case overtaken
    case failed
  }

  /// Gives an engine a past of that kind and returns the text it left, prompt included.
  private func live(
    _ kind: FirstTurn, in engine: Engine, prompt: [TokenID],
    using generator: inout SeededGenerator
  ) async -> [TokenID] {
    let blockCount = engine.model.blockCount
    var request = TurnRequest(turn: 1, prompt: prompt, tokenLimit: 40)
    switch kind {
    case .plain: break
    case .drafted:
      request.dials = .random(.identical, blockCount: blockCount, using: &generator)
    case .approximate, .overtaken:
      request.dials = .random(.approximate, blockCount: blockCount, using: &generator)
      request.looks = kind == .overtaken ? .lens : []
    case .pruned:
      request.dials.pruned = .random(blockCount: blockCount, using: &generator)
    case .inspected:
      request.dials = .random(.approximate, blockCount: blockCount, using: &generator)
      request.looks = .lens
    case .interrupted, .abandoned: request.tokenLimit = nil
    case .failed: request.dials.draftLength = 0
    }
    var text = prompt
    var count = 0
    for await record in engine.records(for: request) {
      if case .token(let token) = record, token.phase == .gen {
        text.append(token.id)
        count += 1
        if count == 5, kind == .interrupted { engine.stop() }
        if count == 5, kind == .abandoned { break }
      }
      // Leaving here cancels the inspection, or lets the next request overtake it.
      if case .probe = record, kind == .overtaken { break }
    }
    return text
  }

  @Test(.slow, arguments: FirstTurn.allCases)
  func `a second turn is the same after any first one`(kind: FirstTurn) async throws {
    var generator = SeededGenerator(seed: 40)
    for _ in 0..<12 {
      let tiny = TinyModel.random(using: &generator)
      let engine = try Engine(tiny: tiny)
      let prompt = TinyModel.prompt(using: &generator)
      let text = await live(kind, in: engine, prompt: prompt, using: &generator)
      let kept = Int.random(in: 1...text.count, using: &generator)
      let second = text.prefix(kept) + TinyModel.prompt(1...20, using: &generator)
      for mode in ExitMode.allCases {
        let request = TurnRequest(
          turn: 3, prompt: Array(second),
          dials: .random(mode, blockCount: tiny.blockCount, using: &generator),
          sampler: .random(using: &generator), tokenLimit: 20)
        let expected = await (try Engine(tiny: tiny)).reply(to: request)
        let reply = await engine.reply(to: request)
        #expect(expected.turn?.nCached == 0)
        #expect(reply.evidence == expected.evidence)
        #expect(reply.end?.reason == expected.end?.reason)
      }
    }
  }

  @Test func `a second turn that overtakes an inspection is the same, and ends it`() async throws {
    let tiny = TinyModel(blockCount: 4, contextLength: 1024, seed: 5)
    let engine = try Engine(tiny: tiny)
    var generator = SeededGenerator(seed: 41)
    let first = TinyModel.prompt(using: &generator)
    let second = TinyModel.prompt(using: &generator)
    let expected = await (try Engine(tiny: tiny)).plainReply(to: second, limit: 30)
    let dials = DialSettings(exit: .fixed(depth: 2), mode: .approximate)
    var endedCount = 0
    for _ in 0..<10 {
      let request = TurnRequest(
        turn: 1, prompt: first, dials: dials, tokenLimit: 300, looks: .lens)
      var reply = Reply()
      var overtaking: Task<Reply, Never>?
      for await record in engine.records(for: request) {
        reply.append(record)
        if case .end = record {
          overtaking = Task { await engine.plainReply(to: second, limit: 30) }
        }
      }
      #expect(await overtaking?.value.evidence == expected.evidence)
      // What probes came are of the first turn's own tokens.
      #expect(reply.probes.count <= reply.tokens.count)
      #expect(reply.probes.map(\.i) == Array(0..<reply.probes.count))
      #expect(reply.probes.map(\.pos) == reply.tokens.prefix(reply.probes.count).map(\.pos))
      endedCount += reply.probes.count < reply.tokens.count ? 1 : 0
    }
    #expect(endedCount > 0)
  }

  @Test func `a conversation reads only what is new`() async throws {
    let engine = try Engine(tiny: TinyModel(contextLength: 512, seed: 6))
    var generator = SeededGenerator(seed: 42)
    var text = TinyModel.prompt(150...200, using: &generator)
    for turn in 0..<3 {
      let reply = await engine.plainReply(to: text, limit: 20)
      #expect(reply.turn?.nPrompt == text.count)
      #expect(reply.end?.timings.cacheN == reply.turn?.nCached)
      #expect(
        reply.end?.timings.promptN == text.count - (reply.turn?.nCached ?? 0))
      // The last token of an answer has no keys and values yet; all before it have.
      if turn > 0 { #expect(reply.turn?.nCached == text.count - 6) }
      text += reply.ids + TinyModel.prompt(5...5, using: &generator)
    }
    let again = await engine.plainReply(to: text, limit: 1)
    #expect(again.turn?.nCached == text.count - 6)
    let same = await engine.plainReply(to: text, limit: 1)
    #expect(same.turn?.nCached == text.count - 1)
  }

  @Test func `rows that were propagated are read again, unless an inspection made them exact`()
    async throws
  {
    var generator = SeededGenerator(seed: 43)
    let prompt = TinyModel.prompt(20...20, using: &generator)
    for isInspected in [false, true] {
      let engine = try Engine(tiny: TinyModel(seed: 7))
      let reply = await engine.reply(
        to: TurnRequest(
          turn: 1, prompt: prompt,
          dials: DialSettings(exit: .fixed(depth: 1), mode: .approximate), tokenLimit: 10,
          looks: isInspected ? .lens : []))
      #expect(reply.ids.count == 10)
      let next = await engine.plainReply(to: prompt + reply.ids + [TokenID(9)], limit: 1)
      #expect(next.turn?.nCached == (isInspected ? 29 : 20))
    }
  }

  @Test func `another mask reads everything again`() async throws {
    var generator = SeededGenerator(seed: 44)
    let engine = try Engine(tiny: TinyModel(seed: 8))
    let prompt = TinyModel.prompt(20...20, using: &generator)
    for (pruned, cached) in [([], 0), ([1], 0), ([1], 19), ([2], 0), ([], 0), ([], 19)] {
      let dials = DialSettings(pruned: BlockSet(indices: pruned))
      let reply = await engine.reply(
        to: TurnRequest(turn: 1, prompt: prompt, dials: dials, tokenLimit: 5))
      #expect(reply.turn?.nCached == cached, "without \(pruned)")
    }
  }
}
