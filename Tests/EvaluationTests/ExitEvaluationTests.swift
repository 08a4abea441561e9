import Corpus
import Dials
import Evaluation
import GGUF
import Kernels
import Reports
import Techniques
import TestSupport
import Testing
import Transformer

/// Early exits on a given text: a batch of tokens leaves as each would leave alone.
struct ExitEvaluationTests {
  private static let settings: [ExitSetting] = [
    .fixed(depth: 1), .fixed(depth: 3),
    .confidence(
      measure: .top1,
      points: [ExitPoint(depth: 1, threshold: 0.02), ExitPoint(depth: 3, threshold: 0.015)]),
    .confidence(measure: .entropy, points: [ExitPoint(depth: 2, threshold: -5)]),
    .confidence(
      measure: .top1,
      points: [
        ExitPoint(depth: 1, threshold: 0.02, gate: 0.5),
        ExitPoint(depth: 3, threshold: 0.015, gate: 0.4),
      ]),
  ]

  @Test(arguments: settings)
  func `exits in a batch are those of one token at a time`(exit: ExitSetting) throws {
    let model = TinyModel(blockCount: 5, type: .q4_1, seed: 7)
    let adapter = exit.gatedDepths.isEmpty ? nil : TinyAdapter(base: model, depths: [1, 3])
    var generator = SeededGenerator(seed: 12)
    let tokens = (0..<150).map { _ in TokenID(.random(in: 0..<300, using: &generator)) }
    let windows = try TextWindows(tokens, length: 150)
    for (pruned, fill) in [
      (BlockSet.none, FillPolicy.propagate), (BlockSet(indices: [1, 4]), .propagate),
      (.none, .catchUp), (BlockSet(indices: [1, 4]), .catchUp),
    ] {
      let dials = DialSettings(pruned: pruned, exit: exit, mode: .approximate, fill: fill)
      let scores = try evaluate(model, windows, [dials], adapter: adapter)
      let (losses, exitCount) = try oneByOne(model, windows, dials, adapter)
      #expect(exitCount > 0, "\(exit) never leaves: the test is empty")
      let mean = losses.reduce(0, +) / Double(losses.count)
      #expect(scores[1].loss.count == losses.count)
      #expect(abs(scores[1].loss.mean - mean) < 1e-12)
    }
  }

  /// The losses when each scored token is read alone.
  private func oneByOne(
    _ model: TinyModel, _ windows: TextWindows, _ dials: DialSettings, _ adapter: TinyAdapter?
  ) throws -> (losses: [Double], exitCount: Int) {
    let pool = ThreadPool(count: 1)
    defer { pool.dismiss() }
    let weights = try Weights(file: model.file(), pool: pool)
    let exits = try adapter.map { try ExitModules(file: $0.file(), weights: weights, pool: pool) }
    let pass = ForwardPass(
      ModelRuntime(weights: weights, exits: exits, pool: pool), capacity: windows.length)
    let window = windows[0]
    var losses: [Double] = []
    var exitCount = 0
    for place in 0..<windows.scored.upperBound {
      pass.append(Row(token: window[place], position: Position(place), parent: nil))
      let isScored = windows.scored.contains(place)
      let depth = descend(pass, isScored ? dials.exit : .off, pruned: dials.pruned)
      if isScored {
        let logits = pass.logits(rows: [0], at: depth, short: false)
        losses.append(logits.loss(row: 0, of: window[place + 1]))
        exitCount += depth < pass.blockCount ? 1 : 0
      }
      switch dials.fill {
      case .propagate:
        pass.fill(rows: 0..<1, blocks: depth..<pass.blockCount, route: Route(pruned: dials.pruned))
      case .catchUp:
        pass.run(rows: 0..<1, blocks: depth..<pass.blockCount, route: Route(pruned: dials.pruned))
      }
      pass.commit(path: [0], route: Route(pruned: dials.pruned))
    }
    return (losses, exitCount)
  }

  /// Runs the only row as deep as `exit` says.
  private func descend(_ pass: ForwardPass, _ exit: ExitSetting, pruned: BlockSet) -> Int {
    for depth in 0..<pass.blockCount {
      switch exit.technique {
      case let exit as FixedExit where exit.depth == depth: return depth
      case let exit as ConfidenceExit:
        if let point = exit.points.first(where: { $0.depth == depth }),
          pass.gate(row: 0, at: depth) ?? 1 >= point.gate ?? 0
        {
          let readout = pass.logits(rows: [0], at: depth, short: false)
            .readout(row: 0, depth: depth)
          if exit.measure.value(of: readout) > point.threshold { return depth }
        }
      default: break
      }
      pass.run(rows: 0..<1, blocks: depth..<depth + 1, route: Route(pruned: pruned))
    }
    return pass.blockCount
  }
}
