import Dials
import Techniques
import TestSupport
import Testing

/// Law 5, without a model: what a policy was shown is all that its decision needs.
struct DepthReplayTests {
  /// Evidence at every depth, whether anybody asks for it or not.
  private func evidence(
    blockCount: Int, using generator: inout SeededGenerator
  ) -> Evidence {
    Evidence(
      readouts: (1...blockCount).map { Readout.random(depth: $0, using: &generator) },
      gates: (1...blockCount).map { GateReading.random(depth: $0, using: &generator) })
  }

  @Test func `a record replays: what nobody asked for may be anything`() {
    var generator = SeededGenerator(seed: 7)
    var early = 0
    for _ in 0..<500 {
      let blockCount = Int.random(in: 2...24, using: &generator)
      let settings = DialSettings.random(blockCount: blockCount, using: &generator)
      func replay(_ evidence: Evidence) -> DepthReplay {
        DepthReplay(
          of: Catalogue.depthPolicy(for: settings, blockCount: blockCount), along: settings.route,
          blockCount: blockCount, evidence: evidence)
      }
      let live = replay(evidence(blockCount: blockCount, using: &generator))
      var recorded = live.descent.evidence
      #expect(replay(recorded) == live && live.isComplete)
      let other = evidence(blockCount: blockCount, using: &generator)
      recorded.readouts += other.readouts.filter { new in
        !recorded.readouts.contains { $0.depth == new.depth }
      }
      recorded.gates += other.gates.filter { new in
        !recorded.gates.contains { $0.depth == new.depth }
      }
      recorded.readouts.shuffle(using: &generator)
      recorded.gates.shuffle(using: &generator)
      // What was not asked before the token left is not asked now either.
      #expect(replay(recorded) == live)
      early += live.descent.reason == nil ? 0 : 1
    }
    #expect(early > 100)
  }

  @Test func `the line has one mark for each block and keeps the laws of the notation`() {
    var generator = SeededGenerator(seed: 8)
    for _ in 0..<500 {
      let blockCount = Int.random(in: 2...24, using: &generator)
      let settings = DialSettings.random(blockCount: blockCount, using: &generator)
      let replay = DepthReplay(
        of: Catalogue.depthPolicy(for: settings, blockCount: blockCount), along: settings.route,
        blockCount: blockCount, evidence: evidence(blockCount: blockCount, using: &generator))
      let marks = replay.line.marks
      let depth = replay.descent.depth
      #expect(marks.count == blockCount)
      #expect(replay.line.executedCount >= 1)
      #expect((replay.descent.reason != nil) == (replay.line.exitBlock != nil))
      for (index, mark) in marks.enumerated() {
        #expect((mark == .pruned) == settings.pruned.contains(BlockIndex(index)))
        #expect((mark == .notRun) == (index >= depth && mark != .pruned))
      }
      #expect(replay.descent.evidence.readouts.allSatisfy { $0.depth <= depth })
    }
  }

  @Test func `a record without a readout that was asked for says that it is not complete`() {
    let exit = ConfidenceExit(measure: .top1, points: [ExitPoint(depth: 2, threshold: 0.5)])
    let read = Evidence(readouts: [.sure(0.9, depth: 2)])
    #expect(!DepthReplay(of: exit, blockCount: 4, evidence: Evidence()).isComplete)
    #expect(DepthReplay(of: exit, blockCount: 4, evidence: read).isComplete)
  }

  @Test func `nor is one without a gate that was asked`() {
    let exit = ConfidenceExit(
      measure: .top1, points: [ExitPoint(depth: 2, threshold: 0, gate: 0.5)])
    func replay(readouts: [Readout] = [], gate: Float?) -> DepthReplay {
      DepthReplay(
        of: exit, blockCount: 4,
        evidence: Evidence(
          readouts: readouts, gates: gate.map { [GateReading(depth: 2, value: $0)] } ?? []))
    }
    #expect(!replay(gate: nil).isComplete)
    #expect(replay(gate: Float(0.5).nextDown).isComplete)
    #expect(!replay(gate: 0.5).isComplete)
    let sure = [Readout.sure(0.9, depth: 2)]
    #expect(replay(readouts: sure, gate: 0.5).line.description == "#!..")
    #expect(replay(readouts: sure, gate: Float(0.5).nextDown).line.description == "####")
  }
}
