import Corpus
import Dials
import Evaluation
import Inference
import Techniques
import TestSupport
import Testing

/// Instructions at full depth and under settings that leave early, on a tiny model.
struct InstructBenchmarkTests {
  @Test func `a setting is read in any order of its parts, and a wrong part is named`() throws {
    let setting = try InstructSetting(
      "draft auto; catch-up; top1 0.8 at 2", blockCount: 4, exits: [2])
    #expect(setting.dials.exit.depths == [2] && setting.dials.fill == .catchUp)
    #expect(setting.dials.draft == .auto && setting.dials.mode == .approximate)
    // An exit asks the short head where one is named at all.
    #expect(setting.dials.shortHead == 1)
    for wrong in ["short x", "top1 0.8 at 9", "nonsense"] {
      #expect(throws: DialError.self) {
        try InstructSetting(wrong, blockCount: 4, exits: [2])
      }
    }
  }

  @Test func `settings are compared with guesses, without them, with other fills and as drafts`()
    throws
  {
    let setting = try InstructSetting(
      "top1 0.8 at 2; short 0.7; catch-up; draft auto", blockCount: 4, exits: [2])
    let all = InstructSetting.comparisons(of: [setting])
    #expect(all.first == .guessing && all[1] == setting)
    #expect(all.contains(setting.alone) && all.contains(setting.filled(by: .propagate)))
    #expect(all.contains(setting.verified))
    #expect(Set(all.map(\.name)).count == all.count)
    let lens = try #require(all.last)
    #expect(!lens.usesAdapter && lens.dials.shortHead == nil)
    #expect(InstructSetting.comparisons(of: []).isEmpty)
  }

  @Test func `verified exits write full depth's answer`() async throws {
    let model = try LoadedModel(file: TinyModel(contextLength: 512).file(), threads: 1)
    let exits = try InstructSetting("top1 0.1 at 2", blockCount: 4, exits: [])
    var settings = [exits, exits.verified]
    for index in settings.indices { settings[index].dials.shortHead = nil }
    let benchmark = InstructBenchmark(
      model: model, settings: settings, tokenLimit: 10, rounds: 2, contextLength: nil)
    var heard: [Int] = []
    let found = await benchmark.run(
      [(.koala, [(3, "the cat sat on the mat"), (8, "a dog")])]
    ) { heard.append($0) }
    #expect(heard == [1, 2])
    #expect(found.map(\.prompt) == [3, 3, 3, 8, 8, 8])
    #expect(found.prefix(3).map(\.setting) == ["full depth"] + settings.map(\.name))
    for measurement in found {
      #expect(measurement.set == "koala" && measurement.ms.count == 2)
      #expect(measurement.denseMs.count == 2)
      guard measurement.setting != exits.name else { continue }
      #expect(measurement.agreeing == measurement.decidedN && measurement.rougeL == 1)
    }
  }
}
