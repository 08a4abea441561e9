import Dials
import Events
import Sessions
import Techniques
import TestSupport
import Testing

/// Law 5: a record replays. Here from a file, with no model.
struct ReplayTests {
  @Test func `a saved token gives its depth line again`() throws {
    var generator = SeededGenerator(seed: 5)
    let folder = try TemporaryFolder()
    let exits = ["off", "fixed 7", "top1 0.6 at 4,8", "margin 4:0.9,6:0.5,8:0.2", "entropy 0"]
    for (round, exit) in exits.enumerated() {
      var session = SessionRecord.random(using: &generator)
      session.model.nLayer = 12
      session.policy = DialSettings(
        pruned: BlockSet(indices: round % 2 == 0 ? [] : [4, 10]),
        exit: try ExitSetting.parse(exit, blockCount: 12))
      let live = Catalogue.depthPolicy(for: session.policy, blockCount: 12)
      var records: [Record] = [.session(session)]
      for _ in 0..<20 {
        let readouts = (1..<12).map { depth in
          let probability = Float.random(in: 0...1, using: &generator)
          return Readout(
            depth: depth, token: TokenID(depth), probability: probability,
            margin: probability / 2, entropy: 2 - 2 * probability)
        }
        let decision = DepthReplay(of: live, blockCount: 12, readouts: readouts)
        var token = TokenRecord.random(using: &generator)
        token.depth = decision.line
        token.exit.readouts = readouts.filter { decision.askedDepths.contains($0.depth) }
        records.append(.token(token))
      }
      let path = folder.file("\(round).jsonl")
      try SessionFile.save(records, to: path)
      try expectReplay(of: SessionFile.load(path))
    }
  }

  private func expectReplay(of records: [Record]) throws {
    guard case .session(let session)? = records.first else {
      Issue.record("the first record is the session's")
      return
    }
    let blockCount = session.model.nLayer
    let policy = Catalogue.depthPolicy(for: session.policy, blockCount: blockCount)
    #expect(records.count == 21)
    for case .token(let token) in records {
      let replay = DepthReplay(of: policy, blockCount: blockCount, readouts: token.exit.readouts)
      #expect(replay.isComplete)
      #expect(replay.line == token.depth)
    }
  }
}
