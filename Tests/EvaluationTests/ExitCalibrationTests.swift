import Dials
import Evaluation
import Kernels
import Techniques
import TestSupport
import Testing
import Transformer

/// Learn then Test over thresholds, on answers whose risk is known.
struct ExitCalibrationTests {
  /// Costs of a tiny model with an exit after two of its four blocks.
  private func costs() throws -> ExitCosts {
    let pool = ThreadPool(count: 1)
    defer { pool.dismiss() }
    let tiny = TinyModel()
    let weights = try Weights(file: tiny.file(), pool: pool)
    let adapter = TinyAdapter(base: tiny, depths: [2], shortlist: Array(0..<32))
    return ExitCosts(
      weights: weights, exits: try ExitModules(file: adapter.file(), weights: weights, pool: pool),
      depths: [2])
  }

  /// Answers with confidences c, uniform, at which the exit errs with probability (1 − c) · a, where a is
  /// 0.1 for half of the answers and 0.9 for the others. Of all tokens, (1 − t)² / 4 leave above a
  /// threshold t and are wrong.
  private func trace(answers: Int, using generator: inout SeededGenerator) -> ExitTrace {
    var column = ExitTrace.Column()
    var texts: [Range<Int>] = []
    for _ in 0..<answers {
      let a = Bool.random(using: &generator) ? 0.1 : 0.9
      let start = column.confidence.count
      for _ in 0..<Int.random(in: 10...60, using: &generator) {
        let c = Double.random(in: 0..<1, using: &generator)
        column.confidence.append(Float(c))
        column.agrees.append(Double.random(in: 0..<1, using: &generator) >= (1 - c) * a)
      }
      texts.append(start..<column.confidence.count)
    }
    return ExitTrace(depths: [2], exits: [column], last: nil, texts: texts)
  }

  private func risk(_ thresholds: ExitThresholds) -> Double {
    let t = Double(thresholds.confidence[0])
    return (1 - t) * (1 - t) / 4
  }

  @Test(arguments: ExitCalibration.Unit.allCases)
  func `a selected setting is above the limit no more often than was promised`(
    unit: ExitCalibration.Unit
  ) throws {
    let costs = try costs()
    var generator = SeededGenerator(seed: 23)
    let trials = 150
    var (wrong, useful) = (0, 0)
    for trial in 0..<trials {
      let calibration = ExitCalibration(
        trace(answers: 240, using: &generator), costs: costs, fill: .catchUp, unit: unit,
        confidence: 0.9, seed: UInt64(trial))
      guard let found = calibration.selection(limit: 0.05) else { continue }
      wrong += risk(found.thresholds) > 0.05 ? 1 : 0
      useful += found.thresholds.isOff ? 0 : 1
    }
    // 10 % are allowed; three standard errors of 150 trials are 7.3 %.
    #expect(wrong <= 26, "\(wrong) of \(trials)")
    #expect(useful > trials * 8 / 10, "\(useful) of \(trials)")
  }

  @Test func `a higher limit never costs more bytes`() throws {
    let costs = try costs()
    var generator = SeededGenerator(seed: 29)
    let calibration = ExitCalibration(
      trace(answers: 600, using: &generator), costs: costs, fill: .catchUp, unit: .tokens,
      confidence: 0.95, seed: 1)
    let bytes = [0.01, 0.02, 0.05, 0.1, 0.2].compactMap {
      calibration.selection(limit: $0)?.outcome.bytesPerToken
    }
    #expect(bytes.count == 5)
    #expect(bytes == bytes.sorted(by: >))
    #expect((bytes.first ?? 0) > (bytes.last ?? 0))
  }

  @Test func `too few answers show nothing, not even for full depth`() throws {
    var generator = SeededGenerator(seed: 31)
    let calibration = ExitCalibration(
      trace(answers: 4, using: &generator), costs: try costs(), fill: .catchUp, unit: .answers,
      confidence: 0.95, seed: 0)
    #expect(calibration.selection(limit: 0.02) == nil)
  }

  @Test func `the path begins at full depth, and each step is cheaper and less safe`() throws {
    var generator = SeededGenerator(seed: 37)
    let sweep = ExitSweep(
      trace(answers: 80, using: &generator), costs: try costs(), fill: .propagate)
    let front = sweep.front.map { sweep.points[$0].outcome }
    #expect(front.count > 5)
    #expect(front.first?.missCount == 0)
    for (a, b) in zip(front, front.dropFirst()) {
      #expect(a.missCount < b.missCount && a.bytesPerToken > b.bytesPerToken)
    }
    for point in sweep.points {
      let isBeaten = front.contains {
        $0.missCount <= point.outcome.missCount
          && $0.bytesPerToken <= point.outcome.bytesPerToken
      }
      #expect(isBeaten, "\(point.thresholds) is beaten by the path or on it")
    }
  }

  @Test func `a gate that is never asked changes nothing, and one that never opens is full depth`()
    throws
  {
    var generator = SeededGenerator(seed: 41)
    let costs = try costs()
    let plain = trace(answers: 20, using: &generator)
    var column = plain.exits[0]
    column = ExitTrace.Column(
      confidence: column.confidence, gate: column.confidence.map { _ in 0.4 },
      agrees: column.agrees)
    let gated = ExitTrace(depths: [2], exits: [column], last: nil, texts: plain.texts)
    func bytes(_ trace: ExitTrace, gate: Float) -> ExitOutcome {
      trace.outcome(
        of: ExitThresholds(confidence: [0.5], gate: [gate]), costs: costs, fill: .catchUp)
    }
    #expect(bytes(gated, gate: 0) == bytes(plain, gate: 0))
    let closed = bytes(gated, gate: 0.5)
    #expect(closed.missCount == 0 && closed.exits[0] == 0)
    #expect(closed.bytes.reduce(0, +) > costs.dense * closed.count)
    #expect(Double(closed.bytes.reduce(0, +)) < 1.02 * Double(costs.dense * closed.count))
  }
}
