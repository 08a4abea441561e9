import Dials
import Techniques
import TestSupport
import Testing

struct ExitSettingTests {
  @Test(arguments: [
    ("off", ExitSetting.off),
    ("fixed 20", .fixed(depth: 20)),
    ("  FIXED   20 ", .fixed(depth: 20)),
    ("top1 0.9", .confidence(measure: .top1, points: points([15, 20, 25], 0.9))),
    ("top1 0.9 at 10,20", .confidence(measure: .top1, points: points([10, 20], 0.9))),
    ("top1 .9 at 20, 10", .confidence(measure: .top1, points: points([10, 20], 0.9))),
    (
      "top1 20:0.8,10:0.95",
      .confidence(measure: .top1, points: points([10], 0.95) + points([20], 0.8))
    ),
    ("margin 0.5 at 20", .confidence(measure: .margin, points: points([20], 0.5))),
    (
      "top1 .95/.8 at 10,20",
      .confidence(measure: .top1, points: points([10], 0.95) + points([20], 0.8))
    ),
    ("top1 .6 at 22,25 gate .3", .confidence(measure: .top1, points: gated(0.6, 0.3, 0.3))),
    ("top1 .6 at 22,25 gate .3/.2", .confidence(measure: .top1, points: gated(0.6, 0.3, 0.2))),
    ("top1 22:.6,25:.6 gate 0/.2", .confidence(measure: .top1, points: gated(0.6, nil, 0.2))),
    ("entropy -1.5", .confidence(measure: .entropy, points: points([15, 20, 25], -1.5))),
  ])
  func `the notation of flags and commands is read`(text: String, setting: ExitSetting) throws {
    #expect(try ExitSetting.parse(text, blockCount: 30) == setting)
  }

  @Test func `what a setting prints reads back as the same setting`() throws {
    var generator = SeededGenerator(seed: 5)
    for _ in 0..<500 {
      let blockCount = Int.random(in: 2...80, using: &generator)
      let setting = randomSetting(blockCount: blockCount, using: &generator)
      #expect(try ExitSetting.parse("\(setting)", blockCount: blockCount) == setting)
    }
  }

  @Test(arguments: [
    ("", DialError.Code.notation), ("fixed", .notation), ("fixed x", .notation),
    ("fixed 2 3", .notation), ("top1", .notation), ("top1 at 3", .notation),
    ("top1 0.9 at", .notation), ("top1 0.9 at 3,", .notation), ("top1 3:0.5,4", .notation),
    ("top1 0.9 at 3,3", .notation), ("sure 0.9", .notation), ("top1 0.9 0.8", .notation),
    ("top1 .9/.8 at 10", .notation), ("top1 .9/.8/.7 at 10,20", .notation),
    ("top1 .9 at 10 at 20", .notation), ("top1 .9 gate", .notation), ("off gate .3", .notation),
    ("top1 .9 at 10 gate .3 .2", .notation), ("top1 .9 at 10 gate .3/.2", .notation),
    ("top1 .9 at 10 gate .3 gate .2", .notation), ("fixed 20 gate .3", .notation),
    ("top1 .9 gate 1.1", .threshold), ("top1 .9 gate nan", .threshold),
    ("fixed 0", .outsideModel), ("fixed 30", .outsideModel), ("fixed 31", .outsideModel),
    ("fixed -1", .outsideModel), ("top1 0.9 at 10,30", .outsideModel),
    ("top1 1.1", .threshold), ("top1 -0.1", .threshold), ("margin nan", .threshold),
    ("top1 inf", .threshold), ("entropy 2", .threshold), ("entropy -inf", .threshold),
  ])
  func `anything else says what was typed and what to do`(text: String, code: DialError.Code) {
    let error = #expect(throws: DialError.self) {
      try ExitSetting.parse(text, blockCount: 30)
    }
    #expect(error?.code == code)
    #expect(error?.typed == text)
    #expect(error?.remedy.isEmpty == false)
  }

  @Test func `full depth is called off`() {
    let error = #expect(throws: DialError.self) {
      try ExitSetting.parse("fixed 30", blockCount: 30)
    }
    #expect(error?.remedy.contains("off") == true)
  }

  @Test func `the usual points lie inside every model, and a model of one block has none`() {
    for blockCount in 2...200 {
      let depths = ExitSetting.usualDepths(blockCount: blockCount)
      #expect(!depths.isEmpty && depths == Set(depths).sorted())
      #expect(depths.allSatisfy { (1..<blockCount).contains($0) })
    }
    #expect(ExitSetting.usualDepths(blockCount: 30) == [15, 20, 25])
    #expect(throws: DialError.self) { try ExitSetting.parse("top1 0.9", blockCount: 1) }
  }

  @Test func `where an adapter was trained to speak, the usual points are its exits`() throws {
    let setting = try ExitSetting.parse("top1 .6/.7 gate .3", blockCount: 30, exits: [22, 25])
    #expect("\(setting)" == "top1 22:0.6,25:0.7 gate 0.3")
    let named = try ExitSetting.parse("top1 .6 at 20", blockCount: 30, exits: [22, 25])
    #expect(named.depths == [20])
  }

  private static func points(_ depths: [Int], _ threshold: Float) -> [ExitPoint] {
    depths.map { ExitPoint(depth: $0, threshold: threshold) }
  }

  private static func gated(_ threshold: Float, _ first: Float?, _ second: Float?) -> [ExitPoint] {
    [
      ExitPoint(depth: 22, threshold: threshold, gate: first),
      ExitPoint(depth: 25, threshold: threshold, gate: second),
    ]
  }

  private func randomSetting(
    blockCount: Int, using generator: inout SeededGenerator
  ) -> ExitSetting {
    switch Int.random(in: 0...3, using: &generator) {
    case 0: return .off
    case 1: return .fixed(depth: .random(in: 1..<blockCount, using: &generator))
    default:
      let measure = ConfidenceMeasure.allCases.randomElement(using: &generator) ?? .top1
      let count = Int.random(in: 1...4, using: &generator)
      let depths = Set((0..<count).map { _ in Int.random(in: 1..<blockCount, using: &generator) })
      let shared = Float.random(in: measure.thresholds, using: &generator)
      let isShared = Bool.random(using: &generator)
      let gate: Float? =
        Bool.random(using: &generator) ? .random(in: 0.001...1, using: &generator) : nil
      return .confidence(
        measure: measure,
        points: depths.sorted().map { depth in
          let own = Float.random(in: measure.thresholds, using: &generator)
          let isGated = gate != nil && Bool.random(using: &generator)
          return ExitPoint(
            depth: depth, threshold: isShared ? shared : own,
            gate: isShared ? gate : isGated ? .random(in: 0.001...1, using: &generator) : nil)
        })
    }
  }
}
