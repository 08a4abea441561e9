import Dials
import Files
import GGUF
import Kernels
import TestSupport
import Testing
import Training
import Transformer

struct LiteTrainerTests {
  @Test(.slow) func `the joint loss's gradients are those of a double-precision model`() throws {
    let setup = try Setup(exits: [1], weights: [0.5])
    defer { setup.base.pool.dismiss() }
    let trainer = try setup.trainer()
    trainer.perturb(seed: 3)
    let before = trainer.parameters.values.values
    let definition = BaseDefinition(setup.base, factor: 2)
    let gradients = trainer.gradientOfNextStep()
    for name in setup.names {
      let entry = try #require(trainer.parameters.entry(name))
      let range = entry.offset..<entry.offset + entry.count
      expectGradient(Array(gradients[range]), at: Array(before[range]), tolerance: 2e-3) { point in
        var values = before.map(Double.init)
        values.replaceSubrange(range, with: point)
        return definition.loss(
          setup.texts[0], changes: trainer.parameters.named(values), exits: [1], weights: [0.5])
      }
    }
  }

  @Test func `gradients of whole projections are those of a double-precision model`() throws {
    var setup = try Setup(exits: [1], weights: [0.5])
    defer { setup.base.pool.dismiss() }
    setup.settings.isFull = true
    let trainer = try setup.trainer()
    #expect(trainer.parameters.entries.count == 14)
    var definition = BaseDefinition(setup.base, factor: 1)
    let values = trainer.parameters.values.values
    let gradients = trainer.gradientOfNextStep()
    var generator = SeededGenerator(seed: 31)
    for name in ["attn_q", "attn_k", "attn_v", "attn_output", "ffn_gate", "ffn_up", "ffn_down"] {
      let name = "blk.\(Int.random(in: 0..<2, using: &generator)).\(name).weight"
      let entry = try #require(trainer.parameters.entry(name))
      let plain = try #require(definition.tensors[name])
      // Some numbers of each matrix: a difference takes two whole losses.
      let chosen = (0..<24).map { _ in Int.random(in: 0..<entry.count, using: &generator) }
      expectGradient(
        chosen.map { gradients[entry.offset + $0] }, at: chosen.map { values[entry.offset + $0] },
        tolerance: 2e-3
      ) { point in
        var tensor = plain
        for (index, value) in zip(chosen, point) { tensor[index] = value }
        definition.tensors[name] = tensor
        return definition.loss(setup.texts[0], changes: [:], exits: [1], weights: [0.5])
      }
      definition.tensors[name] = plain
    }
  }

  @Test
  func `steps of whole projections bring the loss down, and the model that is written has it`()
    async throws
  {
    try await withTemporaryFolder { folder in
      var setup = try Setup(exits: [1], weights: [1])
      defer { setup.base.pool.dismiss() }
      setup.settings.isFull = true
      setup.settings.steps = 10
      setup.settings.rate = 3e-3
      let trainer = try setup.trainer()
      let first = try trainer.takeStep()
      var last = first
      for _ in 1..<10 { last = try trainer.takeStep() }
      #expect(last.lastLoss < 0.8 * first.lastLoss)
      #expect((last.exitLosses[0] ?? 9) < 0.9 * (first.exitLosses[0] ?? 0))

      let path = folder + "/model.gguf"
      try trainer.model(over: setup.base.file, setup.head, type: .f32).write(to: OutputFile(path))
      let file = try GGUFFile(path: path)
      #expect(file.metadata["general.name"] == .string("lite"))
      #expect(file.metadata["fathom.base.sha256"] == .string("abc"))
      #expect(file.tensors.map(\.name) == setup.base.file.tensors.map(\.name))
      let text = setup.texts[0]
      try Self.expect(trainer.logits(of: text), toBeThoseOf: file, text)
    }
  }

  @Test func `texts that go through the base together are texts alone`() throws {
    var setup = try Setup(exits: [1], weights: [0.5])
    defer { setup.base.pool.dismiss() }
    // Two for each gradient accumulator, of different lengths.
    let texts = (0..<8).flatMap { TinyBase.texts(1, length: 8 + $0, seed: UInt64($0)) }
    setup.texts = texts.map { TrainingText(tokens: $0.tokens, targets: $0.targets) }
    setup.settings.batch = 8
    func gradients(_ setup: Setup) throws -> [Float] {
      let trainer = try setup.trainer()
      trainer.perturb(seed: 14)
      return trainer.gradientOfNextStep()
    }
    let together = try gradients(setup)
    var alone = [Double](repeating: 0, count: together.count)
    for text in setup.texts {
      var single = setup
      single.texts = [text]
      single.settings.batch = 1
      for (index, gradient) in try gradients(single).enumerated() {
        alone[index] += Double(gradient) / 8
      }
    }
    let largest = alone.map(\.magnitude).max() ?? 0
    #expect(largest > 0)
    for (a, b) in zip(together, alone) { #expect((Double(a) - b).magnitude < 1e-5 * largest) }
  }

  @Test func `a training reads no more texts than its steps take`() throws {
    var settings = LiteTraining(exits: [1], steps: 3)
    settings.batch = 4
    settings.length = 24
    let texts = TinyBase.texts(400, length: 24, seed: 3) + TinyBase.texts(8, length: 30, seed: 4)
    let used = settings.used(of: texts)
    #expect(used.count { $0.isHeldOut } == 24 && used.count { !$0.isHeldOut } == 12)
    #expect(used.allSatisfy { texts[..<400].contains($0) })
    #expect(settings.used(of: texts) == used)
    settings.steps = 1000
    #expect(settings.used(of: texts).count { !$0.isHeldOut } == 350)
  }

  @Test func `exits without weight leave the plain loss and its gradients`() throws {
    let plain = try Setup(exits: [], weights: [])
    defer { plain.base.pool.dismiss() }
    let weightless = try Setup(exits: [1], weights: [0])
    defer { weightless.base.pool.dismiss() }
    let (a, b) = (try plain.trainer(), try weightless.trainer())
    a.perturb(seed: 4)
    b.perturb(seed: 4)
    #expect(
      a.gradientOfNextStep().map(\.bitPattern) == b.gradientOfNextStep().map(\.bitPattern))
  }

  @Test func `a change whose B is zero is the base bit for bit`() throws {
    let setup = try Setup(exits: [1], weights: [1])
    defer { setup.base.pool.dismiss() }
    let trainer = try setup.trainer()
    let changed = trainer.logits(of: setup.texts[0])
    let entries = trainer.parameters.entries.filter { $0.name.hasSuffix(".lora_a") }
    #expect(entries.count == 14)
    for entry in entries { trainer.parameters.values(of: entry).clear() }
    #expect(trainer.logits(of: setup.texts[0]).map(\.bitPattern) == changed.map(\.bitPattern))

    try Self.expect(changed, toBeThoseOf: setup.base.file, setup.texts[0])
  }

  /// Expects logits to be those of the reference pass over the file.
  private static func expect(
    _ logits: [Float], toBeThoseOf file: GGUFFile, _ text: TrainingText
  ) throws {
    let reference = try ReferencePass(file: file).run(text.tokens).logits.joined()
    #expect(logits.count == reference.count && logits.count == 300 * text.tokens.count)
    for (logit, exact) in zip(logits, reference) {
      #expect((Double(logit) - exact).magnitude < 1e-3)
    }
  }

  @Test func `four texts are learnt by heart`() throws {
    var setup = try Setup(exits: [1], weights: [1])
    defer { setup.base.pool.dismiss() }
    setup.texts = (0..<4).map { index in
      var generator = SeededGenerator(seed: UInt64(100 + index))
      let tokens = (0..<8).map { _ in TokenID(Int.random(in: 3..<300, using: &generator)) }
      return TrainingText(tokens: tokens, targets: [2..<8])
    }
    setup.settings.steps = 800
    setup.settings.batch = 4
    setup.settings.rank = 16
    setup.settings.rate = 1e-2
    let trainer = try setup.trainer()
    var last = 100.0
    for _ in 0..<800 { last = try trainer.takeStep().lastLoss }
    // An untrained model needs 5.7 nats a token. The exit's share of the joint loss has a floor: one
    // block cannot tell all places of the texts apart.
    #expect(last < 0.3)
  }

  @Test func `a guard pulls full depth back to the base`() async throws {
    try await withTemporaryFolder { folder in
      var losses: [Double] = []
      for weight: Float in [0, 20] {
        var setup = try Setup(exits: [1], weights: [1])
        defer { setup.base.pool.dismiss() }
        setup.texts = TinyBase.texts(8, length: 12, seed: 9)
        setup.settings.steps = 30
        setup.settings.batch = 4
        setup.settings.rate = 1e-2
        setup.settings.guardWeight = weight
        let cache = try setup.base.cache(setup.texts, depths: [], topK: 16, folder: folder)
        let trainer = try setup.trainer(guardCache: cache)
        for _ in 0..<30 { _ = try trainer.takeStep() }
        setup.settings.guardWeight = 0
        losses.append(try Self.drift(setup, trainer))
      }
      #expect(losses[1] < 0.5 * losses[0], "\(losses)")
    }
  }

  @Test func `a step is the same on one thread and on three, and after a stop`() async throws {
    try await withTemporaryFolder { folder in
      var bits: Set<[UInt32]> = []
      for threads in [1, 3] {
        var setup = try Setup(exits: [1], weights: [1], threads: threads)
        defer { setup.base.pool.dismiss() }
        setup.texts = TinyBase.texts(10, length: 12, seed: 5)
        setup.settings.steps = 6
        setup.settings.batch = 5
        setup.settings.rotates = true
        let trainer = try setup.trainer()
        for _ in 0..<6 { _ = try trainer.takeStep() }
        bits.insert(trainer.parameters.values.values.map(\.bitPattern))
        let first = try setup.trainer()
        for _ in 0..<3 { _ = try first.takeStep() }
        try first.save(to: folder + "/lite.gguf")
        let second = try setup.trainer()
        try second.resume(from: try #require(try Checkpoint(path: folder + "/lite.gguf")))
        for _ in 0..<3 { _ = try second.takeStep() }
        bits.insert(second.parameters.values.values.map(\.bitPattern))
      }
      #expect(bits.count == 1)
    }
  }

  @Test func `the adapter has llama.cpp's names and the exits' norms`() async throws {
    try await withTemporaryFolder { folder in
      let setup = try Setup(exits: [1], weights: [1])
      defer { setup.base.pool.dismiss() }
      try setup.trainer().adapter(setup.head, type: .f16).write(
        to: OutputFile(folder + "/lite.gguf"))
      let file = try GGUFFile(path: folder + "/lite.gguf")
      #expect(file.metadata["adapter.type"] == .string("lora"))
      #expect(file.metadata["adapter.lora.alpha"]?.double == 8)
      #expect(file.tensor(named: "blk.0.attn_q.weight.lora_a")?.shape == [64, 4])
      #expect(file.tensor(named: "blk.1.ffn_down.weight.lora_b")?.shape == [4, 64])
      #expect(file.tensor(named: "exit.1.output_norm.weight")?.shape == [64])
      #expect(try AdapterHead(metadata: file.metadata).alpha == 8)
      // What llama.cpp does not know must end so that it passes over it.
      for tensor in file.tensors {
        #expect([".lora_a", ".lora_b", "_norm.weight"].contains { tensor.name.hasSuffix($0) })
      }
    }
  }

  /// The toy's weights are floats: what is left are float32 arithmetic, and the codes of eight bits in
  /// which a pass keeps keys and values.
  @Test(arguments: [1, 4])
  func `a pass with the adapter computes what was trained`(rank: Int) async throws {
    try await withTemporaryFolder { folder in
      var setup = try Setup(exits: [1], weights: [1])
      defer { setup.base.pool.dismiss() }
      setup.settings.rank = rank
      setup.settings.alpha = Float(2 * rank)
      let trainer = try setup.trainer()
      trainer.perturb(seed: 12)
      let path = folder + "/lite.gguf"
      try trainer.adapter(setup.head, type: .f32).write(to: OutputFile(path))
      let exits = try ExitModules(
        file: GGUFFile(path: path), weights: setup.base.weights, pool: setup.base.pool)
      let pass = ForwardPass(
        ModelRuntime(weights: setup.base.weights, exits: exits, pool: setup.base.pool),
        capacity: 32)
      let text = setup.texts[0]
      pass.appendChain(text.tokens)
      pass.run(rows: 0..<text.tokens.count, blocks: 0..<pass.blockCount)
      let trained = trainer.logits(of: text)
      let run = text.tokens.indices.flatMap { Array(pass.logits(rows: [$0])[0]) }
      let spread = Self.deviation(trained)
      #expect(Self.deviation(zip(trained, run).map { $0 - $1 }) < 0.015 * spread)
      let base = try setup.trainer().logits(of: text)
      #expect(Self.deviation(zip(trained, base).map { $0 - $1 }) > 0.1 * spread)
    }
  }

  /// The root of the mean square.
  private static func deviation(_ x: [Float]) -> Double {
    (x.reduce(0) { $0 + Double($1 * $1) } / Double(x.count)).squareRoot()
  }

  @Test func `the published exits are every fourth block of 32`() {
    #expect(LiteTraining.publishedExits(blockCount: 32) == [8, 12, 16, 20, 24, 28])
    #expect(LiteTraining.publishedExits(blockCount: 2) == [1])
    for count in 2...80 {
      let exits = LiteTraining.publishedExits(blockCount: count)
      #expect(!exits.isEmpty && exits.allSatisfy { (1..<count).contains($0) })
    }
  }

  /// The mean squared distance of the logits at full depth from the base's.
  private static func drift(_ setup: Setup, _ trainer: LiteTrainer) throws -> Double {
    let base = try setup.trainer()
    let text = setup.texts[1]
    let (a, b) = (trainer.logits(of: text), base.logits(of: text))
    return zip(a, b).reduce(0) { $0 + Double(($1.0 - $1.1) * ($1.0 - $1.1)) } / Double(a.count)
  }
}

/// A two-block toy and the settings of a training on it.
private struct Setup {
  let base: TinyBase
  var settings: LiteTraining
  var texts: [TrainingText]
  /// One tensor of each kind of projection, in both blocks.
  let names = [
    "blk.0.attn_q.weight.lora_a", "blk.0.attn_k.weight.lora_b", "blk.0.attn_v.weight.lora_a",
    "blk.0.ffn_gate.weight.lora_a", "blk.0.ffn_down.weight.lora_b",
    "blk.1.attn_output.weight.lora_b", "blk.1.ffn_up.weight.lora_a",
  ]

  @inline(never)
  init(exits: [Int], weights: [Float], threads: Int = 1) throws {
    base = try TinyBase(TinyModel(blockCount: 2), threads: threads)
    settings = LiteTraining(exits: exits, steps: 10)
    settings.exitWeights = weights
    settings.rank = 4
    settings.alpha = 8
    settings.batch = 1
    settings.length = 16
    settings.positions = 16
    var generator = SeededGenerator(seed: 1)
    let tokens = (0..<7).map { _ in TokenID(Int.random(in: 3..<300, using: &generator)) }
    texts = [TrainingText(tokens: tokens, targets: [2..<4, 5..<7])]
  }

  var head: AdapterHead {
    AdapterHead(
      name: "lite", license: "MIT", form: .lora,
      base: AdapterHead.Base(sha256: "abc", name: "Tiny", blueprint: base.weights.blueprint),
      exits: [], shortlist: [], recipe: AdapterHead.Recipe())
  }

  @inline(never)
  func trainer(guardCache: HiddenCache? = nil) throws -> LiteTrainer {
    try LiteTrainer(
      settings, base: try BaseModel(file: base.file, weights: base.weights), texts: texts,
      guardCache: guardCache, pool: base.pool)
  }
}
