package import GGUF

/// A small random model of the `llama` architecture, complete with a tokenizer: as a value to change, and
/// as a GGUF file.
///
/// ```swift
/// let file = try TinyModel(blockCount: 2, type: .q4_1).file()
/// ```
/// The weights are spread so that activations stay near 1. The same value gives the same bytes.
package struct TinyModel: Hashable, Sendable {
  /// Transformer blocks.
  package var blockCount: Int
  /// The residual stream's width.
  package var width: Int
  /// Query heads; each is `width / headCount` wide.
  package var headCount: Int
  /// Heads of keys and values; a divisor of `headCount`.
  package var keyValueHeadCount: Int
  /// The feed-forward's inner width.
  package var feedForwardWidth: Int
  /// Whether the head is the embedding.
  package var isTied: Bool
  /// The type of the blocks' matrices.
  package var type: TensorType
  /// The type of the embedding and of an untied head.
  package var embeddingType: TensorType
  /// Positions the model says it was trained for.
  package var contextLength: Int
  /// The base of the rotary angles.
  package var ropeBase: Double
  /// More metadata, or other values for keys that are there already.
  package var metadata: Metadata
  /// The seed of the weights.
  package var seed: UInt64

  /// Widths that are not given are 64 and 96, or 256 and 256 where the type's blocks are that long.
  package init(
    blockCount: Int = 4, width: Int? = nil, headCount: Int = 4, keyValueHeadCount: Int = 2,
    feedForwardWidth: Int? = nil, isTied: Bool = true, type: TensorType = .f32,
    embeddingType: TensorType? = nil, contextLength: Int = 256, ropeBase: Double = 10000,
    metadata: Metadata = [:], seed: UInt64 = 0
  ) {
    let embeddingType = embeddingType ?? type
    let isLong = max(type.blockSize, embeddingType.blockSize) > 32
    self.blockCount = blockCount
    self.width = width ?? (isLong ? 256 : 64)
    self.headCount = headCount
    self.keyValueHeadCount = keyValueHeadCount
    self.feedForwardWidth = feedForwardWidth ?? (isLong ? 256 : 96)
    self.isTied = isTied
    self.type = type
    self.embeddingType = embeddingType
    self.contextLength = contextLength
    self.ropeBase = ropeBase
    self.metadata = metadata
    self.seed = seed
  }

  /// The model's vocabulary.
  package var vocabulary: TinyVocabulary { TinyVocabulary() }

  /// The model as a file in memory.
  package func file() throws -> GGUFFile { try GGUFFile(bytes: bytes(), path: "tiny.gguf") }

  /// The bytes of the file.
  package func bytes() -> [UInt8] {
    var writer = GGUFWriter()
    for (key, value) in architectureMetadata + vocabulary.metadata { writer.set(key, to: value) }
    for (key, value) in metadata.sorted(by: { $0.key < $1.key }) { writer.set(key, to: value) }
    var generator = SeededGenerator(seed: seed)
    addTensors(to: &writer, using: &generator)
    return writer.bytes()
  }

  private var architectureMetadata: [(String, MetadataValue)] {
    func count(_ value: Int) -> MetadataValue { .unsigned(UInt64(value)) }
    func real(_ value: Double) -> MetadataValue { .float(Double(Float(value))) }
    return [
      ("general.architecture", .string("llama")),
      ("general.name", .string("Tiny \(seed)")),
      ("general.license", .string("mit")),
      ("llama.block_count", count(blockCount)),
      ("llama.context_length", count(contextLength)),
      ("llama.embedding_length", count(width)),
      ("llama.feed_forward_length", count(feedForwardWidth)),
      ("llama.attention.head_count", count(headCount)),
      ("llama.attention.head_count_kv", count(keyValueHeadCount)),
      ("llama.rope.freq_base", real(ropeBase)),
      ("llama.attention.layer_norm_rms_epsilon", real(1e-5)),
      ("llama.vocab_size", count(vocabulary.tokens.count)),
      ("llama.rope.dimension_count", count(width / headCount)),
    ]
  }

  private func addTensors(to writer: inout GGUFWriter, using generator: inout SeededGenerator) {
    let keyValueWidth = width / headCount * keyValueHeadCount
    let vocabularySize = vocabulary.tokens.count
    // Where the metadata say that there are fewer blocks, the others are the same as ever.
    let keptCount = metadata["llama.block_count"]?.int ?? blockCount
    var isKept = true
    func matrix(_ name: String, _ columns: Int, _ rows: Int, _ type: TensorType) {
      let deviation = 1 / Float(columns).squareRoot()
      let bytes = type.randomBytes(
        count: columns * rows, deviation: deviation, using: &generator)
      guard isKept else { return }
      writer.add(name: "\(name).weight", shape: [columns, rows], type: type, bytes: bytes)
    }
    func norm(_ name: String) {
      let gains = (0..<width).flatMap { _ in
        let bits = (1 + generator.nextNormal() / 10).bitPattern
        return (0..<4).map { UInt8(truncatingIfNeeded: bits >> ($0 * 8)) }
      }
      guard isKept else { return }
      writer.add(name: "\(name).weight", shape: [width], type: .f32, bytes: gains)
    }
    matrix("token_embd", width, vocabularySize, embeddingType)
    for block in 0..<blockCount {
      isKept = block < keptCount
      norm("blk.\(block).attn_norm")
      matrix("blk.\(block).attn_q", width, width, type)
      matrix("blk.\(block).attn_k", width, keyValueWidth, type)
      matrix("blk.\(block).attn_v", width, keyValueWidth, type)
      matrix("blk.\(block).attn_output", width, width, type)
      norm("blk.\(block).ffn_norm")
      matrix("blk.\(block).ffn_gate", width, feedForwardWidth, type)
      matrix("blk.\(block).ffn_up", width, feedForwardWidth, type)
      matrix("blk.\(block).ffn_down", feedForwardWidth, width, type)
    }
    isKept = true
    norm("output_norm")
    if !isTied { matrix("output", width, vocabularySize, embeddingType) }
  }
}
