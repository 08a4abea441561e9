import Dials
import Events
import Foundation
import GGUF
import Inference
import Techniques
import TestSupport
import Testing

/// Law 5: a record replays.
struct ReplayTests {
  @Test(arguments: 0..<20)
  func `a record replays`(seed: UInt64) async throws {
    var generator = SeededGenerator(seed: 600 + seed)
    let tiny = TinyModel.random(using: &generator)
    let engine = try Engine(tiny: tiny)
    var early = 0
    for _ in 0..<10 {
      let pruned = BlockSet.random(blockCount: tiny.blockCount, using: &generator)
      let dials = DialSettings.random(
        .approximate, blockCount: tiny.blockCount, pruned: pruned, using: &generator)
      let sampler = SessionRecord.Sampler.random(using: &generator)
      let request = TurnRequest(
        turn: 1, prompt: TinyModel.prompt(using: &generator), dials: dials, sampler: sampler,
        tokenLimit: 30, looks: .lens)
      let session = engine.sessionRecord(
        id: "x", tool: .init(name: "fathom", version: "1"), sampler: sampler, dials: dials)
      let records = [.session(session)] + (await engine.reply(to: request)).records
      let read = try EventLog.records(in: try EventLog.data(for: records))
      #expect(read == records)
      early += try expectDecisions(in: read)
    }
    #expect(early > 0)
  }

  /// Takes every decision of an answer again, from its records alone; returns how many tokens left
  /// early.
  private func expectDecisions(in records: [Record]) throws -> Int {
    guard case .session(let session)? = records.first else { return 0 }
    let blockCount = session.model.nLayer
    let policy = Catalogue.depthPolicy(for: session.policy, blockCount: blockCount)
    // The prompt is read at full depth, and so the first token is decided there.
    let first = EveryBlock()
    var early = 0
    for case .token(let token) in records {
      let replay = DepthReplay(
        of: token.i == 0 ? first : policy, along: session.policy.route, blockCount: blockCount,
        evidence: token.exit.evidence)
      #expect(replay.isComplete)
      #expect(replay.line == token.depth)
      #expect(replay.line.executedCount == token.exit.layers)
      #expect(replay.descent.reason == token.exit.left)
      guard token.exit.left != nil else {
        #expect(token.kv.filled == 0)
        #expect(token.exit.probes == token.exit.readouts.count)
        continue
      }
      early += 1
      let filled = (replay.descent.depth..<blockCount).filter {
        !session.policy.pruned.contains(BlockIndex($0))
      }
      #expect(token.kv.filled == filled.count)
      expectReason(of: token, session.policy.exit)
    }
    return early
  }

  /// The record names the readout that let the token leave, and counts the others as probes.
  private func expectReason(of token: TokenRecord, _ exit: ExitSetting) {
    switch exit.technique {
    case is FixedExit:
      #expect(token.exit.reason == .fixed)
      #expect(token.exit.conf == nil && token.exit.thr == nil)
      #expect(token.exit.probes == 0)
    case let exit as ConfidenceExit:
      #expect(token.exit.reason == .threshold)
      let passed = token.exit.readouts.first { readout in
        exit.points.contains {
          $0.depth == readout.depth && exit.measure.value(of: readout) > $0.threshold
        }
      }
      #expect(passed != nil)
      #expect(token.exit.conf == passed.map { exit.measure.value(of: $0) })
      #expect(token.exit.thr == exit.points.first { $0.depth == passed?.depth }?.threshold)
      #expect(token.exit.probes == token.exit.readouts.count - 1)
    default: Issue.record("nothing to leave for")
    }
  }
}
