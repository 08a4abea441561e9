import Dials
package import GGUF

/// The hyper-parameters of a LLaMA-architecture model, from a file's metadata.
package struct Blueprint: Hashable, Sendable {
  /// Blocks.
  package var blockCount: Int
  /// Width of the residual stream.
  package var width: Int
  /// Width inside the feed-forward.
  package var innerWidth: Int
  /// Query heads.
  package var headCount: Int
  /// Key/value heads; each serves `headCount / keyValueHeadCount` query heads.
  package var keyValueHeadCount: Int
  /// Dimensions of a head.
  package var headWidth: Int
  /// Dimensions of a head that RoPE rotates, in adjacent pairs.
  package var rotatedWidth: Int
  /// Tokens in the vocabulary.
  package var vocabularyCount: Int
  /// Positions the model was trained for.
  package var trainedLength: Int
  /// The base of RoPE's wavelengths.
  package var ropeBase: Double
  /// Positions are divided by this before rotation (linear RoPE scaling); 1 is off.
  package var ropeScale: Double
  /// Added to the mean square in RMSNorm.
  package var normEpsilon: Float

  /// Dimensions of a head at most: attention's sums are exact in 32 bits up to here.
  package static let widestHead = 512

  /// The widest residual stream, and the most tokens, of a model that is read.
  static let greatestWidth = 1 << 17
  static let greatestVocabulary = 1 << 24

  /// Dimensions of all query heads together.
  package var queryWidth: Int { headCount * headWidth }
  /// Dimensions of all keys (or values) of one position.
  package var keyValueWidth: Int { keyValueHeadCount * headWidth }
  /// Query heads per key/value head.
  package var groupSize: Int { headCount / keyValueHeadCount }

  /// Reads the metadata of a `llama` file.
  package init(metadata: Metadata) throws(ModelError) {
    guard let architecture = metadata["general.architecture"]?.string else {
      throw .missingKey("general.architecture")
    }
    guard architecture == "llama" else {
      throw ModelError(
        code: .unsupportedArchitecture, place: "general.architecture",
        message: "The key \"general.architecture\" is \"\(architecture)\"; this engine runs "
          + "\"llama\" (SmolLM2, TinyLlama, Llama 2 and 3, Mistral).")
    }
    let keys = Keys(metadata: metadata)
    if let experts = metadata["llama.expert_count"]?.int, experts > 0 {
      throw .badValue(
        "llama.expert_count", "\(experts)", expected: "mixtures of experts are not supported")
    }
    blockCount = try keys.count("block_count", atMost: BlockSet.capacity)
    width = try keys.count("embedding_length", atMost: Self.greatestWidth)
    innerWidth = try keys.count("feed_forward_length", atMost: 1 << 19)
    headCount = try keys.count("attention.head_count", atMost: 1024)
    keyValueHeadCount =
      try keys.optionalCount("attention.head_count_kv", atMost: 1024) ?? headCount
    trainedLength = try keys.count("context_length", atMost: 1 << 26)
    guard headCount % keyValueHeadCount == 0 else {
      throw .badValue(
        "llama.attention.head_count_kv", "\(keyValueHeadCount)",
        expected: "it must divide the \(headCount) query heads")
    }
    headWidth =
      try keys.optionalCount("attention.key_length", atMost: Self.widestHead) ?? width / headCount
    if let valueWidth = try keys.optionalCount("attention.value_length", atMost: Self.widestHead),
      valueWidth != headWidth
    {
      throw .badValue(
        "llama.attention.value_length", "\(valueWidth)",
        expected: "values as wide as keys (\(headWidth)) are needed")
    }
    rotatedWidth = try keys.optionalCount("rope.dimension_count", atMost: 1024) ?? headWidth
    guard headWidth <= Self.widestHead else {
      throw .badValue(
        "llama.embedding_length", "\(width)",
        expected: "heads of at most \(Self.widestHead) dimensions are supported")
    }
    guard headWidth > 0, rotatedWidth <= headWidth, rotatedWidth % 2 == 0 else {
      throw .badValue(
        "llama.rope.dimension_count", "\(rotatedWidth)",
        expected: "it must be even and at most the head's width (\(headWidth))")
    }
    ropeBase = try keys.number("rope.freq_base", default: 10_000)
    normEpsilon = Float(try keys.number("attention.layer_norm_rms_epsilon", default: 1e-5))
    ropeScale = try keys.linearRopeScale()
    vocabularyCount = try keys.vocabularyCount()
    try keys.refuseOtherModels()
  }
}

/// Typed access to the `llama.*` keys.
private struct Keys {
  let metadata: Metadata

  func optionalCount(_ key: String, atMost limit: Int) throws(ModelError) -> Int? {
    guard let value = metadata["llama.\(key)"] else { return nil }
    guard let count = value.int, count > 0, count <= limit else {
      throw .badValue(
        "llama.\(key)", "\(value)", expected: "a whole number in 1...\(limit) is needed")
    }
    return count
  }

  func count(_ key: String, atMost limit: Int) throws(ModelError) -> Int {
    guard let count = try optionalCount(key, atMost: limit) else {
      throw .missingKey("llama.\(key)")
    }
    return count
  }

  func number(_ key: String, default fallback: Double) throws(ModelError) -> Double {
    guard let value = metadata["llama.\(key)"] else { return fallback }
    guard let number = value.double, number.isFinite, number > 0 else {
      throw .badValue("llama.\(key)", "\(value)", expected: "a positive number is needed")
    }
    return number
  }

  /// The tokens: what the key says, or else how many the vocabulary has. Where both are there they agree.
  func vocabularyCount() throws(ModelError) -> Int {
    let listed = metadata["tokenizer.ggml.tokens"]?.array?.count
    let key = "llama.vocab_size"
    guard
      let count = try optionalCount("vocab_size", atMost: Blueprint.greatestVocabulary) ?? listed,
      (1...Blueprint.greatestVocabulary).contains(count)
    else { throw .missingKey(key) }
    if let listed, listed != count {
      throw .badValue(
        key, "\(count)",
        expected: "the file's vocabulary, tokenizer.ggml.tokens, has \(listed) tokens; it needs "
          + "converting again")
    }
    return count
  }

  /// Refuses keys that ask for another pass than this engine's, unless they say what it does anyway.
  func refuseOtherModels() throws(ModelError) {
    for (key, usual) in LlamaKeys.ofOtherModels {
      guard let value = metadata["llama.\(key)"], let number = value.double ?? value.bool?.number,
        !usual.contains(number)
      else { continue }
      throw .badValue(
        "llama.\(key)", "\(value)", expected: "this engine has no such step; use another model")
    }
  }

  /// As llama.cpp reads it: a file that gives a factor and no type means linear scaling, and older
  /// files have the factor under another key.
  func linearRopeScale() throws(ModelError) -> Double {
    switch metadata["llama.rope.scaling.type"]?.string {
    case nil, "linear":
      return try number("rope.scaling.factor", default: number("rope.scale_linear", default: 1))
    case "none": return 1
    case "llama3": return 1  // carried out by the tensor rope_freqs.weight
    case let other?:
      throw .badValue(
        "llama.rope.scaling.type", "\"\(other)\"", expected: "none, linear and llama3 are supported"
      )
    }
  }
}

extension Bool {
  fileprivate var number: Double { self ? 1 : 0 }
}
