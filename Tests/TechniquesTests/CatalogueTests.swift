import Dials
import Techniques
import TestSupport
import Testing

/// Settings as a person would type them, replayed on a model of ten blocks with the same readouts.
struct CatalogueTests {
  private let blockCount = 10
  private let readouts: [Readout] = [
    .sure(0.3, depth: 3), .sure(0.8, depth: 6), .sure(0.9, depth: 8),
  ]

  @Test(arguments: [
    ("off", "none", "##########"),
    ("off", "2,5-6", "##x##xx###"),
    ("fixed 4", "none", "###!......"),
    ("fixed 4", "3,8", "##!x....x."),
    ("top1 0.5 at 3,6", "none", "#####!...."),
    ("top1 0.2 at 3,6", "none", "##!......."),
    ("top1 3:0.5,6:0.9,8:0.85", "none", "#######!.."),
    ("top1 0.95 at 3,6,8", "none", "##########"),
    ("top1 0.5 at 6", "6-7", "#####!xx.."),
    ("top1 0.5 at 6", "6-9", "######xxxx"),
    ("fixed 6", "6-9", "######xxxx"),
  ])
  func `settings draw the line that they promise`(
    exit: String, pruned: String, line: String
  ) throws {
    let settings = DialSettings(
      pruned: try BlockSet.parse(pruned, blockCount: blockCount),
      exit: try ExitSetting.parse(exit, blockCount: blockCount))
    try settings.validate(blockCount: blockCount)
    let policy = Catalogue.depthPolicy(for: settings, blockCount: blockCount)
    let replay = DepthReplay(of: policy, blockCount: blockCount, readouts: readouts)
    #expect(replay.line.description == line)
  }

  @Test func `off means off: plain settings are every block and ask for nothing`() {
    let never = ExitSetting.confidence(
      measure: .top1, points: [ExitPoint(depth: 3, threshold: 1)])
    for settings in [DialSettings.plain, DialSettings(exit: never)] {
      #expect(Catalogue.depthPolicy(for: settings, blockCount: blockCount) is EveryBlock)
    }
  }

  @Test func `no readout is paid for an exit behind which no block would run`() throws {
    let settings = DialSettings(
      pruned: BlockSet(indices: 6..<10),
      exit: try ExitSetting.parse("top1 0.5 at 4,6", blockCount: blockCount))
    let policy = Catalogue.depthPolicy(for: settings, blockCount: blockCount)
    #expect((0...10).filter { policy.needsReadout(after: $0) } == [4])
  }

  @Test func `the first policy that does not say run decides`() {
    let mask = BlockMask(pruned: BlockSet(indices: [1]))
    let both = LayeredDepth([mask, FixedExit(depth: 1)])
    #expect(both.verdict(before: BlockIndex(0), readouts: []) == .run)
    #expect(both.verdict(before: BlockIndex(1), readouts: []) == .prune)
    #expect(both.verdict(before: BlockIndex(2), readouts: []) == .exit)
    let other = LayeredDepth([FixedExit(depth: 1), mask])
    #expect(other.verdict(before: BlockIndex(1), readouts: []) == .exit)
    #expect(LayeredDepth([]).verdict(before: BlockIndex(1), readouts: []) == .run)
  }
}
