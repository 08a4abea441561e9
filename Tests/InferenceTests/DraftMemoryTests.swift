import Dials
import Events
import Inference
import Techniques
import TestSupport
import Testing
import Transformer

/// Law 3 for tables that were kept: whatever stands in them, the text stays.
struct DraftMemoryTests {
  private static let free = CostTable(times: CostTable.measuredCounts.map { _ in 1 })

  /// A table with rows for every token, or for pairs: of the truth, of lies, of both.
  private func table(
    contextCount: Int, vocabularyCount: Int, truth: [TokenID],
    using generator: inout SeededGenerator
  ) -> [UInt8] {
    var rows: [ShareRow] = []
    func lie() -> TokenID { TokenID(Int.random(in: 0..<vocabularyCount, using: &generator)) }
    for end in truth.indices.dropLast() where end + 1 >= contextCount {
      var choices = (0..<Int.random(in: 0...3, using: &generator)).map { _ in
        TokenChoice(token: lie(), share: .random(in: 0.05...1, using: &generator))
      }
      if Bool.random(using: &generator) {
        choices.insert(TokenChoice(token: truth[end + 1], share: 1), at: 0)
      }
      rows.append(
        ShareRow(context: Array(truth[(end + 1 - contextCount)...end]), choices: choices))
    }
    for _ in 0..<200 {
      rows.append(
        ShareRow(
          context: (0..<contextCount).map { _ in lie() },
          choices: [TokenChoice(token: lie(), share: 1)]))
    }
    return ShareRows.bytes(of: rows)
  }

  @Test(arguments: 0..<16)
  func `kept tables never change text, whatever stands in them`(seed: UInt64) async throws {
    var generator = SeededGenerator(seed: 2730 + seed)
    let tiny = TinyModel.random(using: &generator)
    let plain = try Engine(tiny: tiny)
    let size = plain.model.weights.blueprint.vocabularyCount
    var accepted = 0
    for _ in 0..<5 {
      let prompt = TinyModel.prompt(using: &generator)
      let sampler = SessionRecord.Sampler.random(using: &generator)
      let expected = await plain.plainReply(to: prompt, limit: 40, sampler: sampler)
      let engine = try Engine(tiny: tiny, costs: Self.free)
      let truth = prompt + expected.ids
      let isWhole = await engine.restore(draftMemory: [
        "recycle": table(
          contextCount: 1, vocabularyCount: size, truth: truth, using: &generator),
        "trigram": table(
          contextCount: 2, vocabularyCount: size, truth: truth, using: &generator),
      ])
      #expect(isWhole)
      let dials = DialSettings(draft: DraftSetting([.recycling, .trigram]))
      let reply = await engine.reply(
        to: TurnRequest(turn: 1, prompt: prompt, dials: dials, sampler: sampler, tokenLimit: 40))
      #expect(reply.evidence == expected.evidence, "\(tiny) \(sampler)")
      accepted += reply.drafts.reduce(0) { $0 + $1.kAccepted }
    }
    #expect(accepted > 0)
  }

  @Test func `tables come back into an engine, and tables of another vocabulary do not`()
    async throws
  {
    let tiny = TinyModel(blockCount: 3, isTied: false, seed: 133)
    let first = try Engine(tiny: tiny, costs: Self.free)
    let prompt = [5, 6, 7].map { TokenID($0) }
    let dials = DialSettings(draft: .auto)
    let request = TurnRequest(turn: 1, prompt: prompt, dials: dials, tokenLimit: 40)
    #expect(await first.draftMemory == nil)
    let reply = await first.reply(to: request)
    let memory = try #require(await first.draftMemory)
    let second = try Engine(tiny: tiny, costs: Self.free)
    #expect(await second.restore(draftMemory: memory))
    #expect(await second.draftMemory == nil)
    let again = await second.reply(to: request)
    #expect(again.evidence == reply.evidence)
    let foreign = ShareRows.bytes(of: [
      ShareRow(context: [TokenID(1)], choices: [TokenChoice(token: TokenID(1 << 20), share: 1)])
    ])
    #expect(await second.restore(draftMemory: ["recycle": foreign]) == false)
  }
}
