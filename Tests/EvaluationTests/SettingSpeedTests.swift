import Dials
import Evaluation
import Inference
import Techniques
import TestSupport
import Testing

/// How fast settings are beside one another; tests never judge times.
struct SettingSpeedTests {
  @Test func `a clock has a ratio for each setting, 1 before an answer`() async throws {
    let model = try LoadedModel(file: TinyModel().file(), threads: 1)
    let early = DialSettings(exit: .fixed(depth: 2), mode: .approximate, draft: .off)
    let clock = SettingClock(model: model, settings: [early, DialSettings(draft: .off)])
    #expect(clock.ratios == [1, 1])
    for number in 0..<3 { await clock.answer([3, 5, 7].map { TokenID($0) }, number: number) }
    #expect(clock.ratios.count == 2)
    #expect(clock.ratios.allSatisfy { $0 > 0 && $0.isFinite })
  }

  @Test func `a speed is measured for each setting, and none where it is not wanted`() async throws
  {
    let model = try LoadedModel(file: TinyModel().file(), threads: 1)
    let speed = WritingSpeed(
      model: model, prompt: [3, 5, 7].map { TokenID($0) }, turns: 2, tokenLimit: 8)
    let settings = [DialSettings.plain, DialSettings(pruned: BlockSet([BlockIndex(1)]))]
    let rates = await speed.measure(settings) { true }
    #expect(rates.count == 2)
    #expect(rates.allSatisfy { ($0 ?? 0) > 0 })
    #expect(await speed.measure(settings) { false } == [nil, nil])
  }
}
