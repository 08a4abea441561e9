package import GGUF

/// What a model's file says about itself, read from its head.
package struct ModelCard: Hashable, Sendable {
  /// How much of a file is stored in one type.
  package struct Share: Hashable, Sendable {
    /// The type.
    package var type: TensorType
    /// Tensors of that type.
    package var tensorCount: Int
    /// Their numbers.
    package var elementCount: Int
    /// Their bytes.
    package var byteCount: Int
  }

  /// Where the file lies.
  package let path: String
  /// The version of the format.
  package let version: Int
  /// Bytes of the whole file.
  package let sizeBytes: Int
  /// The metadata.
  package let metadata: Metadata
  /// What is stored in which type, the most bytes first.
  package let shares: [Share]
  /// The head's own matrix is there; else the embedding serves as head.
  package let hasOwnHead: Bool

  /// Sums up a file.
  package init(_ file: GGUFFile) {
    path = file.path
    version = file.version
    sizeBytes = file.sizeBytes
    metadata = file.metadata
    hasOwnHead = file.tensor(named: "output.weight") != nil
    var shares: [TensorType: Share] = [:]
    for tensor in file.tensors {
      var share =
        shares[tensor.type]
        ?? Share(type: tensor.type, tensorCount: 0, elementCount: 0, byteCount: 0)
      share.tensorCount += 1
      share.elementCount += tensor.elementCount
      share.byteCount += tensor.byteCount
      shares[tensor.type] = share
    }
    self.shares = shares.values.sorted {
      ($0.byteCount, $1.type.rawValue) > ($1.byteCount, $0.type.rawValue)
    }
  }

  /// The architecture: `llama`.
  package var architecture: String? { metadata["general.architecture"]?.string }
  /// The model's own name.
  package var name: String? { metadata["general.name"]?.string }
  /// The licence.
  package var licence: String? { metadata["general.license"]?.string }
  /// Parameters; a head that is the embedding counts once.
  package var parameterCount: Int { shares.reduce(0) { $0 + $1.elementCount } }
  /// The type of most parameters, as people name a file: `Q4_1`.
  package var mainType: TensorType? { shares.max { $0.elementCount < $1.elementCount }?.type }
  /// The tokenizer's model: `gpt2` or `llama`.
  package var tokenizer: String? { metadata["tokenizer.ggml.model"]?.string }
  /// How text is split before merging: `smollm`.
  package var preTokenizer: String? { metadata["tokenizer.ggml.pre"]?.string }
  /// Tokens of the vocabulary.
  package var vocabularySize: Int? {
    metadata["tokenizer.ggml.tokens"]?.array?.count ?? size("vocab_size")
  }
  /// The chat template, in the language of Jinja.
  package var chatTemplate: String? { metadata["tokenizer.chat_template"]?.string }

  /// A whole number of the architecture: `block_count` gives `llama.block_count`.
  package func size(_ key: String) -> Int? {
    architecture.flatMap { metadata["\($0).\(key)"]?.int }
  }
}
