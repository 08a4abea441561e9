import Dials
import GGUF
import Kernels
import TestSupport
import Testing
import Training
import Transformer

/// Training of small feed-forwards on a tiny model.
struct DuoTrainerTests {
  private let texts = TinyBase.texts(16, length: 14, seed: 3)

  private func settings(steps: Int = 20, rank: Int = 32) -> DuoTraining {
    var settings = DuoTraining(steps: steps)
    (settings.inner, settings.rank, settings.batch) = (32, rank, 4)
    (settings.length, settings.positions, settings.rate, settings.seed) = (16, 16, 3e-3, 7)
    (settings.shares, settings.firstPositions) = (0.3...0.7, 400)
    return settings
  }

  private func trainer(
    _ base: TinyBase, _ settings: DuoTraining, _ texts: [TrainingText], folder: String
  ) throws -> DuoTrainer {
    try DuoTrainer(
      settings, base: BaseModel(file: base.file, weights: base.weights), texts: texts,
      teacher: try base.cache(texts, depths: [], topK: 300, folder: folder), pool: base.pool)
  }

  @Test(arguments: [0, 32])
  func `the gradients are those of a double-precision model`(rank: Int) async throws {
    try await withTemporaryFolder { folder in
      let base = try TinyBase(TinyModel(blockCount: 2))
      defer { base.pool.dismiss() }
      var settings = settings(rank: rank)
      settings.batch = 1
      let text = TinyBase.texts(2, length: 9, seed: 4)[1]
      let trainer = try trainer(base, settings, [text], folder: folder)
      #expect(trainer.setFirstValues())
      trainer.perturb(seed: 5)
      let small = try #require(trainer.patternsOfNextStep.first)
      #expect(small.joined().count > 2 && small.joined().allSatisfy { text.positions.contains($0) })
      let teacher = try #require(try base.cache([text], depths: [], topK: 300, folder: folder))
      let definition = DuoDefinition(base, text: text, small: small, teacher: teacher)
      let values = trainer.parameters.values.values
      let gradient = try trainer.gradientOfNextStep()
      var generator = SeededGenerator(seed: 6)
      for entry in trainer.parameters.entries {
        // Some numbers of each: a difference takes two whole losses.
        let chosen = (0..<entry.count).shuffled(using: &generator).prefix(6).map {
          $0 + entry.offset
        }
        expectGradient(
          chosen.map { gradient[$0] }, at: chosen.map { values[$0] }, tolerance: 4e-3
        ) { point in
          var changed = values.map(Double.init)
          for (index, value) in zip(chosen, point) { changed[index] = value }
          return definition.loss(trainer.parameters.named(changed))
        }
      }
    }
  }

  @Test func `a pattern without small feed-forwards is the plain pass bit for bit`() async throws {
    try await withTemporaryFolder { folder in
      let base = try TinyBase()
      defer { base.pool.dismiss() }
      let trainer = try trainer(base, settings(), texts, folder: folder)
      #expect(trainer.setFirstValues())
      var lite = LiteTraining(exits: [], steps: 1)
      lite.length = 16
      let plain = try LiteTrainer(
        lite, base: trainer.base, texts: texts, pool: base.pool
      ).logits(of: texts[1])
      let tokens = texts[1].tokens
      let none = trainer.logits(of: tokens, small: [[], [], []])
      #expect(none.map(\.bitPattern) == plain.map(\.bitPattern))
      // Small at the last row alone: those before it are as they were, to the rounding of other products.
      let last = tokens.count - 1
      let routed = trainer.logits(of: tokens, small: [[], [last], []])
      let before = zip(routed, plain).prefix(300 * last).map { ($0 - $1).magnitude }.max() ?? 1
      let behind = zip(routed, plain).suffix(300).map { ($0 - $1).magnitude }.max() ?? 0
      #expect(before < 1e-4 && behind > 1e-3)
    }
  }

  @Test func `steps bring the routed model nearer to the whole one`() async throws {
    try await withTemporaryFolder { folder in
      let base = try TinyBase()
      defer { base.pool.dismiss() }
      let trainer = try trainer(base, settings(steps: 60), texts, folder: folder)
      #expect(trainer.setFirstValues())
      let losses = try (0..<60).map { _ in try trainer.takeStep().loss }
      let (first, last) = (losses.prefix(10).reduce(0, +), losses.suffix(10).reduce(0, +))
      #expect(last < 0.8 * first, "\(first) to \(last)")
    }
  }

  @Test func `a training is the same on one thread and on three, and after a stop`() async throws {
    try await withTemporaryFolder { folder in
      var bits: Set<[UInt32]> = []
      for threads in [1, 3] {
        let base = try TinyBase(threads: threads)
        defer { base.pool.dismiss() }
        let whole = try trainer(base, settings(steps: 6), texts, folder: folder)
        #expect(whole.setFirstValues())
        for _ in 0..<6 { _ = try whole.takeStep() }
        bits.insert(whole.parameters.values.values.map(\.bitPattern))
        let first = try trainer(base, settings(steps: 6), texts, folder: folder)
        #expect(first.setFirstValues())
        for _ in 0..<3 { _ = try first.takeStep() }
        try first.save(to: folder + "/duo.gguf")
        let second = try trainer(base, settings(steps: 6), texts, folder: folder)
        let checkpoint = try #require(try Checkpoint(path: folder + "/duo.gguf"))
        try second.resume(from: checkpoint)
        for _ in 0..<3 { _ = try second.takeStep() }
        bits.insert(second.parameters.values.values.map(\.bitPattern))
        let other = try trainer(base, settings(steps: 7), texts, folder: folder)
        #expect(throws: TrainingError.self) { try other.resume(from: checkpoint) }
      }
      #expect(bits.count == 1)
    }
  }

  @Test func `a NaN loss stops the training before anything is changed`() async throws {
    try await withTemporaryFolder { folder in
      let base = try TinyBase()
      defer { base.pool.dismiss() }
      let trainer = try trainer(base, settings(), texts, folder: folder)
      let entry = try #require(trainer.parameters.entry("duo.1.bias"))
      trainer.parameters.values(of: entry)[0][0] = .nan
      let before = trainer.parameters.values.values.map(\.bitPattern)
      let error = #expect(throws: TrainingError.self) { _ = try trainer.takeStep() }
      #expect(error?.code == .diverged)
      #expect(trainer.parameters.values.values.map(\.bitPattern) == before)
    }
  }

  @Test func `forms that cannot be stored, and data without answers, are refused`() async throws {
    try await withTemporaryFolder { folder in
      let base = try TinyBase()
      defer { base.pool.dismiss() }
      for change in [
        { (settings: inout DuoTraining) in settings.rank = 48 }, { $0.inner = 40 },
        { $0.inner = 128 }, { $0.shares = 0.5...1.5 },
      ] {
        var wrong = settings()
        change(&wrong)
        let error = #expect(throws: TrainingError.self) {
          _ = try trainer(base, wrong, texts, folder: folder)
        }
        #expect(error?.code == .badSetting)
      }
      var short = settings()
      short.length = 8
      let error = #expect(throws: TrainingError.self) {
        _ = try trainer(base, short, texts, folder: folder)
      }
      #expect(error?.code == .emptyData)
    }
  }

  @Test func `first values beat zeros, and the neurons alone`() async throws {
    try await withTemporaryFolder { folder in
      let base = try TinyBase()
      defer { base.pool.dismiss() }
      let texts = TinyBase.texts(280, length: 16, seed: 8)
      var divergences: [Double] = []
      for rank in [nil, 0, 32] {
        var settings = settings(rank: rank ?? 0)
        settings.firstPositions = 2900
        let trainer = try trainer(base, settings, texts, folder: folder)
        if rank != nil { #expect(trainer.setFirstValues()) }
        let small = (0..<3).map { _ in Array(4..<16) }
        let unseen = TinyBase.texts(4, length: 16, seed: 9)
        divergences.append(
          unseen.reduce(0) { sum, text in
            let whole = trainer.logits(of: text.tokens, small: [[], [], []])
            let routed = trainer.logits(of: text.tokens, small: small)
            return sum + zip(whole, routed).reduce(0) { $0 + Double(($1.0 - $1.1) * ($1.0 - $1.1)) }
          })
      }
      #expect(divergences[1] < 0.95 * divergences[0], "\(divergences)")
      #expect(divergences[2] < 0.95 * divergences[1], "\(divergences)")
    }
  }
}

extension DuoTrainer {
  /// Moves every value a little, so that no gradient is zero by chance.
  fileprivate func perturb(seed: UInt64) {
    var generator = SeededGenerator(seed: seed)
    for entry in parameters.entries {
      let values = parameters.values(of: entry)
      for row in 0..<values.rows {
        for column in 0..<values.columns { values[row][column] += generator.nextNormal() * 0.05 }
      }
    }
  }
}
