import Kernels

/// Gains of a block's norms; nil where the family has none.
struct BlockNorms: Sendable, BitwiseCopyable {
  /// Before attention and before the feed-forward, [width].
  nonisolated(unsafe) let attention: UnsafePointer<Float>?
  nonisolated(unsafe) let feedForward: UnsafePointer<Float>?
  /// Of queries and keys before they are rotated: of a head, [headWidth], or of a row.
  nonisolated(unsafe) let query: UnsafePointer<Float>?
  nonisolated(unsafe) let key: UnsafePointer<Float>?
  /// Of what attention and feed-forward bring, [width].
  nonisolated(unsafe) let attentionPost: UnsafePointer<Float>?
  nonisolated(unsafe) let feedForwardPost: UnsafePointer<Float>?

  init(
    _ index: Int, of blueprint: Blueprint, from reader: TensorReader, _ balance: KeyBalance?,
    arena: Arena
  ) throws(ModelError) {
    func gains(
      _ part: BlockPart, by factor: (Int) -> Float = { _ in 1 }
    ) throws(ModelError) -> UnsafePointer<Float>? {
      try reader.vector(part, ofBlock: index, blueprint).map { values in
        UnsafePointer(arena.copy(values.enumerated().map { $1 * factor($0) }))
      }
    }
    attention = try gains(.attentionNorm)
    feedForward = try gains(.feedForwardNorm)
    // Where each head is normalised, all have the same factors.
    query = try gains(.queryNorm) { balance?.factors[$0] ?? 1 }
    key = try gains(.keyNorm) { 1 / (balance?.factors[$0] ?? 1) }
    attentionPost = try gains(.attentionPostNorm)
    feedForwardPost = try gains(.feedForwardPostNorm)
  }
}

/// What is done to a block's projections; nil where nothing is.
struct BlockBiases: Sendable, BitwiseCopyable {
  /// [queryWidth].
  nonisolated(unsafe) let query: UnsafePointer<Float>?
  /// [keyValueWidth] each.
  nonisolated(unsafe) let key: UnsafePointer<Float>?
  nonisolated(unsafe) let value: UnsafePointer<Float>?
  /// What queries and keys are multiplied by afterwards, [queryWidth] and [keyValueWidth]; nil: nothing.
  nonisolated(unsafe) let queryFactors: UnsafePointer<Float>?
  nonisolated(unsafe) let keyFactors: UnsafePointer<Float>?

  init(
    _ index: Int, of blueprint: Blueprint, from reader: TensorReader, _ balance: KeyBalance?,
    arena: Arena
  ) throws(ModelError) {
    func bias(_ part: BlockPart) throws(ModelError) -> UnsafePointer<Float>? {
      try reader.bias(of: part, ofBlock: index, blueprint).map { UnsafePointer(arena.copy($0)) }
    }
    query = try bias(.query)
    key = try bias(.key)
    value = try bias(.value)
    let isApart = blueprint.architecture.queryKeyNorm == .none
    let own = isApart ? balance : nil
    queryFactors = own.map { UnsafePointer(arena.copy($0.queryFactors)) }
    keyFactors = own.map { UnsafePointer(arena.copy($0.factors.map { 1 / $0 })) }
  }
}
