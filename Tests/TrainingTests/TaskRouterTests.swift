import GGUF
import Kernels
import TestSupport
import Testing
import Training
import Transformer

/// Routers that are trained on the model's own loss, on tiny models.
struct TaskRouterTests {
  private func settings(steps: Int, share: Float, batch: Int = 4) -> DuoTraining {
    var settings = DuoTraining(steps: 0)
    (settings.inner, settings.rank, settings.batch, settings.length) = (32, 32, batch, 16)
    (settings.firstPositions, settings.seed) = (400, 7)
    settings.router.method = .task
    (settings.router.steps, settings.router.share, settings.router.rate) = (steps, share, 3e-2)
    return settings
  }

  private func trainer(
    _ base: TinyBase, _ settings: DuoTraining, _ texts: [TrainingText], folder: String
  ) throws -> DuoTrainer {
    try DuoTrainer(
      settings, base: BaseModel(file: base.file, weights: base.weights), texts: texts,
      teacher: try base.cache(texts, depths: [], topK: 300, folder: folder), pool: base.pool)
  }

  /// Random routers of this size.
  private func routers(_ count: Int, deviation: Float, seed: UInt64) -> [Router] {
    var generator = SeededGenerator(seed: seed)
    return (0..<count).map { _ in
      Router(
        weights: randomValues(64, deviation: deviation, using: &generator),
        bias: generator.nextNormal() * deviation)
    }
  }

  /// Far from the share that the budget holds, so that its term is not small beside the other.
  @Test(arguments: [Float(0), 3])
  func `the gradients are those of mixtures in double precision`(weight: Float) async throws {
    try await withTemporaryFolder { folder in
      let base = try TinyBase(TinyModel(blockCount: 2))
      defer { base.pool.dismiss() }
      var settings = settings(steps: 5, share: 0.9, batch: 2)
      (settings.router.weight, settings.router.sharpness) = (weight, 2...2)
      // Of different lengths: the budget's mean is that of all positions, not the mean of texts' means.
      let texts = [9, 13].map { TinyBase.texts(2, length: $0, seed: 4)[1] }
      let trainer = try trainer(base, settings, texts, folder: folder)
      #expect(trainer.setFirstValues())
      let routing = try RouterTrainer(trainer)
      routing.start(at: routers(2, deviation: 0.1, seed: 5), offset: 0.1)
      let teacher = try #require(try base.cache(texts, depths: [], topK: 300, folder: folder))
      let definitions = [
        DuoDefinition(base, text: texts[0], teacher: teacher),
        DuoDefinition(base, text: texts[1], teacher: teacher, first: texts[0].targetCount),
      ]
      let small = trainer.parameters.named(trainer.parameters.values.values.map(Double.init))
      let (parameters, values) = (routing.parameters, routing.parameters.values.values)
      func loss(_ numbers: [Double]) -> Double {
        let readings = definitions.map {
          $0.mixture(small, routers: parameters.named(numbers), sharpness: 2)
        }
        let count = texts.reduce(0) { $0 + $1.positions.count } * 2
        let distance = readings.reduce(0) { $0 + $1.shareSum } / Double(count) - 0.9
        return readings.reduce(0) { $0 + $1.divergence } / 2 + Double(weight) * distance * distance
      }
      let gradient = routing.gradientOfNextStep()
      var generator = SeededGenerator(seed: 6)
      for entry in parameters.entries {
        let chosen = (0..<entry.count).shuffled(using: &generator).prefix(6).map {
          $0 + entry.offset
        }
        expectGradient(
          chosen.map { gradient[$0] }, at: chosen.map { values[$0] }, tolerance: 4e-3
        ) { point in
          var changed = values.map(Double.init)
          for (index, value) in zip(chosen, point) { changed[index] = value }
          return loss(changed)
        }
      }
    }
  }

  @Test func `mixtures of nothing and all are the choices themselves`() async throws {
    try await withTemporaryFolder { folder in
      let base = try TinyBase()
      defer { base.pool.dismiss() }
      let texts = TinyBase.texts(16, length: 14, seed: 3)
      let trainer = try trainer(base, settings(steps: 5, share: 0.5), texts, folder: folder)
      #expect(trainer.setFirstValues())
      let routing = try RouterTrainer(trainer)
      routing.start(at: routers(3, deviation: 1e4, seed: 8), offset: 0)
      let text = texts[1]
      let (logits, shares) = routing.reading(of: text, step: 1)
      let all = shares.joined()
      #expect(all.allSatisfy { $0 < 1e-6 || $0 > 1 - 1e-6 })
      #expect(all.contains { $0 < 0.5 } && all.contains { $0 > 0.5 })
      let small = shares.map { zip(text.positions, $0).filter { $0.1 < 0.5 }.map(\.0) }
      let hard = trainer.logits(of: text.tokens, small: small)
      #expect(zip(logits, hard).allSatisfy { ($0 - $1).magnitude < 1e-4 })
      let whole = trainer.logits(of: text.tokens, small: [[], [], []])
      #expect(zip(logits, whole).contains { ($0 - $1).magnitude > 1e-2 })
    }
  }

  @Test(arguments: [Float(0.4), 0.7])
  func `routers come to the share that the budget holds`(share: Float) async throws {
    try await withTemporaryFolder { folder in
      let base = try TinyBase()
      defer { base.pool.dismiss() }
      let texts = TinyBase.texts(16, length: 14, seed: 3)
      // All texts in each step: the shares of some are not the shares of all.
      let settings = settings(steps: 80, share: share, batch: 14)
      let trainer = try trainer(base, settings, texts, folder: folder)
      #expect(trainer.setFirstValues())
      let routing = try RouterTrainer(trainer)
      #expect((routing.share - Double(share)).magnitude < 1e-4)
      let losses = try (0..<80).map { _ in try routing.takeStep().loss }
      #expect((routing.share - Double(share)).magnitude < 0.02, "\(routing.share)")
      #expect(losses.allSatisfy { $0 > 0 })
      // At the last step's sharpness most mixtures are choices.
      let shares = routing.reading(of: texts[1], step: 80).shares.joined()
      #expect(shares.count { $0 < 0.1 || $0 > 0.9 } > shares.count / 2)
      // What a pass reads are the logits of these shares.
      #expect(routing.found.count == 3 && routing.found[0].weights.contains { $0 != 0 })
    }
  }

  /// With one sixth of feed-forwards big there are as many as are needed: block 1's for every third token.
  @Test func `one budget for all blocks is spent where it counts`() async throws {
    try await withTemporaryFolder { folder in
      let base = try TinyBase(file: PlantedModel.file())
      defer { base.pool.dismiss() }
      let texts = TinyBase.texts(40, length: 16, seed: 2)
      let trainer = try trainer(base, settings(steps: 120, share: 0.17), texts, folder: folder)
      let routing = try RouterTrainer(trainer)
      for _ in 0..<120 { _ = try routing.takeStep() }
      var (needed, others, idle): ([Float], [Float], [Float]) = ([], [], [])
      for text in texts.prefix(8) {
        let shares = routing.reading(of: text, step: 120).shares
        for (place, position) in text.positions.enumerated() {
          idle.append(shares[0][place])
          if PlantedModel.needsBig(text.tokens[position]) {
            needed.append(shares[1][place])
          } else {
            others.append(shares[1][place])
          }
        }
      }
      func mean(_ x: [Float]) -> Float { x.reduce(0, +) / Float(max(1, x.count)) }
      #expect(mean(needed) > 0.6, "\(mean(needed)), \(mean(others)), \(mean(idle))")
      #expect(mean(others) < 0.2 && mean(idle) < 0.2)
    }
  }

  @Test func `steps are the same on one thread and on three, and after a stop`() async throws {
    try await withTemporaryFolder { folder in
      let texts = TinyBase.texts(16, length: 14, seed: 3)
      let path = folder + "/routers.gguf"
      var bits: Set<[UInt32]> = []
      for threads in [1, 3] {
        let base = try TinyBase(threads: threads)
        defer { base.pool.dismiss() }
        let trainer = try trainer(base, settings(steps: 6, share: 0.6), texts, folder: folder)
        #expect(trainer.setFirstValues())
        let whole = try RouterTrainer(trainer)
        for _ in 0..<6 { _ = try whole.takeStep() }
        let first = try RouterTrainer(trainer)
        for _ in 0..<3 { _ = try first.takeStep() }
        try first.save(to: path)
        let checkpoint = try #require(try Checkpoint(path: path))
        let second = try RouterTrainer(trainer)
        try second.resume(from: checkpoint)
        for _ in 0..<3 { _ = try second.takeStep() }
        for routing in [whole, second] {
          bits.insert(routing.parameters.values.values.map(\.bitPattern))
        }
        // Other small feed-forwards are another training.
        let entry = try #require(trainer.parameters.entry("duo.1.bias"))
        trainer.parameters.values(of: entry)[0][0] += 1
        #expect(throws: TrainingError.self) { try second.resume(from: checkpoint) }
      }
      #expect(bits.count == 1)
    }
  }

  @Test func `routers need predictions, a share and finite losses`() async throws {
    try await withTemporaryFolder { folder in
      let base = try TinyBase()
      defer { base.pool.dismiss() }
      let texts = TinyBase.texts(16, length: 14, seed: 3)
      for share in [Float(0), 1, .nan] {
        let error = #expect(throws: TrainingError.self) {
          _ = try trainer(base, settings(steps: 5, share: share), texts, folder: folder)
        }
        #expect(error?.code == .badSetting)
      }
      let bare = try DuoTrainer(
        settings(steps: 5, share: 0.5),
        base: BaseModel(file: base.file, weights: base.weights), texts: texts, teacher: nil,
        pool: base.pool)
      #expect(throws: TrainingError.self) { _ = try RouterTrainer(bare) }
      let routing = try RouterTrainer(
        trainer(base, settings(steps: 5, share: 0.5), texts, folder: folder))
      let bias = try #require(routing.parameters.entry("duo.1.router.bias"))
      routing.parameters.values(of: bias)[0][0] = .nan
      let before = routing.parameters.values.values.map(\.bitPattern)
      let error = #expect(throws: TrainingError.self) { _ = try routing.takeStep() }
      #expect(error?.code == .diverged)
      #expect(routing.parameters.values.values.map(\.bitPattern) == before)
    }
  }
}
