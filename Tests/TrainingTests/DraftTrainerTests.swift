import Dials
import GGUF
import Kernels
import TestSupport
import Testing
import Training
import Transformer

/// Training of a draft head on a tiny model.
struct DraftTrainerTests {
  private func trainer(
    _ base: TinyBase, _ texts: [TrainingText], folder: String, steps: Int = 40, rate: Float = 1e-2,
    tokens: [Int32] = Array(0..<300)
  ) throws -> DraftTrainer {
    let depth = base.weights.blueprint.blockCount
    let cache = try #require(try base.cache(texts, depths: [depth], folder: folder))
    var settings = DraftTraining(steps: steps)
    (settings.inner, settings.shardRows, settings.shardsPerStep) = (32, 16, 6)
    (settings.rate, settings.seed) = (rate, 5)
    return try DraftTrainer(
      settings, weights: base.weights,
      head: FrozenHead(file: base.file, blueprint: base.weights.blueprint), cache: cache,
      texts: texts, tokens: tokens, pool: base.pool)
  }

  @Test func `a head learns what full depth says next, guess after guess`() async throws {
    try await withTemporaryFolder { folder in
      let base = try TinyBase()
      defer { base.pool.dismiss() }
      let trainer = try trainer(base, TinyBase.texts(40, seed: 1), folder: folder, steps: 120)
      let first = try trainer.takeStep().losses
      var last = first
      for _ in 0..<119 { last = try trainer.takeStep().losses }
      #expect(first.count == 3 && last.count == 3)
      for (old, new) in zip(first, last) { #expect(new < 0.8 * old, "\(old) to \(new)") }
    }
  }

  @Test func `the gradient is that of the loss`() async throws {
    try await withTemporaryFolder { folder in
      let base = try TinyBase()
      defer { base.pool.dismiss() }
      let trainer = try trainer(base, TinyBase.texts(24, seed: 2), folder: folder)
      // Some steps first: matrices of zeros have gradients of zero.
      for _ in 0..<3 { _ = try trainer.takeStep() }
      let gradient = trainer.gradientOfNextStep()
      var generator = SeededGenerator(seed: 3)
      for entry in trainer.parameters.entries {
        let values = trainer.parameters.values(of: entry)
        let own = Array(gradient[entry.offset..<entry.offset + entry.count])
        // Along the gradient itself, and along a random direction with it.
        let size = own.reduce(0) { $0 + $1 * $1 }.squareRoot()
        #expect(size > 0, "\(entry.name)")
        let noise = 0.2 / Float(entry.count).squareRoot()
        let direction = own.map { $0 / size + generator.nextNormal() * noise }
        let slope = zip(own, direction).reduce(0.0) { $0 + Double($1.0) * Double($1.1) }
        let before = values.values
        func loss(at distance: Float) -> Double {
          for row in 0..<entry.rows {
            for column in 0..<entry.columns {
              let index = row * entry.columns + column
              values[row][column] = before[index] + distance * direction[index]
            }
          }
          return trainer.lossOfNextStep()
        }
        let step: Float = 4e-3
        let difference = (loss(at: step) - loss(at: -step)) / Double(2 * step)
        _ = loss(at: 0)
        // Losses are summed as floats: that is the tolerance.
        #expect(
          (difference - slope).magnitude < 0.02 * slope.magnitude + 2e-4,
          "\(entry.name): \(difference), \(slope)")
      }
    }
  }

  @Test func `a training has the same bits on one thread and on three`() async throws {
    try await withTemporaryFolder { folder in
      var bits: Set<[UInt32]> = []
      for threads in [1, 3] {
        let base = try TinyBase(threads: threads)
        defer { base.pool.dismiss() }
        let trainer = try trainer(base, TinyBase.texts(20, seed: 4), folder: folder)
        for _ in 0..<5 { _ = try trainer.takeStep() }
        bits.insert(trainer.parameters.values.values.map(\.bitPattern))
      }
      #expect(bits.count == 1)
    }
  }

  @Test func `a training that was stopped goes on bit for bit`() async throws {
    try await withTemporaryFolder { folder in
      let base = try TinyBase()
      defer { base.pool.dismiss() }
      let texts = TinyBase.texts(20, seed: 5)
      let whole = try trainer(base, texts, folder: folder, steps: 9)
      for _ in 0..<9 { _ = try whole.takeStep() }
      let path = folder + "/state.gguf"
      let first = try trainer(base, texts, folder: folder, steps: 9)
      for _ in 0..<5 { _ = try first.takeStep() }
      try first.save(to: path)
      let second = try trainer(base, texts, folder: folder, steps: 9)
      try second.resume(from: try #require(try Checkpoint(path: path)))
      for _ in 0..<4 { _ = try second.takeStep() }
      let isSame =
        second.parameters.values.values.map(\.bitPattern)
        == whole.parameters.values.values.map(\.bitPattern)
      #expect(isSame)
      let other = try trainer(base, texts, folder: folder, steps: 10)
      let checkpoint = try #require(try Checkpoint(path: path))
      #expect(throws: TrainingError.self) { try other.resume(from: checkpoint) }
    }
  }

  @Test func `a NaN loss stops the training before anything is changed`() async throws {
    try await withTemporaryFolder { folder in
      let base = try TinyBase()
      defer { base.pool.dismiss() }
      let trainer = try trainer(base, TinyBase.texts(12, seed: 6), folder: folder)
      let entry = try #require(trainer.parameters.entry(DraftShape.Part.output.name))
      trainer.parameters.values(of: entry)[0][0] = .nan
      let before = trainer.parameters.values.values.map(\.bitPattern)
      let error = #expect(throws: TrainingError.self) { _ = try trainer.takeStep() }
      #expect(error?.code == .diverged)
      let isUnchanged = trainer.parameters.values.values.map(\.bitPattern) == before
      #expect(isUnchanged)
    }
  }

  @Test func `answers with nothing behind a token are refused`() async throws {
    try await withTemporaryFolder { folder in
      let base = try TinyBase()
      defer { base.pool.dismiss() }
      let short = (0..<9).map { index in
        TrainingText(
          tokens: [3, 4, 5, 6].map { TokenID($0) }, targets: [3..<4], isHeldOut: index == 0)
      }
      let error = #expect(throws: TrainingError.self) {
        _ = try trainer(base, short, folder: folder)
      }
      #expect(error?.code == .emptyData)
    }
  }

  @Test func `a head guesses at run time what it guessed in training`() async throws {
    try await withTemporaryFolder { folder in
      let base = try TinyBase()
      defer { base.pool.dismiss() }
      let texts = TinyBase.texts(24, seed: 7)
      let trainer = try trainer(base, texts, folder: folder, steps: 60)
      for _ in 0..<60 { _ = try trainer.takeStep() }
      let score = trainer.evaluate()
      #expect(score.count == 3 * 19 && score.trials[0] == score.count)
      let fingerprint = String(repeating: "a", count: 64)
      let writer = trainer.adapter(
        AdapterHead(
          name: "tiny", license: "MIT", form: .draft,
          base: .init(sha256: fingerprint, name: "tiny", blueprint: base.weights.blueprint),
          exits: [], shortlist: [], recipe: .init()),
        score: score, type: .f32)
      let head = try DraftHead(
        file: GGUFFile(bytes: writer.bytes(), path: "draft.gguf"),
        runtime: ModelRuntime(weights: base.weights, pool: base.pool))
      #expect(head.facts.chances.count == head.facts.bounds.count + 1)
      let hits = try hits(head, texts.filter(\.isHeldOut), base)
      // Rounded activations may tip a guess over.
      #expect((hits - score.hits[0]).magnitude <= 1, "\(hits) and \(score.hits[0])")
    }
  }

  /// How many first guesses of a head are full depth's, over all positions with a guess.
  @inline(never)
  private func hits(_ head: DraftHead, _ texts: [TrainingText], _ base: TinyBase) throws -> Int {
    var hits = 0
    for text in texts {
      let pass = ForwardPass(
        ModelRuntime(weights: base.weights, pool: base.pool), capacity: text.tokens.count,
        rowCapacity: text.tokens.count)
      pass.appendChain(text.tokens)
      pass.run(rows: 0..<text.tokens.count, blocks: 0..<pass.blockCount)
      let said = text.tokens.indices.map { pass.logits(rows: [$0]).argmax(row: 0) }
      for position in text.targets[0].dropLast() {
        let reading = head.read(
          state: pass.stream(row: position - 1), token: text.tokens[position])
        if reading.tokens.first == said[position] { hits += 1 }
      }
    }
    return hits
  }
}
