import Dials
import Techniques
import TestSupport
import Testing

struct ConfidenceExitTests {
  @Test(arguments: ConfidenceMeasure.allCases)
  func `a token leaves above the threshold and never at it`(measure: ConfidenceMeasure) {
    let exit = ConfidenceExit(
      measure: measure, points: [ExitPoint(depth: 2, threshold: 0.5)])
    let at = Readout.sure(0.5, depth: 2)
    let above = Readout.sure(Float(0.5).nextUp, depth: 2)
    #expect(measure.value(of: at) == 0.5 && measure.value(of: above) > 0.5)
    #expect(exit.verdict(before: BlockIndex(2), readouts: [at]) == .run)
    #expect(exit.verdict(before: BlockIndex(2), readouts: [above]) == .exit)
  }

  @Test func `only a readout at one of its own points counts`() {
    let exit = ConfidenceExit(
      measure: .top1, points: [ExitPoint(depth: 2, threshold: 0.5)])
    #expect(exit.verdict(before: BlockIndex(3), readouts: [.sure(1, depth: 3)]) == .run)
    #expect(exit.verdict(before: BlockIndex(1), readouts: [.sure(1, depth: 2)]) == .run)
  }

  @Test(arguments: [1, 1.5, Float.infinity, .nan])
  func `off means off: a threshold that nothing passes asks for no readout`(threshold: Float) {
    for measure in ConfidenceMeasure.allCases {
      let exit = ConfidenceExit(
        measure: measure,
        points: (1..<30).map { ExitPoint(depth: $0, threshold: threshold) })
      #expect(exit.points.isEmpty)
      #expect((0...30).allSatisfy { !exit.needsReadout(after: $0) })
    }
  }

  @Test func `a readout is asked for at the exit points and nowhere else`() {
    let exit = ConfidenceExit(
      measure: .margin,
      points: [
        ExitPoint(depth: 20, threshold: 0.4), ExitPoint(depth: 10, threshold: 0.9),
        ExitPoint(depth: 15, threshold: 1),
      ])
    #expect((0...30).filter { exit.needsReadout(after: $0) } == [10, 20])
  }

  @Test func `a gate that may say 0 is not asked, and one that must say 1 lets nobody leave`() {
    let exit = ConfidenceExit(
      measure: .top1,
      points: [
        ExitPoint(depth: 10, threshold: 0.5, gate: 0),
        ExitPoint(depth: 15, threshold: 0.5, gate: 1),
        ExitPoint(depth: 20, threshold: 0.5, gate: 0.3), ExitPoint(depth: 25, threshold: 0.5),
      ])
    #expect((0...30).filter { exit.needsReadout(after: $0) } == [10, 20, 25])
    #expect((0...30).filter { exit.leastGate(after: $0) != nil } == [20])
    #expect(exit.leastGate(after: 20) == 0.3)
  }

  @Test func `policies together ask the gate only where each of them would`() {
    func exit(_ depth: Int, _ gate: Float?) -> ConfidenceExit {
      ConfidenceExit(
        measure: .top1, points: [ExitPoint(depth: depth, threshold: 0.5, gate: gate)])
    }
    #expect(LayeredDepth([exit(4, 0.3), exit(4, 0.2)]).leastGate(after: 4) == 0.2)
    #expect(LayeredDepth([exit(4, 0.3), exit(4, nil)]).leastGate(after: 4) == nil)
    #expect(LayeredDepth([exit(4, 0.3), exit(5, nil)]).leastGate(after: 4) == 0.3)
  }

  @Test func `more certainty never makes a token go deeper`() {
    var generator = SeededGenerator(seed: 6)
    for _ in 0..<300 {
      let points = [4, 8, 12].map {
        ExitPoint(depth: $0, threshold: .random(in: 0...1, using: &generator))
      }
      let exit = ConfidenceExit(measure: .top1, points: points)
      let readouts = points.map { Readout.random(depth: $0.depth, using: &generator) }
      let surer = readouts.map { readout in
        var copy = readout
        copy.probability = .random(in: readout.probability...1, using: &generator)
        return copy
      }
      let depth = DepthReplay(of: exit, blockCount: 16, readouts: readouts).line.executedCount
      let surerDepth = DepthReplay(of: exit, blockCount: 16, readouts: surer).line.executedCount
      #expect(surerDepth <= depth)
    }
  }
}
