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
    let replay = DepthReplay(
      of: policy, along: settings.route, blockCount: blockCount,
      evidence: Evidence(readouts: readouts))
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
    #expect(policy.stops == BlockSet(indices: [4]))
    #expect(policy.need(after: 4) == .readout(leastGate: nil, above: 0.5))
  }

  @Test func `an exit whose own block is pruned is one all the same`() {
    let settings = DialSettings(pruned: BlockSet(indices: [4, 5]), exit: .fixed(depth: 4))
    let policy = Catalogue.depthPolicy(for: settings, blockCount: blockCount)
    let replay = DepthReplay(
      of: policy, along: settings.route, blockCount: blockCount, evidence: Evidence())
    #expect(replay.descent.depth == 4 && replay.descent.reason == ExitReason("fixed"))
    #expect(replay.line.description == "###!xx....")
  }

  @Test func `every word of the catalogue is one technique's`() {
    let exits = Catalogue.exits.flatMap { $0.words } + ["off"]
    let drafters = Catalogue.drafters.map(\.source.rawValue) + ["off", "auto", "auto-timed"]
    let reaches = Catalogue.reaches.map(\.word) + ["off", "full"]
    for words in [exits, drafters, reaches, Catalogue.exitReasons + ["full"]] {
      #expect(Set(words).count == words.count)
    }
  }

  @Test func `an example of the catalogue is a setting`() throws {
    for example in Catalogue.exits.flatMap({ $0.examples }) {
      #expect(try ExitSetting.parse(example, blockCount: 30) != .off, "\(example)")
    }
    for word in DraftSetting.words {
      #expect(try DraftSetting.parse(word).sources == [DraftSource(word)])
    }
    for word in ReachSetting.techniqueWords {
      #expect(try ReachSetting.parse("\(word) 64 sinks 4").technique.rawValue == word)
    }
  }
}
