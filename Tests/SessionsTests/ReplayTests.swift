import Dials
import Events
import Files
import Foundation
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
        let decision = DepthReplay(
          of: live, along: session.policy.route, blockCount: 12,
          evidence: Evidence(readouts: readouts))
        var token = TokenRecord.random(using: &generator)
        token.depth = decision.line
        token.exit = TokenRecord.Exit(
          layers: decision.line.executedCount, left: decision.descent.reason,
          evidence: decision.descent.evidence, probes: 0)
        records.append(.token(token))
      }
      let path = folder.file("\(round).jsonl")
      try SessionFile.save(records, to: OutputFile(path))
      try expectReplay(of: SessionFile.load(path).records)
    }
  }

  @Test(arguments: ["screen", "approximate"])
  func `a record of an earlier version is read as it is, and replays`(name: String) throws {
    let path = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
      .deletingLastPathComponent().appending(path: "docs/\(name).jsonl").path
    let text = try String(contentsOfFile: path, encoding: .utf8)
    let records = try SessionFile.load(path).records
    #expect(records.count == text.split(separator: "\n").count)
    var dials = DialSettings.plain
    var blockCount = 0
    var counts = (tokens: 0, early: 0)
    for record in records {
      switch record {
      case .session(let session): (dials, blockCount) = (session.policy, session.model.nLayer)
      case .parameter(let change): if let policy = change.policy { dials = policy }
      case .token(let token) where dials.mode == .approximate && token.i > 0:
        let replay = DepthReplay(
          of: Catalogue.depthPolicy(for: dials, blockCount: blockCount), along: dials.route,
          blockCount: blockCount, evidence: token.exit.evidence)
        #expect(replay.isComplete && replay.line == token.depth)
        #expect(replay.descent.reason == token.exit.left)
        counts.tokens += 1
        counts.early += token.exit.left == nil ? 0 : 1
      default: break
      }
    }
    #expect(blockCount == 30)
    if name == "approximate" { #expect(counts.tokens > 20 && counts.early > 5) }
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
      let replay = DepthReplay(
        of: policy, along: session.policy.route, blockCount: blockCount,
        evidence: token.exit.evidence)
      #expect(replay.isComplete)
      #expect(replay.line == token.depth)
      #expect(replay.descent.reason == token.exit.left)
    }
  }
}
