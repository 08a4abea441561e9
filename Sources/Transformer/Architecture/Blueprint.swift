import Dials
package import GGUF

/// The hyper-parameters of a model, from a file's metadata.
package struct Blueprint: Hashable, Sendable {
  /// The family.
  package let architecture: Architecture
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
  /// Dimensions of a head that RoPE rotates.
  package var rotatedWidth: Int
  /// Tokens in the vocabulary.
  package var vocabularyCount: Int
  /// Positions the model was trained for.
  package var trainedLength: Int
  /// The model's rotations; each block has one of them.
  package var rotations: [Rotation]
  /// Where blocks differ, block by block.
  package var forms: [BlockForm]
  /// Added to the mean square in RMSNorm.
  package var normEpsilon: Float
  /// What embeddings are multiplied by.
  package var embeddingScale: Float
  /// What attention and feed-forward bring is multiplied by before it joins the stream.
  package var residualScale: Float
  /// What scores of attention are multiplied by.
  package var attentionScale: Double
  /// What queries are multiplied by, as the kernels divide scores by the root of the head's width.
  var queryScale: Float
  /// What logits are divided by.
  package var logitScale: Float
  /// The bound that logits approach, by a hyperbolic tangent; nil where there is none.
  package var logitCap: Float?

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
  /// The window of those blocks that have one; nil where none has.
  package var window: Int? { forms.lazy.compactMap(\.window).first }
  /// Angles of one position: a pair's in each rotation.
  var angleCount: Int { max(1, rotations.count * (rotatedWidth / 2)) }

  /// Reads the metadata of a file of one of the families.
  package init(metadata: Metadata) throws(ModelError) {
    architecture = try Architecture(metadata: metadata)
    let keys = HyperparameterKeys(metadata: metadata, architecture: architecture)
    try keys.refuseExperts()
    blockCount = try keys.count("block_count", atMost: BlockSet.capacity)
    width = try keys.count("embedding_length", atMost: Self.greatestWidth)
    innerWidth = try keys.count("feed_forward_length", atMost: 1 << 19)
    headCount = try keys.count("attention.head_count", atMost: 1024)
    keyValueHeadCount =
      try keys.optionalCount("attention.head_count_kv", atMost: 1024) ?? headCount
    trainedLength = try keys.count("context_length", atMost: 1 << 26)
    guard headCount % keyValueHeadCount == 0 else {
      throw keys.badValue(
        "attention.head_count_kv", "\(keyValueHeadCount)",
        expected: "it must divide the \(headCount) query heads")
    }
    headWidth =
      try keys.optionalCount("attention.key_length", atMost: Self.widestHead) ?? width / headCount
    rotatedWidth = try keys.optionalCount("rope.dimension_count", atMost: 1024) ?? headWidth
    try keys.checkHeads(width: width, headWidth: headWidth, rotatedWidth: rotatedWidth)
    normEpsilon = Float(try keys.number("attention.layer_norm_rms_epsilon", default: 1e-5))
    (rotations, forms) = try keys.forms(blockCount: blockCount, trainedLength: trainedLength)
    let scales = ScaleReader(
      keys: keys, width: width, blockCount: blockCount, headCount: headCount, headWidth: headWidth)
    embeddingScale = Float(try scales.value(of: architecture.embeddingScale) ?? 1)
    residualScale = Float(try scales.value(of: architecture.residualScale) ?? 1)
    let root = Double(headWidth).squareRoot()
    let attention = try scales.value(of: architecture.attentionScale)
    attentionScale = attention ?? 1 / root
    queryScale = attention.map { Float($0 * root) } ?? 1
    logitScale = Float(try scales.value(of: architecture.logitScale) ?? 1)
    let cap = try architecture.logitCapKey.flatMap { key throws(ModelError) in try keys.scale(key) }
    logitCap = cap.flatMap { $0 == 0 ? nil : Float($0) }
    vocabularyCount = try keys.vocabularyCount()
    try keys.refuseOtherModels()
  }
}

extension Architecture {
  /// The family of a file.
  package init(metadata: Metadata) throws(ModelError) {
    guard let name = metadata["general.architecture"]?.string else {
      throw .missingKey("general.architecture")
    }
    if let known = Self.named(name) {
      self = known
      return
    }
    let families = Self.all.map { "\($0.name) (\($0.models))" }.joined(separator: ", ")
    let problem = name.hasSuffix("moe") ? "mixtures of experts are not supported; " : ""
    throw ModelError(
      code: .unsupportedArchitecture, place: "general.architecture",
      message: "The key \"general.architecture\" is \"\(name)\"; \(problem)this engine runs "
        + "\(families).")
  }
}

/// Works out the factors that a family has.
private struct ScaleReader {
  let keys: HyperparameterKeys
  let width: Int
  let blockCount: Int
  let headCount: Int
  let headWidth: Int

  /// The factor that a rule gives; nil for what is the case everywhere else.
  func value(of rule: ScaleRule) throws(ModelError) -> Double? {
    switch rule {
    case .one: return nil
    // In single precision, as the models were trained.
    case .widthRoot: return Double(Float(width).squareRoot())
    case .headShareRoot(let count):
      return blockCount == count ? 1 / (Double(width) / Double(headCount)).squareRoot() : nil
    case .key(let key, let missing):
      // Zero is how files say that there is none.
      if let value = try keys.scale(key), value != 0 { return value }
      switch missing {
      case .one: return nil
      case .number(let number): return number
      case .perBlockRoot(let number): return number / Double(blockCount).squareRoot()
      case .widthOver(let number): return Double(width) / number
      }
    }
  }
}
