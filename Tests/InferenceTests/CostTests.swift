import Dials
import Events
import GGUF
import Inference
import Techniques
import TestSupport
import Testing
import Transformer

/// What passes cost is known before the first answer, decides how many guesses there are, and changes no
/// text.
struct CostTests {
  private let tiny = TinyModel(type: .q4_1, seed: 5)
  private let prompt = [3, 14, 15, 92, 65].map { TokenID($0) }

  /// The answer with the true text for guesses, where passes cost this much.
  private func reply(times: [Double], knowing text: [TokenID]) async throws -> Reply {
    let engine = try Engine(tiny: tiny, costs: CostTable(times: times)) { _, _ in
      [OracleDrafter(text: text, depth: 8)]
    }
    return await engine.reply(
      to: TurnRequest(turn: 1, prompt: prompt, dials: DialSettings(draft: .auto), tokenLimit: 40))
  }

  @Test func `an engine believes a table that it is given, and writes the same text`() async throws
  {
    let expected = await (try Engine(tiny: tiny)).plainReply(to: prompt, limit: 40)
    let text = prompt + expected.ids
    let free = try await reply(times: CostTable.measuredCounts.map { _ in 1 }, knowing: text)
    let dear = try await reply(
      times: CostTable.measuredCounts.map { $0 == 1 ? 1 : 9 + Double($0) }, knowing: text)
    #expect(free.evidence == expected.evidence && dear.evidence == expected.evidence)
    #expect(free.drafts.contains { $0.kAccepted == 8 })
    #expect(dear.drafts.isEmpty)
  }

  @Test func `an engine measures costs itself where it is given none`() async throws {
    let costs = await (try Engine(tiny: tiny)).costs
    #expect(costs != CostTable(times: CostTable.measuredCounts.map { _ in 1 }))
  }
}
