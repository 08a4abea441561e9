import Dials
import Events
import GGUF
import Inference
import Techniques
import TestSupport
import Testing

/// Exits taken at their word.
struct ApproximateTests {
  private func dials(_ exit: ExitSetting, pruned: [Int] = []) -> DialSettings {
    DialSettings(pruned: BlockSet(indices: pruned), exit: exit, mode: .approximate)
  }

  @Test func `a threshold of 0 lets every token leave at the first point`() async throws {
    let engine = try Engine(tiny: TinyModel(blockCount: 6, seed: 60))
    let exit = ExitSetting.confidence(
      measure: .top1,
      points: [ExitPoint(depth: 2, threshold: 0), ExitPoint(depth: 4, threshold: 0)])
    let reply = await engine.reply(
      to: TurnRequest(turn: 1, prompt: [TokenID(7)], dials: dials(exit), tokenLimit: 20))
    #expect(reply.tokens.count == 20)
    // The prompt is read at full depth, and so the first token is decided there.
    #expect(reply.tokens.first?.depth.description == "######")
    for token in reply.tokens.dropFirst() {
      #expect(token.depth.description == "#!....")
      #expect(token.exit.layers == 2)
      #expect(token.exit.reason == .threshold)
      #expect(token.exit.thr == 0)
      #expect(token.exit.probes == 0)
      #expect(token.exit.readouts.map(\.depth) == [2])
      #expect(token.exit.conf == token.exit.readouts.first?.probability)
      #expect(token.kv.filled == 4)
      #expect(token.spec == nil)
      #expect(token.cost.macs < token.cost.macsFull)
    }
    #expect(reply.drafts.isEmpty)
  }

  @Test func `an exit costs its blocks, its heads and the keys and values it leaves`() async throws
  {
    let tiny = TinyModel(blockCount: 5, seed: 61)
    let engine = try Engine(tiny: tiny)
    let session = engine.sessionRecord(
      id: "", tool: .init(name: "fathom", version: "1"), sampler: SessionRecord.Sampler(),
      dials: .plain)
    let exit = ExitSetting.confidence(
      measure: .top1,
      points: [ExitPoint(depth: 1, threshold: 0.999), ExitPoint(depth: 3, threshold: 0)])
    let reply = await engine.reply(
      to: TurnRequest(
        turn: 1, prompt: [TokenID(7)], dials: dials(exit, pruned: [1]), tokenLimit: 10))
    #expect(reply.tokens.count == 10)
    let fill = 2 * tiny.width * (tiny.width / tiny.headCount * tiny.keyValueHeadCount)
    for token in reply.tokens.dropFirst() {
      #expect(token.depth.description == "#x!..")
      #expect(token.exit.probes == 1)
      let attention = session.macs.attnPerPos * token.pos.rawValue
      #expect(
        token.cost.macs == 2 * (session.macs.block + attention) + 2 * session.macs.head + 2 * fill)
    }
  }

  /// An independent definition: behind the first token, which the whole model decides, the model
  /// is the one that ends at the exit.
  @Test(arguments: 1..<5, [SessionRecord.Sampler(), SessionRecord.Sampler(temperature: 1)])
  func `a fixed exit is the model that ends there`(
    depth: Int, sampler: SessionRecord.Sampler
  ) async throws {
    let tiny = TinyModel(blockCount: 5, isTied: false, type: .q4_1, seed: 62)
    var generator = SeededGenerator(seed: 62)
    var request = TurnRequest(
      turn: 1, prompt: TinyModel.prompt(using: &generator), sampler: sampler, tokenLimit: 40)
    request.dials = dials(.fixed(depth: depth))
    let tokens = await (try Engine(tiny: tiny)).reply(to: request).tokens
    #expect(tokens.count > 5)
    request.prompt += tokens.prefix(1).map(\.id)
    request.dials = .plain
    request.tokenLimit = 39
    let short = tiny.setting("llama.block_count", to: depth)
    let expected = await (try Engine(tiny: short)).reply(to: request).tokens
    expectSame(tokens.dropFirst(), expected)
  }

  private func expectSame(_ tokens: ArraySlice<TokenRecord>, _ expected: [TokenRecord]) {
    #expect(tokens.map(\.id) == expected.map(\.id))
    #expect(tokens.map(\.logprob) == expected.map(\.logprob))
    #expect(tokens.map(\.entropy) == expected.map(\.entropy))
    #expect(tokens.map(\.u) == expected.map(\.u))
  }

  @Test func `keys and values that an exit leaves are attended to by later tokens`() async throws {
    // With the same text so far, a token that runs to the end sees propagated rows in the upper
    // blocks, and they are not the exact ones.
    let tiny = TinyModel(blockCount: 4, isTied: false, seed: 63)
    let engine = try Engine(tiny: tiny)
    let exit = ExitSetting.confidence(
      measure: .top1, points: [ExitPoint(depth: 2, threshold: 0.07)])
    let prompt = [TokenID(7), TokenID(8)]
    let reply = await engine.reply(
      to: TurnRequest(turn: 1, prompt: prompt, dials: dials(exit), tokenLimit: 60))
    let early = try #require(reply.tokens.firstIndex { $0.exit.reason == .threshold })
    let later = reply.tokens.indices.filter { $0 > early && reply.tokens[$0].exit.reason == .full }
    #expect(!later.isEmpty)
    for index in later {
      let exact = await engine.plainReply(to: prompt + reply.ids[..<index], limit: 1)
      #expect(exact.tokens.first?.logprob != reply.tokens[index].logprob)
    }
  }
}
