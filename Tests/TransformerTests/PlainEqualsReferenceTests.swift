import Dials
import GGUF
import Kernels
import TestSupport
import Testing
import Transformer

/// Law 1 on tiny models. Distances are root mean squares as a share of the logits' spread. The
/// reference rounds keys and values as the cache does.
///
/// With float weights (F32, F16, BF16) only float32 arithmetic is left. That is 1e-5, but where a key
/// or value lies so close to the middle of two codes that the other one is taken, it is off by a step,
/// a fiftieth of its size, and others follow in the blocks above. Few are: 3e-3 covers them.
///
/// With quantised weights the activations have eight bits too. In a group of 32 bell-shaped numbers of
/// deviation 1 the largest is about 2.2, so the step is 0.017 and the error 0.005 on average, and each
/// product is off by that share of its outputs' spread. A block adds about three such errors to the
/// stream; after four blocks they have grown to some 0.005 · √12 = 0.017, at most 0.03; codes of keys and
/// values that tip over add to that: 0.04 covers both.
@Suite struct PlainEqualsReferenceTests {
  private static let floatTolerance = 3e-3
  private static let quantizedTolerance = 0.04

  @Test(arguments: TensorType.allCases, [true, false])
  func `plain equals reference, for every tensor type, tied and untied`(
    type: TensorType, isTied: Bool
  ) throws {
    let file = try TinyModel(isTied: isTied, type: type, seed: 5).file()
    try expectReference(
      file, tolerance: type.isFloat ? Self.floatTolerance : Self.quantizedTolerance)
  }

  @Test(arguments: [(1, 1), (4, 4), (4, 1), (8, 2), (8, 4), (2, 1)])
  func `plain equals reference, for every sharing of keys and values by heads`(
    heads: Int, keyValueHeads: Int
  ) throws {
    let model = TinyModel(headCount: heads, keyValueHeadCount: keyValueHeads, seed: 6)
    try expectReference(model.file(), tolerance: Self.floatTolerance)
  }

  @Test(arguments: [
    ["llama.rope.freq_base": MetadataValue.float(500_000)],
    ["llama.rope.dimension_count": .unsigned(8)],
    ["llama.rope.scaling.type": .string("linear"), "llama.rope.scaling.factor": .float(4)],
    ["llama.rope.scaling.factor": .float(4)],
    ["llama.rope.scale_linear": .float(2)],
    ["llama.attention.layer_norm_rms_epsilon": .float(0.5)],
  ])
  func `plain equals reference, for keys that turn angles and norms, and each key matters`(
    metadata: Metadata
  ) throws {
    let plain = try TinyModel(seed: 7).file()
    let file = try TinyModel(metadata: metadata, seed: 7).file()
    let changed = try expectReference(file, tolerance: Self.floatTolerance)
    #expect(try expectReference(plain, tolerance: Self.floatTolerance) != changed)
  }

  @Test func `scaling of type none is none`() throws {
    let plain = try withPass(over: TinyModel().file()) { $0.decode(Self.tokens) }
    let metadata: Metadata = [
      "llama.rope.scaling.type": .string("none"), "llama.rope.scaling.factor": .float(4),
    ]
    let file = try TinyModel(metadata: metadata).file()
    #expect(try withPass(over: file) { $0.decode(Self.tokens) } == plain)
  }

  @Test func `plain equals reference, with the frequency factors of Llama 3`() throws {
    var parts = try ModelParts(TinyModel(seed: 8))
    let plain = try expectReference(parts.file(), tolerance: Self.floatTolerance)
    parts.metadata["llama.rope.scaling.type"] = .string("llama3")
    parts.set("rope_freqs.weight", to: [1, 1, 1.5, 2, 4, 8, 8, 8])
    let changed = try expectReference(parts.file(), tolerance: Self.floatTolerance)
    #expect(changed != plain)
  }

  @Test(arguments: [24, 32, 6])
  func `plain equals reference, for heads of a width of their own`(headWidth: Int) throws {
    var parts = try ModelParts(TinyModel(seed: 9))
    var generator = SeededGenerator(seed: 9)
    for block in 0..<4 {
      for (name, heads) in [("q", 4), ("k", 2), ("v", 2)] {
        parts.replace(
          "blk.\(block).attn_\(name).weight", shape: [64, heads * headWidth], type: .f32,
          using: &generator)
      }
      parts.replace(
        "blk.\(block).attn_output.weight", shape: [4 * headWidth, 64], type: .f32,
        using: &generator)
    }
    for key in ["attention.key_length", "attention.value_length", "rope.dimension_count"] {
      parts.metadata["llama.\(key)"] = .unsigned(UInt64(headWidth))
    }
    try expectReference(parts.file(), tolerance: Self.floatTolerance)
  }

  /// Files mix types as they like: Q4_K_M has Q6_K among Q4_K, and nothing forbids floats.
  @Test(arguments: ["attn_q", "attn_k", "attn_v", "attn_output", "ffn_gate", "ffn_up", "ffn_down"])
  func `plain equals reference, where one matrix is of another type than the others`(
    name: String
  ) throws {
    for (type, other) in [(TensorType.q4_1, TensorType.f16), (.f32, .q8_0)] {
      for block in [0, 2] {
        var parts = try ModelParts(TinyModel(type: type, seed: 10))
        var generator = SeededGenerator(seed: 10)
        let whole = "blk.\(block).\(name).weight"
        let shape = try #require(parts.tensors[whole]).shape
        parts.replace(whole, shape: shape, type: other, using: &generator)
        try expectReference(parts.file(), tolerance: Self.quantizedTolerance)
      }
    }
  }

  @Test(arguments: [(TensorType.q4K, TensorType.q6K), (.q4_1, .q8_0), (.q8_0, .f16), (.f32, .q4_0)])
  func `plain equals reference, with a head of another type`(
    type: TensorType, embeddingType: TensorType
  ) throws {
    let model = TinyModel(isTied: false, type: type, embeddingType: embeddingType, seed: 11)
    try expectReference(model.file(), tolerance: Self.quantizedTolerance)
  }

  @Test func `plain equals reference, where widths fill no vector`() throws {
    let model = TinyModel(
      width: 60, headCount: 6, keyValueHeadCount: 3, feedForwardWidth: 75, seed: 12)
    try expectReference(model.file(), tolerance: Self.floatTolerance)
  }

  @Test func `plain equals reference, over a text longer than attention's splits`() throws {
    var generator = SeededGenerator(seed: 13)
    let file = try TinyModel(blockCount: 2, contextLength: 600, seed: 13).file()
    let tokens = randomTokens(530, using: &generator)
    try expectReference(file, tokens, waves: [40], tolerance: Self.floatTolerance)
  }

  @Test(arguments: [[0], [3], [1, 2], [0, 1, 2, 3]])
  func `plain equals reference, with blocks pruned`(blocks: [Int]) throws {
    try expectReference(
      TinyModel(seed: 14).file(), tolerance: Self.floatTolerance,
      pruned: BlockSet(indices: blocks))
  }

  private static let tokens = (0..<20).map { TokenID(7 * $0 + 3) }

  /// Compares the logits at every position; returns them.
  @discardableResult
  private func expectReference(
    _ file: GGUFFile, _ tokens: [TokenID] = tokens, waves: [Int] = [1], tolerance: Double,
    pruned: BlockSet = .none
  ) throws -> [[UInt32]] {
    var pass = try ReferencePass(file: file)
    pass.roundsKeysAndValues = true
    let reference = pass.run(tokens, pruned: pruned).logits
    let logits = try withPass(over: file, capacity: 600) {
      $0.read(tokens, waves: waves, pruned: pruned)
    }
    #expect(logits.count == tokens.count)
    let distance = Distance.relative(logits.map(\.floats), to: reference)
    #expect(distance < tolerance)
    return logits
  }
}

extension TensorType {
  /// Whether the numbers are floats, each by itself.
  var isFloat: Bool { blockSize == 1 }
}
