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
    #expect(exit.step(before: BlockIndex(2), evidence: Evidence(readouts: [at])) == .take(.run))
    let reason = ExitReason("threshold", confidence: Float(0.5).nextUp, threshold: 0.5)
    #expect(
      exit.step(before: BlockIndex(2), evidence: Evidence(readouts: [above])) == .exit(reason))
  }

  @Test func `only a readout at one of its own points counts`() {
    let exit = ConfidenceExit(
      measure: .top1, points: [ExitPoint(depth: 2, threshold: 0.5)])
    let deeper = Evidence(readouts: [.sure(1, depth: 3)])
    #expect(exit.step(before: BlockIndex(3), evidence: deeper) == .take(.run))
    let later = Evidence(readouts: [.sure(1, depth: 2)])
    #expect(exit.step(before: BlockIndex(1), evidence: later) == .take(.run))
  }

  @Test(arguments: [1, 1.5, Float.infinity, .nan])
  func `off means off: a threshold that nothing passes asks for no readout`(threshold: Float) {
    for measure in ConfidenceMeasure.allCases {
      let exit = ConfidenceExit(
        measure: measure,
        points: (1..<30).map { ExitPoint(depth: $0, threshold: threshold) })
      #expect(exit.policy { _ in true } == nil)
    }
  }

  @Test func `a readout is asked for at the exit points and nowhere else`() throws {
    let exit = ConfidenceExit(
      measure: .margin,
      points: [
        ExitPoint(depth: 20, threshold: 0.4), ExitPoint(depth: 10, threshold: 0.9),
        ExitPoint(depth: 15, threshold: 1),
      ])
    let policy = try #require(exit.policy { _ in true })
    #expect(policy.stops == BlockSet(indices: [10, 20]))
    #expect((0...30).filter { policy.need(after: $0) != .nothing } == [10, 20])
  }

  @Test func `a gate that may say 0 is not asked, and one that must say 1 lets nobody leave`()
    throws
  {
    let exit = ConfidenceExit(
      measure: .top1,
      points: [
        ExitPoint(depth: 10, threshold: 0.5, gate: 0),
        ExitPoint(depth: 15, threshold: 0.5, gate: 1),
        ExitPoint(depth: 20, threshold: 0.5, gate: 0.3), ExitPoint(depth: 25, threshold: 0.5),
      ])
    let policy = try #require(exit.policy { _ in true })
    #expect(policy.stops == BlockSet(indices: [10, 20, 25]))
    #expect(policy.need(after: 10) == .readout(leastGate: nil, above: 0.5))
    #expect(policy.need(after: 20) == .readout(leastGate: 0.3, above: 0.5))
    #expect(policy.need(after: 25) == .readout(leastGate: nil, above: 0.5))
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
      let depths = [readouts, surer].map {
        DepthReplay(of: exit, blockCount: 16, evidence: Evidence(readouts: $0)).descent.depth
      }
      #expect(depths[1] <= depths[0])
    }
  }
}
