import GGUF
import Kernels
import TestSupport
import Testing
import Transformer

/// Files that can be read and are no model this engine runs: an error that names the place.
@Suite struct BadModelTests {
  private static let tensorNames =
    ["token_embd", "output_norm", "output"]
    + ["attn_norm", "attn_q", "attn_k", "attn_v", "attn_output", "ffn_norm", "ffn_gate", "ffn_up"]
    .map { "blk.1.\($0)" } + ["blk.3.ffn_down"]

  @Test(arguments: tensorNames.filter { $0 != "output" })
  func `a missing tensor is named`(name: String) throws {
    var parts = try ModelParts(TinyModel(isTied: false))
    parts.tensors["\(name).weight"] = nil
    expect(try parts.file(), .missingTensor, at: "\(name).weight")
  }

  @Test func `a missing output is no error but a tied head`() throws {
    var parts = try ModelParts(TinyModel(isTied: false))
    parts.tensors["output.weight"] = nil
    let pool = ThreadPool(count: 1)
    #expect(throws: Never.self) { try Weights(file: parts.file(), pool: pool) }
  }

  @Test(arguments: tensorNames)
  func `a tensor of a wrong shape is named, with both shapes`(name: String) throws {
    var parts = try ModelParts(TinyModel(isTied: false))
    var generator = SeededGenerator(seed: 0)
    parts.replace("\(name).weight", shape: [32, 7], type: .f32, using: &generator)
    expect(try parts.file(), .badShape, at: "\(name).weight", saying: "[32, 7]")
  }

  @Test func `frequency factors of a wrong number are named`() throws {
    var parts = try ModelParts(TinyModel())
    parts.set("rope_freqs.weight", to: [1, 2, 3])
    expect(try parts.file(), .badShape, at: "rope_freqs.weight", saying: "[8]")
  }

  @Test(arguments: [
    "block_count", "context_length", "embedding_length", "feed_forward_length",
    "attention.head_count",
  ])
  func `a missing key is named`(key: String) throws {
    var parts = try ModelParts(TinyModel())
    parts.metadata["llama.\(key)"] = nil
    expect(try parts.file(), .missingKey, at: "llama.\(key)")
  }

  @Test func `without a vocabulary the key is named`() throws {
    var parts = try ModelParts(TinyModel())
    parts.metadata["llama.vocab_size"] = nil
    parts.metadata["tokenizer.ggml.tokens"] = nil
    expect(try parts.file(), .missingKey, at: "llama.vocab_size")
  }

  @Test func `another architecture, or none, is named`() throws {
    var parts = try ModelParts(TinyModel())
    parts.metadata["general.architecture"] = .string("mamba")
    expect(try parts.file(), .unsupportedArchitecture, at: "general.architecture", saying: "mamba")
    parts.metadata["general.architecture"] = nil
    expect(try parts.file(), .missingKey, at: "general.architecture")
  }

  @Test(arguments: [
    ("llama.expert_count", MetadataValue.unsigned(8), "8"),
    ("llama.rope.scaling.type", .string("dynamic"), "dynamic"),
    ("llama.rope.scaling.factor", .float(-1), "-1"),
    ("llama.rope.freq_base", .float(0), "0"),
    ("llama.rope.freq_base", .float(.infinity), "inf"),
    ("llama.rope.dimension_count", .unsigned(7), "7"),
    ("llama.rope.dimension_count", .unsigned(18), "18"),
    ("llama.attention.head_count_kv", .unsigned(3), "3"),
    ("llama.attention.head_count_kv", .unsigned(0), "0"),
    ("llama.attention.head_count", .array([.unsigned(4), .unsigned(4)]), "4"),
    ("llama.attention.value_length", .unsigned(8), "8"),
    ("llama.attention.key_length", .unsigned(513), "513"),
    ("llama.attention.layer_norm_rms_epsilon", .string("small"), "small"),
    ("llama.block_count", .integer(-1), "-1"),
    ("llama.block_count", .unsigned(1 << 40), "1099511627776"),
    ("llama.embedding_length", .string("wide"), "wide"),
    ("llama.feed_forward_length", .float(1.5), "1.5"),
  ])
  func `a value that makes no sense or is not supported is named, with its key`(
    key: String, value: MetadataValue, shown: String
  ) throws {
    let file = try TinyModel(metadata: [key: value]).file()
    expect(file, .badValue, at: key, saying: shown)
  }

  @Test(arguments: ["blk.0.attn_q.bias", "blk.2.attn_output.bias", "blk.1.ffn_down.bias"])
  func `a bias is named, not left out in silence`(name: String) throws {
    var parts = try ModelParts(TinyModel())
    parts.set(name, to: Array(repeating: 1, count: 64))
    expect(try parts.file(), .unsupportedTensor, at: name)
  }

  @Test(arguments: [
    "blk.0.attn_q_norm.weight", "blk.3.ffn_gate_exps.weight", "blk.1.post_attention_norm.weight",
    "cls.output.weight", "rope_factors_long.weight", "v.patch_embd.weight", "blk.4.attn_q.weight",
    "blk.x.attn_q.weight", "blk..weight", "blk.99999999999999999999.attn_q.weight",
  ])
  func `a tensor that no pass reads is named, not left out in silence`(name: String) throws {
    var parts = try ModelParts(TinyModel())
    parts.set(name, to: Array(repeating: 1, count: 64))
    expect(try parts.file(), .unsupportedTensor, at: name)
  }

  @Test func `a block too many is told with the number that there should be`() throws {
    var parts = try ModelParts(TinyModel())
    parts.metadata["llama.block_count"] = .unsigned(3)
    let error = #expect(throws: ModelError.self) {
      try Weights(file: parts.file(), pool: ThreadPool(count: 1))
    }
    #expect(error?.code == .unsupportedTensor && error?.place.hasPrefix("blk.3.") == true)
    #expect(error?.message.contains("\"llama.block_count\" is 3") == true)
  }

  @Test func `wavelengths in every block, as the first files had them, do no harm`() throws {
    var parts = try ModelParts(TinyModel())
    parts.set("blk.0.attn_rot_embd.weight", to: [1, 2])
    #expect(throws: Never.self) { try Weights(file: parts.file(), pool: ThreadPool(count: 1)) }
  }

  @Test(arguments: [
    ("llama.attention.scale", 0.5), ("llama.logit_scale", 8), ("llama.embedding_scale", 12),
    ("llama.residual_scale", 0.22), ("llama.final_logit_softcapping", 30),
  ])
  func `a key that asks for another pass is refused, unless it asks for nothing`(
    key: String, value: Double
  ) throws {
    let file = try TinyModel(metadata: [key: .float(value)]).file()
    expect(file, .badValue, at: key)
    #expect(throws: Never.self) {
      let none = try TinyModel(metadata: [key: .float(0)]).file()
      _ = try Weights(file: none, pool: ThreadPool(count: 1))
    }
  }

  @Test func `a key of the pass that is not known is noticed`() throws {
    let file = try TinyModel(
      metadata: [
        "llama.mood": .string("good"), "llama.aura": .bool(true), "other.mood": .bool(true),
      ]
    ).file()
    #expect(Architecture.unknownKeys(in: file.metadata) == ["llama.aura", "llama.mood"])
    #expect(Architecture.keyNotice(of: file.metadata)?.contains("llama.aura and 1 more") == true)
    #expect(Architecture.keyNotice(of: try TinyModel().file().metadata) == nil)
  }

  @Test func `a number of tokens that is not the vocabulary's is told with both`() throws {
    let file = try TinyModel(metadata: ["llama.vocab_size": .unsigned(77)]).file()
    expect(file, .badValue, at: "llama.vocab_size", saying: "77")
    expect(
      file, .badValue, at: "llama.vocab_size", saying: "\(TinyModel().vocabulary.tokens.count)")
  }

  @Test func `a value is shown as people write it`() throws {
    let heads = MetadataValue.array(Array(repeating: .unsigned(4), count: 5))
    let file = try TinyModel(metadata: ["llama.attention.head_count_kv": heads]).file()
    expect(
      file, .badValue, at: "llama.attention.head_count_kv", saying: "is a list of 5: 4, 4, 4, …,")
  }

  private func expect(
    _ file: GGUFFile, _ code: ModelError.Code, at place: String, saying text: String? = nil,
    sourceLocation: SourceLocation = #_sourceLocation
  ) {
    let error = #expect(throws: ModelError.self, sourceLocation: sourceLocation) {
      try Weights(file: file, pool: ThreadPool(count: 1))
    }
    #expect(error?.code == code, sourceLocation: sourceLocation)
    #expect(error?.place == place, sourceLocation: sourceLocation)
    #expect(error?.message.contains(place) == true, sourceLocation: sourceLocation)
    if let text {
      #expect(error?.message.contains(text) == true, "\(error?.message ?? "")")
    }
  }
}
