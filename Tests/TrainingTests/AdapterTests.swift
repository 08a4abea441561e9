import Files
import GGUF
import Kernels
import TestSupport
import Testing
import Training
import Transformer

struct AdapterTests {
  @Test func `what is written is what docs/ADAPTERS.md says, and reads back`() async throws {
    try await withTemporaryFolder { folder in
      let base = try TinyBase()
      defer { base.pool.dismiss() }
      let modules = [
        ExitShape(depth: 1, kind: .gated(inner: 32, linear: true)),
        ExitShape(depth: 2, kind: .lowRank(4)),
      ]
      let texts = TinyBase.texts(12, seed: 1)
      let cache = try #require(try base.cache(texts, depths: [1, 2], folder: folder))
      let trainer = try base.trainer(cache, modules: modules)
      for _ in 0..<3 { _ = try trainer.takeStep() }
      let path = folder + "/exits.gguf"
      try trainer.adapter(
        Self.head(base), scores: trainer.evaluate(), gates: trainer.fitGates(), type: .q8_0
      ).write(to: OutputFile(path))

      let file = try GGUFFile(path: path)
      let head = try AdapterHead(metadata: file.metadata)
      #expect(head.exits.map(\.depth) == [1, 2])
      #expect(head.exits.map(\.kind) == ["mlp", "lowrank"])
      #expect(head.shortlist == trainer.shortlist)
      #expect(head.base.sha256 == "abc" && head.base.width == 64)
      #expect(head.recipe.steps == 3 && head.recipe.positions == 3 * 96 && head.recipe.seed == 5)
      #expect(head.recipe.files == ["a.jsonl"] && head.license == "Apache-2.0")

      let shapes = Dictionary(uniqueKeysWithValues: file.tensors.map { ($0.name, $0.shape) })
      #expect(shapes["exit.1.linear.weight"] == [64, 64])
      #expect(shapes["exit.1.ffn_gate.weight"] == [64, 32])
      #expect(shapes["exit.1.ffn_down.weight"] == [32, 64])
      #expect(shapes["exit.2.linear.lora_a"] == [64, 4])
      #expect(shapes["exit.2.linear.lora_b"] == [4, 64])
      #expect(shapes["exit.2.gate.weight"] == [64] && shapes["exit.2.gate.bias"] == [1])
      let norm = try #require(file.tensor(named: "exit.1.output_norm.weight"))
      let entry = try #require(trainer.parameters.entry("exit.1.output_norm.weight"))
      #expect(file.dequantize(norm) == trainer.parameters.values(of: entry).values)
      #expect(file.tensor(named: "exit.1.ffn_up.weight")?.type == .q8_0)
      #expect(file.tensor(named: "exit.2.linear.lora_b")?.type == .f16)
    }
  }

  @Test(arguments: [
    ExitShape.Kind.none, .linear, .lowRank(1), .gated(inner: 32, linear: false),
    .gated(inner: 1, linear: true),
  ])
  func `a pass reads every form that training writes`(kind: ExitShape.Kind) async throws {
    try await withTemporaryFolder { folder in
      let base = try TinyBase()
      defer { base.pool.dismiss() }
      let texts = TinyBase.texts(9, seed: 1)
      let cache = try #require(try base.cache(texts, depths: [2], folder: folder))
      let module = ExitShape(depth: 2, kind: kind)
      let trainer = try base.trainer(cache, modules: [module])
      let path = folder + "/exits.gguf"
      try trainer.adapter(
        Self.head(base), scores: trainer.evaluate(), gates: trainer.fitGates(), type: .f16
      ).write(to: OutputFile(path))
      let exits = try ExitModules(
        file: try GGUFFile(path: path), weights: base.weights, pool: base.pool)
      #expect(exits.modules.map(\.depth) == [2])
      #expect(exits.gatedDepths == (kind == .none ? [] : [2]))
    }
  }

  @Test func `a head survives its metadata`() throws {
    let base = try TinyBase()
    defer { base.pool.dismiss() }
    var head = Self.head(base)
    head.exits = [AdapterHead.Exit(depth: 2, kind: "linear", agreement: 0.5, divergence: 1.25)]
    head.shortlist = [7, 3]
    head.recipe.seed = .max
    let metadata = Metadata(uniqueKeysWithValues: head.metadata.map { ($0.key, $0.value) })
    #expect(try AdapterHead(metadata: metadata) == head)
  }

  @Test(arguments: [
    ("fathom.adapter.version", MetadataValue.unsigned(2)), ("adapter.type", .string("other")),
    ("fathom.exit.depths", .array([.unsigned(2), .unsigned(1)])),
    ("fathom.exit.depths", .array([.unsigned(3)])), ("fathom.shortlist", .array([.unsigned(300)])),
    ("fathom.base.sha256", .unsigned(1)), ("general.type", .string("model")),
  ])
  func `a head that makes no sense is refused`(key: String, value: MetadataValue) throws {
    let base = try TinyBase()
    defer { base.pool.dismiss() }
    var head = Self.head(base)
    head.exits = [AdapterHead.Exit(depth: 1, kind: "none")]
    var metadata = Metadata(uniqueKeysWithValues: head.metadata.map { ($0.key, $0.value) })
    metadata[key] = value
    #expect(throws: ModelError.self) { try AdapterHead(metadata: metadata) }
  }

  private static func head(_ base: TinyBase) -> AdapterHead {
    var recipe = AdapterHead.Recipe()
    recipe.command = "fathom tune exits"
    recipe.files = ["a.jsonl"]
    recipe.digests = ["00"]
    recipe.note = "none"
    return AdapterHead(
      name: "test", license: "Apache-2.0", form: .exits,
      base: AdapterHead.Base(sha256: "abc", name: "Tiny", blueprint: base.weights.blueprint),
      exits: [], shortlist: [], recipe: recipe)
  }
}
