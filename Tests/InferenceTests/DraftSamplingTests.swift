import Dials
import Events
import Inference
import Techniques
import TestSupport
import Testing
import Transformer

/// Sampling with guesses draws from the same distribution as without: not only the same numbers for
/// the same seed, but the same frequencies over seeds.
struct DraftSamplingTests {
  private static let answers = 1500
  private static let prompt = [5, 6, 7].map { TokenID($0) }

  /// How often each token came third, over as many seeds as there are answers.
  @inline(never)
  private func thirds(seeds: Range<UInt64>, drafts: Bool) async throws -> [TokenID: Int] {
    let free = CostTable(times: CostTable.measuredCounts.map { _ in 1 })
    let engine = try Engine(tiny: TinyModel(blockCount: 2, seed: 161), costs: free) { _, _ in
      [WildDrafter(seed: 161)]
    }
    var counts: [TokenID: Int] = [:]
    for seed in seeds {
      let reply = await engine.reply(
        to: TurnRequest(
          turn: 1, prompt: Self.prompt, dials: DialSettings(draft: drafts ? .auto : .off),
          sampler: SessionRecord.Sampler(temperature: 0.5, topK: 6, topP: 1, minP: 0, seed: seed),
          tokenLimit: 3, alternativeCount: 0))
      if let last = reply.ids.last { counts[last, default: 0] += 1 }
    }
    return counts
  }

  @Test func `frequencies with and without guesses differ no more than chance allows`()
    async throws
  {
    let count = UInt64(Self.answers)
    let plain = try await thirds(seeds: 0..<count, drafts: false)
    let drafted = try await thirds(seeds: count..<2 * count, drafts: true)
    // Two samples of the same size; rare tokens are counted together.
    let common = Set(plain.keys).union(drafted.keys).filter {
      plain[$0, default: 0] + drafted[$0, default: 0] >= 20
    }
    #expect(common.count >= 5)
    var pairs = common.map { (plain[$0, default: 0], drafted[$0, default: 0]) }
    pairs.append(
      (
        Self.answers - pairs.reduce(0) { $0 + $1.0 }, Self.answers - pairs.reduce(0) { $0 + $1.1 }
      ))
    var statistic = 0.0
    for (a, b) in pairs where a + b > 0 {
      statistic += Double((a - b) * (a - b)) / Double(a + b)
    }
    // The 99 % point of chi-square (Wilson and Hilferty 1931).
    let freedom = Double(pairs.count - 1)
    let root = 1 - 2 / (9 * freedom) + 2.326 * (2 / (9 * freedom)).squareRoot()
    #expect(statistic < freedom * root * root * root, "\(pairs)")
  }
}
