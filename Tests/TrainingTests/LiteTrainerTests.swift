import Dials
import GGUF
import Kernels
import TestSupport
import Testing
import Training
import Transformer

struct LiteTrainerTests {
  @Test func `the joint loss's slopes are those of a double-precision model`() throws {
    let setup = try Setup(exits: [1], weights: [0.5])
    defer { setup.base.crew.dismiss() }
    let trainer = try setup.trainer()
    trainer.perturb(seed: 3)
    let before = trainer.parameters.values.values
    let definition = TrunkDefinition(setup.base, factor: 2)
    let slopes = trainer.slopesOfNextStep()
    for name in setup.names {
      let entry = try #require(trainer.parameters.entry(name))
      let range = entry.offset..<entry.offset + entry.count
      expectSlope(Array(slopes[range]), at: Array(before[range]), tolerance: 2e-3) { point in
        var values = before.map(Double.init)
        values.replaceSubrange(range, with: point)
        return definition.loss(
          setup.texts[0], changes: trainer.parameters.named(values), exits: [1], weights: [0.5])
      }
    }
  }

  @Test func `exits without weight leave the plain loss and its slopes`() throws {
    let plain = try Setup(exits: [], weights: [])
    defer { plain.base.crew.dismiss() }
    let weightless = try Setup(exits: [1], weights: [0])
    defer { weightless.base.crew.dismiss() }
    let (a, b) = (try plain.trainer(), try weightless.trainer())
    a.perturb(seed: 4)
    b.perturb(seed: 4)
    #expect(
      a.slopesOfNextStep().map(\.bitPattern) == b.slopesOfNextStep().map(\.bitPattern))
  }

  @Test func `a change whose B is zero is the base bit for bit`() throws {
    let setup = try Setup(exits: [1], weights: [1])
    defer { setup.base.crew.dismiss() }
    let trainer = try setup.trainer()
    let changed = trainer.logits(of: setup.texts[0])
    let entries = trainer.parameters.entries.filter { $0.name.hasSuffix(".lora_a") }
    #expect(entries.count == 14)
    for entry in entries { trainer.parameters.values(of: entry).clear() }
    #expect(trainer.logits(of: setup.texts[0]).map(\.bitPattern) == changed.map(\.bitPattern))

    let reference = try ReferencePass(file: setup.base.file).run(setup.texts[0].tokens)
    for (logit, exact) in zip(changed, reference.logits.joined()) {
      #expect((Double(logit) - exact).magnitude < 1e-3)
    }
  }

  @Test func `four texts are learnt by heart`() throws {
    var setup = try Setup(exits: [1], weights: [1])
    defer { setup.base.crew.dismiss() }
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

  @Test func `a guard pulls the last layer back to the base`() async throws {
    try await withTemporaryFolder { folder in
      var losses: [Double] = []
      for weight: Float in [0, 20] {
        var setup = try Setup(exits: [1], weights: [1])
        defer { setup.base.crew.dismiss() }
        setup.texts = TinyBase.texts(8, length: 12, seed: 9)
        setup.settings.steps = 30
        setup.settings.batch = 4
        setup.settings.rate = 1e-2
        setup.settings.guardWeight = weight
        let cache = try setup.base.cache(setup.texts, depths: [], named: 16, folder: folder)
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
        defer { setup.base.crew.dismiss() }
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
      defer { setup.base.crew.dismiss() }
      let head = AdapterHead(
        name: "lite", license: "MIT", form: .lora,
        base: AdapterHead.Base(
          sha256: "abc", name: "Tiny", blueprint: setup.base.weights.blueprint),
        exits: [], shortlist: [], recipe: AdapterHead.Recipe())
      try setup.trainer().adapter(head, type: .f16).write(to: folder + "/lite.gguf")
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

  @Test func `the published exits are every fourth block of 32`() {
    #expect(LiteTraining.publishedExits(blockCount: 32) == [8, 12, 16, 20, 24, 28])
    #expect(LiteTraining.publishedExits(blockCount: 2) == [1])
    for count in 2...80 {
      let exits = LiteTraining.publishedExits(blockCount: count)
      #expect(!exits.isEmpty && exits.allSatisfy { (1..<count).contains($0) })
    }
  }

  /// The mean squared distance of the last layer's logits from the base's.
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

  @inline(never)
  func trainer(guardCache: HiddenCache? = nil) throws -> LiteTrainer {
    try LiteTrainer(
      settings, trunk: try Trunk(file: base.file, weights: base.weights), texts: texts,
      guardCache: guardCache, crew: base.crew)
  }
}

extension LiteTrainer {
  /// Gives every value a random number, so that no slope is zero by chance.
  fileprivate func perturb(seed: UInt64) {
    var generator = SeededGenerator(seed: seed)
    for entry in parameters.entries {
      let values = parameters.values(of: entry)
      for row in 0..<values.rows {
        for column in 0..<values.columns { values[row][column] = generator.nextNormal() * 0.1 }
      }
    }
  }
}

extension Parameters {
  /// These values under the names of the entries.
  fileprivate func named(_ values: [Double]) -> [String: Rows] {
    Dictionary(
      uniqueKeysWithValues: entries.map {
        ($0.name, Array(values[$0.offset..<$0.offset + $0.count]).rows(of: $0.columns))
      })
  }
}

/// The toy by its definition, with changes of low rank, in double precision.
private struct TrunkDefinition {
  let tensors: [String: [Double]]
  let blueprint: Blueprint
  let angles: [Double]
  let factor: Double

  init(_ base: TinyBase, factor: Double) {
    tensors = Dictionary(
      uniqueKeysWithValues: base.file.tensors.map {
        ($0.name, base.file.dequantize($0).map(Double.init))
      })
    blueprint = base.weights.blueprint
    angles = base.weights.angles
    self.factor = factor
  }

  /// The normalised sum of the weighted losses, the last layer's weight being 1.
  func loss(
    _ text: TrainingText, changes: [String: Rows], exits: [Int], weights: [Double]
  ) -> Double {
    var x = text.tokens.map { rows("token_embd.weight", blueprint.width)[$0.index] }
    var total = 0.0
    for block in 0..<blueprint.blockCount {
      x = self.block(block, x, changes)
      if let exit = exits.firstIndex(of: block + 1) { total += weights[exit] * loss(x, text) }
    }
    return (total + loss(x, text)) / (weights.reduce(0, +) + 1)
  }

  private func block(_ index: Int, _ x: Rows, _ changes: [String: Rows]) -> Rows {
    let prefix = "blk.\(index)."
    func project(_ x: Rows, _ name: String) -> Rows {
      let full = prefix + name + ".weight"
      let plain = Definition.linear(x, rows(full, x[0].count))
      guard let a = changes[full + ".lora_a"], let b = changes[full + ".lora_b"] else {
        return plain
      }
      let change = Definition.linear(Definition.linear(x, a), b)
      return Definition.sum(plain, change.map { $0.map { $0 * factor } })
    }
    func norm(_ x: Rows, _ name: String) -> Rows {
      Definition.norm(x, tensors[prefix + name + ".weight"] ?? [])
    }
    let n = norm(x, "attn_norm")
    let width = blueprint.headWidth
    let attended = Definition.attention(
      Definition.rotated(project(n, "attn_q"), angles: angles, width: width),
      Definition.rotated(project(n, "attn_k"), angles: angles, width: width),
      project(n, "attn_v"), width: width, group: blueprint.groupSize)
    let middle = Definition.sum(x, project(attended, "attn_output"))
    let m = norm(middle, "ffn_norm")
    let inner = Definition.swiglu(project(m, "ffn_gate"), project(m, "ffn_up"))
    return Definition.sum(middle, project(inner, "ffn_down"))
  }

  /// The mean cross-entropy of the target positions.
  private func loss(_ x: Rows, _ text: TrainingText) -> Double {
    let positions = text.targets.flatMap { $0.map { $0 - 1 } }
    let normed = Definition.norm(positions.map { x[$0] }, tensors["output_norm.weight"] ?? [])
    let logits = Definition.linear(normed, rows("token_embd.weight", blueprint.width))
    let losses = zip(logits, positions).map { row, position in
      -logarithm(Definition.softmax(row)[text.tokens[position + 1].index])
    }
    return losses.reduce(0, +) / Double(losses.count)
  }

  private func rows(_ name: String, _ columns: Int) -> Rows {
    (tensors[name] ?? []).rows(of: columns)
  }
}
