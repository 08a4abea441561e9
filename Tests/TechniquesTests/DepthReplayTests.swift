import Dials
import Techniques
import TestSupport
import Testing

struct DepthReplayTests {
  @Test func `a record replays: what was asked for is all that the decision needs`() {
    var generator = SeededGenerator(seed: 7)
    for _ in 0..<500 {
      let blockCount = Int.random(in: 2...24, using: &generator)
      let settings = DialSettings.random(blockCount: blockCount, using: &generator)
      let policy = Catalogue.depthPolicy(for: settings, blockCount: blockCount)
      let all = (1...blockCount).map { Readout.random(depth: $0, using: &generator) }
      let gates = (1...blockCount).map { GateReading.random(depth: $0, using: &generator) }
      let live = DepthReplay(of: policy, blockCount: blockCount, readouts: all, gates: gates)
      let recorded = all.filter { live.askedDepths.contains($0.depth) }
      let said = gates.filter { live.askedGates.contains($0.depth) }
      let again = DepthReplay(
        of: policy, blockCount: blockCount, readouts: recorded.shuffled(using: &generator),
        gates: said.shuffled(using: &generator))
      #expect(again == live)
      #expect(again.isComplete)
    }
  }

  @Test func `the line has one mark for each block and keeps the laws of the notation`() {
    var generator = SeededGenerator(seed: 8)
    for _ in 0..<500 {
      let blockCount = Int.random(in: 2...24, using: &generator)
      let settings = DialSettings.random(blockCount: blockCount, using: &generator)
      let policy = Catalogue.depthPolicy(for: settings, blockCount: blockCount)
      let all = (1...blockCount).map { Readout.random(depth: $0, using: &generator) }
      let gates = (1...blockCount).map { GateReading.random(depth: $0, using: &generator) }
      let replay = DepthReplay(of: policy, blockCount: blockCount, readouts: all, gates: gates)
      let marks = replay.line.marks
      #expect(marks.count == blockCount)
      #expect(replay.line.executedCount >= 1)
      #expect((replay.exitDepth != nil) == (replay.line.exitBlock != nil))
      for (index, mark) in marks.enumerated() {
        #expect((mark == .pruned) == settings.pruned.contains(BlockIndex(index)))
        if let exit = replay.exitDepth { #expect((mark == .notRun) ? index >= exit : true) }
      }
      if let exit = replay.exitDepth {
        #expect(marks[exit...].allSatisfy { !$0.isExecuted })
        #expect(replay.askedDepths.allSatisfy { $0 <= exit })
      }
    }
  }

  @Test func `a record without a readout that was asked for says that it is not complete`() {
    let exit = ConfidenceExit(measure: .top1, points: [ExitPoint(depth: 2, threshold: 0.5)])
    #expect(!DepthReplay(of: exit, blockCount: 4, readouts: []).isComplete)
    #expect(DepthReplay(of: exit, blockCount: 4, readouts: [.sure(0.9, depth: 2)]).isComplete)
  }

  @Test func `nor is one without a gate that was asked`() {
    let exit = ConfidenceExit(
      measure: .top1, points: [ExitPoint(depth: 2, threshold: 0, gate: 0.5)])
    #expect(!DepthReplay(of: exit, blockCount: 4, readouts: []).isComplete)
    let shut = [GateReading(depth: 2, value: Float(0.5).nextDown)]
    let open = [GateReading(depth: 2, value: 0.5)]
    #expect(DepthReplay(of: exit, blockCount: 4, readouts: [], gates: shut).isComplete)
    #expect(!DepthReplay(of: exit, blockCount: 4, readouts: [], gates: open).isComplete)
    let sure = [Readout.sure(0.9, depth: 2)]
    let line = { (gates: [GateReading]) in
      DepthReplay(of: exit, blockCount: 4, readouts: sure, gates: gates).line.description
    }
    #expect(line(open) == "#!.." && line(shut) == "####")
  }
}
