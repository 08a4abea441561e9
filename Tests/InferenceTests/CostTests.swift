import Dials
import Events
import GGUF
import Inference
import TestSupport
import Testing
import Transformer

/// What passes cost is known before the first answer, and changes no text.
struct CostTests {
  @Test func `an engine measures costs once and keeps them`() async throws {
    let engine = try Engine(tiny: TinyModel())
    let costs = await engine.costs
    #expect(costs.costs.count == CostTable.measuredCounts.count)
    _ = await engine.plainReply(to: [TokenID(5), TokenID(6)], limit: 3)
    #expect(await engine.costs == costs)
  }

  @Test func `an engine believes a table that it is given, and writes the same text`()
    async throws
  {
    let tiny = TinyModel(type: .q4_1, seed: 5)
    let prompt = [3, 14, 15, 92, 65].map { TokenID($0) }
    let measuring = try Engine(tiny: tiny)
    let expected = await measuring.plainReply(to: prompt, limit: 20)
    for times in [[1, 1, 1, 1, 1, 1, 1, 1, 1], [1, 9, 10, 11, 12, 13, 14, 15, 16]] as [[Double]] {
      let table = CostTable(times: times)
      let engine = try Engine(tiny: tiny, costs: table)
      #expect(await engine.costs == table)
      let reply = await engine.plainReply(to: prompt, limit: 20)
      #expect(reply.evidence == expected.evidence)
      #expect(await engine.costs == table)
    }
  }
}
