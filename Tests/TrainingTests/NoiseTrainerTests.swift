import Dials
import GGUF
import Kernels
import TestSupport
import Testing
import Training
import Transformer

/// A training with noise in its inputs, on a toy of two blocks.
struct NoiseTrainerTests {
  @Test func `the loss and its gradients are those of noisy inputs and clean labels`() throws {
    let setup = try Setup(InputNoise(lengths: 3...3, share: 1))
    defer { setup.base.pool.dismiss() }
    let (text, noise) = (setup.texts[0], try #require(setup.settings.noise))
    let input = noise.input(of: text, seed: setup.settings.seed, item: 0)
    try #require(input.tokens != text.tokens)
    let definition = BaseDefinition(setup.base, factor: 2)
    let trainer = try setup.trainer()
    trainer.perturb(seed: 21)
    let before = trainer.parameters.values.values
    func loss(_ values: [Double], input: [TokenID]) -> Double {
      let changes = trainer.parameters.named(values)
      return definition.loss(text, input: input, changes: changes, exits: [], weights: [])
    }
    let gradients = trainer.gradientOfNextStep()
    for name in ["blk.0.attn_v.weight.lora_a", "blk.1.ffn_down.weight.lora_b"] {
      let entry = try #require(trainer.parameters.entry(name))
      let range = entry.offset..<entry.offset + entry.count
      expectGradient(Array(gradients[range]), at: Array(before[range]), tolerance: 2e-3) { point in
        var values = before.map(Double.init)
        values.replaceSubrange(range, with: point)
        return loss(values, input: input.tokens)
      }
    }
    let (noisy, clean) = (
      loss(before.map(Double.init), input: input.tokens),
      loss(before.map(Double.init), input: text.tokens)
    )
    let step = try trainer.takeStep()
    #expect((step.lastLoss - noisy).magnitude < 1e-3)
    #expect((step.lastLoss - clean).magnitude > 1e-2)
  }

  @Test(arguments: [true, false])
  func `a noise rate of zero is plain fine-tuning bit for bit`(isFull: Bool) throws {
    var bits: Set<[UInt64]> = []
    for noise in [nil, InputNoise(lengths: 2...4, share: 0), InputNoise(lengths: 2...4, share: 1)] {
      var setup = try Setup(noise)
      defer { setup.base.pool.dismiss() }
      setup.texts = TinyBase.texts(10, length: 14, seed: 5)
      (setup.settings.isFull, setup.settings.batch) = (isFull, 5)
      let trainer = try setup.trainer()
      var numbers = trainer.gradientOfNextStep().map { UInt64($0.bitPattern) }
      for _ in 0..<3 { numbers.append(try trainer.takeStep().lastLoss.bitPattern) }
      numbers += trainer.parameters.values.values.map { UInt64($0.bitPattern) }
      bits.insert(numbers)
    }
    #expect(bits.count == 2, "without noise twice the same, with noise another")
  }

  @Test func `noisy steps are the same on one thread and on three, and after a stop`() async throws
  {
    try await withTemporaryFolder { folder in
      var bits: Set<[UInt32]> = []
      for threads in [1, 3] {
        var setup = try Setup(InputNoise(lengths: 1...4, share: 0.5), threads: threads)
        defer { setup.base.pool.dismiss() }
        setup.texts = TinyBase.texts(10, length: 14, seed: 5)
        (setup.settings.steps, setup.settings.batch) = (6, 5)
        let trainer = try setup.trainer()
        for _ in 0..<6 { _ = try trainer.takeStep() }
        bits.insert(trainer.parameters.values.values.map(\.bitPattern))
        let first = try setup.trainer()
        first.before = first.measure(setup.texts.filter(\.isHeldOut))
        for _ in 0..<3 { _ = try first.takeStep() }
        try first.save(to: folder + "/msn.gguf")
        let second = try setup.trainer()
        try second.resume(from: try #require(try Checkpoint(path: folder + "/msn.gguf")))
        #expect(second.before == first.before && second.before != nil)
        for _ in 0..<3 { _ = try second.takeStep() }
        bits.insert(second.parameters.values.values.map(\.bitPattern))
        setup.settings.noise?.share = 0.6
        let other = try setup.trainer()
        #expect(throws: TrainingError.self) {
          try other.resume(from: try #require(try Checkpoint(path: folder + "/msn.gguf")))
        }
      }
      #expect(bits.count == 1)
    }
  }

  @Test(.slow) func `noise teaches what plain fine-tuning does not: to go on behind it`() throws {
    var accuracies: [Double] = []
    for share: Float in [0, 1] {
      var setup = try Setup(InputNoise(lengths: 2...2, share: share))
      defer { setup.base.pool.dismiss() }
      let texts = (0..<4).map { index in
        var generator = SeededGenerator(seed: UInt64(200 + index))
        let tokens = (0..<12).map { _ in TokenID(Int.random(in: 3..<300, using: &generator)) }
        return TrainingText(tokens: tokens, targets: [3..<12])
      }
      setup.texts = texts
      (setup.settings.steps, setup.settings.batch) = (400, 4)
      (setup.settings.rank, setup.settings.rate) = (16, 1e-2)
      let trainer = try setup.trainer()
      for _ in 0..<400 { _ = try trainer.takeStep() }
      // Each copy of a text gets noise at another place.
      let measure = trainer.measure((0..<8).flatMap { _ in texts })
      #expect(measure.losses.count == 1 && measure.losses[0] < 0.5, "\(measure)")
      accuracies.append(try #require(measure.noisyAccuracy))
    }
    #expect(accuracies[1] > 0.8 && accuracies[0] < 0.6, "\(accuracies)")
  }

  @Test func `a measurement keeps every bit in a checkpoint's line`() {
    for measure in [
      LiteMeasure(losses: [1 / 3, .pi], noisyAccuracy: 1 / 7), LiteMeasure(losses: [0.1]),
      LiteMeasure(losses: [.infinity]),
    ] {
      #expect(LiteMeasure(measure.description) == measure)
    }
    for line in ["", "x", "1,y", ";0.5", "1;2;3"] { #expect(LiteMeasure(line) == nil, "\(line)") }
  }
}

/// A two-block toy and the settings of a training on it.
private struct Setup {
  let base: TinyBase
  var settings: LiteTraining
  var texts: [TrainingText]

  @inline(never)
  init(_ noise: InputNoise?, threads: Int = 1) throws {
    base = try TinyBase(TinyModel(blockCount: 2), threads: threads)
    settings = LiteTraining(exits: [], steps: 10)
    settings.noise = noise
    (settings.rank, settings.alpha) = (4, 8)
    (settings.batch, settings.length, settings.positions) = (1, 16, 16)
    var generator = SeededGenerator(seed: 1)
    let tokens = (0..<9).map { _ in TokenID(Int.random(in: 3..<300, using: &generator)) }
    texts = [TrainingText(tokens: tokens, targets: [2..<9])]
  }

  @inline(never)
  func trainer() throws -> LiteTrainer {
    try LiteTrainer(
      settings, base: try BaseModel(file: base.file, weights: base.weights), texts: texts,
      pool: base.pool)
  }
}
