import Dials
import Events
import GGUF
import Inference
import Techniques
import TestSupport
import Testing

/// The closer look at an answer, taken when nothing else is to do.
struct InspectionTests {
  @Test(arguments: 0..<6)
  func `a dense answer agrees with full depth, token by token`(seed: UInt64) async throws {
    var generator = SeededGenerator(seed: 700 + seed)
    let tiny = TinyModel.random(using: &generator)
    let engine = try Engine(tiny: tiny)
    for _ in 0..<6 {
      let request = TurnRequest(
        turn: 3, prompt: TinyModel.prompt(using: &generator),
        dials: .random(.identical, blockCount: tiny.blockCount, using: &generator),
        sampler: .random(using: &generator), tokenLimit: 30, looks: .lens)
      let reply = await engine.reply(to: request)
      #expect(reply.probes.map(\.i) == Array(0..<reply.tokens.count))
      #expect(reply.probes.map(\.pos) == reply.tokens.map(\.pos))
      for probe in reply.probes {
        #expect(probe.agree)
        #expect(probe.turn == 3)
        #expect(probe.lens == "raw")
        #expect(probe.layers.map(\.l) == Array(1...tiny.blockCount))
      }
    }
  }

  @Test(arguments: 0..<6)
  func `the settled depth is the first from which on nothing changes`(seed: UInt64) async throws {
    var generator = SeededGenerator(seed: 710 + seed)
    let tiny = TinyModel.random(using: &generator)
    let engine = try Engine(tiny: tiny)
    let pruned = BlockSet.random(blockCount: tiny.blockCount, using: &generator)
    let alive = (1...tiny.blockCount).filter { !pruned.contains(BlockIndex($0 - 1)) }
    let reply = await engine.reply(
      to: TurnRequest(
        turn: 1, prompt: TinyModel.prompt(using: &generator), dials: DialSettings(pruned: pruned),
        tokenLimit: 60, looks: .lens))
    #expect(reply.probes.count == reply.tokens.count)
    for (probe, token) in zip(reply.probes, reply.tokens) {
      #expect(probe.layers.map(\.l) == alive)
      // Greedy: what the last block's lens says is the token.
      #expect(probe.layers.last?.id == token.id)
      let behind = probe.layers.filter { $0.l >= probe.settled }
      #expect(behind.first?.l == probe.settled)
      #expect(behind.allSatisfy { $0.id == token.id })
      let before = probe.layers.last { $0.l < probe.settled }
      #expect(before == nil || before?.id != token.id)
      #expect(probe.layers.allSatisfy { $0.p > 0 && $0.p <= 1 })
    }
  }

  @Test func `an approximate token agrees when full depth chooses it after the same text`()
    async throws
  {
    var agreed: [Bool] = []
    for seed in 0..<6 as Range<UInt64> {
      var generator = SeededGenerator(seed: 720 + seed)
      let tiny = TinyModel.random(using: &generator)
      let engine = try Engine(tiny: tiny)
      let prompt = TinyModel.prompt(using: &generator)
      let sampler = SessionRecord.Sampler.random(using: &generator)
      let reply = await engine.reply(
        to: TurnRequest(
          turn: 1, prompt: prompt,
          dials: .random(.approximate, blockCount: tiny.blockCount, using: &generator),
          sampler: sampler, tokenLimit: 30, looks: .lens))
      #expect(reply.probes.count == reply.tokens.count)
      for probe in reply.probes {
        let exact = await engine.plainReply(
          to: prompt + reply.ids[..<probe.i], limit: 1, sampler: sampler)
        #expect(probe.agree == (exact.ids == [reply.ids[probe.i]]))
        agreed.append(probe.agree)
      }
    }
    #expect(agreed.count { $0 } > 10 && agreed.count { !$0 } > 10)
  }

  @Test func `a long answer is looked at in parts, an answer of one token too`() async throws {
    var generator = SeededGenerator(seed: 73)
    let engine = try Engine(tiny: TinyModel(contextLength: 2048, seed: 73))
    var longest = 0
    for limit in [1, 2, 128, 129, 400] {
      let reply = await engine.reply(
        to: TurnRequest(
          turn: 1, prompt: TinyModel.prompt(using: &generator), tokenLimit: limit,
          looks: .lens))
      #expect(reply.probes.map(\.i) == Array(0..<reply.tokens.count))
      longest = max(longest, reply.tokens.count)
    }
    #expect(longest > 256)
  }

  @Test func `an answer that failed is not looked at`() async throws {
    let engine = try Engine(tiny: TinyModel(seed: 74))
    let prompt = [TokenID(5), TokenID(6)]
    _ = await engine.plainReply(to: prompt, limit: 20)
    let failed = await engine.reply(
      to: TurnRequest(
        turn: 3, prompt: prompt, dials: DialSettings(exit: .fixed(depth: 9)), looks: .lens))
    #expect(failed.records.map(\.type) == ["end"])
    // And what the engine knew is still there.
    #expect(await engine.plainReply(to: prompt, limit: 1).turn?.nCached == 1)
  }

  @Test func `two requests at once are each looked at as themselves, or not at all`() async throws {
    let engine = try Engine(tiny: TinyModel(seed: 75))
    var generator = SeededGenerator(seed: 75)
    var probed = 0
    for _ in 0..<20 {
      let requests = (0..<3).map { turn in
        TurnRequest(
          turn: turn, prompt: TinyModel.prompt(using: &generator), tokenLimit: 12,
          looks: .lens)
      }
      await withTaskGroup { group in
        for request in requests { group.addTask { await engine.reply(to: request) } }
        for await reply in group {
          #expect(reply.tokens.count > 0)
          probed += reply.probes.count
          for probe in reply.probes {
            #expect(probe.agree)
            #expect(probe.pos == reply.tokens[probe.i].pos)
            #expect(probe.layers.last?.id == reply.ids[probe.i])
          }
        }
      }
    }
    #expect(probed >= 20, "the last of each three has nobody behind it")
  }
}
