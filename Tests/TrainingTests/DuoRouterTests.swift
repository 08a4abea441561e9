import Dials
import Files
import Foundation
import GGUF
import Kernels
import TestSupport
import Testing
import Training
import Transformer

/// What routers learn from, and what they learn, on tiny models.
struct DuoRouterTests {
  private func settings(labels: Int) -> DuoTraining {
    var settings = DuoTraining(steps: 0)
    (settings.inner, settings.rank, settings.length) = (32, 32, 24)
    (settings.labels, settings.horizon, settings.seed) = (labels, 2, 3)
    return settings
  }

  private func head(_ base: TinyBase) -> AdapterHead {
    AdapterHead(
      name: "duo", license: "MIT", form: .duo,
      base: AdapterHead.Base(sha256: "abc", name: "Tiny", blueprint: base.weights.blueprint),
      exits: [], shortlist: [], recipe: AdapterHead.Recipe())
  }

  private func trainer(
    _ base: TinyBase, _ texts: [TrainingText], _ settings: DuoTraining
  ) throws -> DuoTrainer {
    try DuoTrainer(
      settings, base: BaseModel(file: base.file, weights: base.weights), texts: texts, teacher: nil,
      pool: base.pool)
  }

  private func runtime(
    _ trainer: DuoTrainer, _ base: TinyBase, routers: [Router]
  ) throws -> ModelRuntime {
    let small = try trainer.stored(
      head(base), routers: routers, type: .f32, weights: base.weights)
    return ModelRuntime(weights: base.weights, feedForwards: small, pool: base.pool)
  }

  @Test(arguments: [BlockSet.none, BlockSet(indices: [1])])
  func `damages in one tree are those of two passes`(pattern: BlockSet) throws {
    let base = try TinyBase()
    defer { base.pool.dismiss() }
    let trainer = try trainer(base, TinyBase.texts(12, seed: 1), settings(labels: 20))
    let router = Router(weights: (0..<64).map { Float($0 % 7) / 9 - 0.3 }, bias: 0.5)
    let runtime = try runtime(trainer, base, routers: [router, router, router])
    let text = trainer.texts[0].tokens
    let reader = DamageReader(runtime, base: trainer.base, length: 32, horizon: 2)
    let patterns = [pattern, .none, pattern]
    reader.begin()
    // A position read before leaves nothing behind.
    _ = reader.read(text, at: 5, patterns: patterns)
    let reading = reader.read(text, at: 9, patterns: patterns)

    /// The logits behind positions 9, 10 and 11.
    func logits(small: BlockSet) -> [[Float]] {
      let pass = ForwardPass(runtime, capacity: 32)
      pass.read(text[..<9])
      pass.appendChain(text[9..<12])
      let routes = [Route(small: small)] + patterns[1...].map { Route(small: $0) }
      pass.run(rows: 0..<3, blocks: 0..<3, routes: routes)
      let logits = pass.logits(rows: [0, 1, 2])
      return (0..<3).map { Array(logits[$0]) }
    }
    for block in 0..<3 {
      let index = BlockIndex(block)
      let (big, small) = (
        pattern.subtracting(BlockSet(indices: [block])), pattern.union(BlockSet(indices: [block]))
      )
      let expected = zip(logits(small: big), logits(small: small)).reduce(0) {
        $0 + Self.divergence($1.0, $1.1)
      }
      let damage = reading.damages[index.rawValue]
      #expect(expected > 1e-3)
      #expect((damage - expected).magnitude < 1e-4 + 1e-3 * expected, "\(damage), \(expected)")
    }
    // The router in the pass reads the same stream.
    let pass = ForwardPass(runtime, capacity: 32)
    pass.read(text[..<9])
    pass.appendChain(text[9..<10])
    pass.run(
      rows: 0..<1, blocks: 0..<3, route: Route(small: pattern),
      rule: FeedForwardRule(offset: -.infinity))
    for block in 0..<3 where !pattern.contains(BlockIndex(block)) {
      let score = zip(reading.inputs[block], router.weights).reduce(router.bias) {
        $0 + $1.0 * $1.1
      }
      #expect((score - pass.routerScores(row: 0)[block]).magnitude < 0.02)
    }
  }

  /// KL(p ‖ q) of two rows of logits, by its definition.
  private static func divergence(_ p: [Float], _ q: [Float]) -> Double {
    let (a, b) = (Definition.softmax(p.map(Double.init)), Definition.softmax(q.map(Double.init)))
    return zip(a, b).reduce(0) { $0 + $1.0 * (logarithm($1.0) - logarithm($1.1)) }
  }

  /// The small feed-forwards add nothing.
  @Test func `routers find the tokens that need a block`() throws {
    let base = try TinyBase(file: PlantedModel.file())
    defer { base.pool.dismiss() }
    let texts = TinyBase.texts(40, seed: 2)
    let trainer = try trainer(base, texts, settings(labels: 160))
    let labels = try #require(
      DamageLabels.read(
        trainer.texts, settings: trainer.settings,
        runtime: try runtime(trainer, base, routers: trainer.emptyRouters), base: trainer.base))
    #expect(labels.count == 160)
    let fit = try RouterFit(labels, pool: base.pool)
    #expect(fit.explained.within > 0.5)
    let runtime = try runtime(trainer, base, routers: fit.routers)
    let pass = ForwardPass(runtime, capacity: 32)
    let text = TinyBase.texts(9, seed: 5)[8].tokens
    pass.appendChain(text)
    pass.run(
      rows: text.indices, blocks: 0..<2, rule: FeedForwardRule(offset: -.infinity))
    let scores = text.indices.map { (PlantedModel.needsBig(text[$0]), pass.routerScores(row: $0)) }
    let needed = scores.filter { $0.0 }.map { $0.1[1] }
    let others = scores.filter { !$0.0 }.map { $0.1[1] }
    #expect(needed.count > 3 && others.count > 3)
    let (lowest, highest) = (try #require(needed.min()), try #require(others.max()))
    #expect(lowest > highest)
    // Block 0 does nothing: its damage is the least that counts.
    #expect(scores.allSatisfy { $0.1[0] < -11 })

    let points = try #require(
      try DuoPoints(runtime, texts: texts.filter(\.isHeldOut), positions: 100).measured())
    #expect(points.count >= 2 && points.map(\.share) == points.map(\.share).sorted())
    #expect(points.map(\.offset) == points.map(\.offset).sorted(by: >))
    // With every second feed-forward small the model says nearly what it said.
    let half = try #require(points.last { $0.share <= 0.5 })
    #expect(half.divergence < 0.05 && half.agreement > 0.9, "\(points)")
  }

  @Test func `too few labels and no held-out answers are refused`() throws {
    let base = try TinyBase()
    defer { base.pool.dismiss() }
    let texts = TinyBase.texts(6, seed: 1)
    let trainer = try trainer(base, texts, settings(labels: 4))
    let runtime = try runtime(trainer, base, routers: trainer.emptyRouters)
    let labels = try #require(
      DamageLabels.read(
        trainer.texts, settings: trainer.settings, runtime: runtime, base: trainer.base))
    var error = #expect(throws: TrainingError.self) { _ = try RouterFit(labels, pool: base.pool) }
    #expect(error?.code == .emptyData)
    error = #expect(throws: TrainingError.self) {
      _ = try DuoPoints(runtime, texts: [], positions: 9).measured()
    }
    #expect(error?.code == .emptyData)
    let stopped = DamageLabels.read(
      trainer.texts, settings: trainer.settings, runtime: runtime, base: trainer.base
    ) { _, _ in false }
    #expect(stopped == nil)
  }

  @Test func `a system gives back what it was made of, and its leading directions`() {
    var generator = SeededGenerator(seed: 4)
    let n = 40
    func random(_ rows: Int, _ columns: Int) -> DoubleMatrix {
      DoubleMatrix(
        rows, columns, (0..<rows * columns).map { _ in Double(generator.nextNormal()) })
    }
    let a = random(60, n)
    let square = a.transposed * a
    let x = random(n, 3)
    let solved = SymmetricSystem(square, ridge: 0).solve(square * x)
    for (found, planted) in zip(solved.values, x.values) {
      #expect((found - planted).magnitude < 1e-8)
    }
    // Three directions far above the others.
    let directions = random(n, 3)
    let spiked = (directions * directions.transposed).adding(
      random(n, 1), times: DoubleMatrix(1, n), factor: 1)
    let basis = spiked.leadingEigenvectors(3)
    let projected = basis * (basis.transposed * directions)
    for (found, planted) in zip(projected.values, directions.values) {
      #expect((found - planted).magnitude < 1e-6)
    }
  }
}
