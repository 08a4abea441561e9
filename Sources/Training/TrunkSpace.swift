import Kernels
import Transformer

/// Room for one sequence on its way through the trunk and back: what each block computed is kept.
struct TrunkSpace {
  /// What one block keeps.
  struct Kept {
    /// The stream before attention and before the feed-forward, [n, width].
    let stream: Matrix
    let middle: Matrix
    /// Reciprocal roots of the two norms, [n, 1].
    let attentionScales: Matrix
    let feedForwardScales: Matrix
    /// Turned queries and keys, and values.
    let query: Matrix
    let key: Matrix
    let value: Matrix
    /// Attention's softmax, [heads · n, n].
    let weights: Matrix
    /// What attention gathered, [n, queryWidth].
    let attended: Matrix
    /// Gate and factor of the feed-forward, [n, innerWidth].
    let gate: Matrix
    let up: Matrix
  }

  /// The blocks, first block first.
  let kept: [Kept]
  /// The stream after the last block, [n, width].
  let stream: Matrix
  /// Slopes of the stream, [n, width].
  let slope: Matrix
  /// The normalised stream and its slope, [n, width].
  let normed: Matrix
  let normedSlope: Matrix
  /// The projection that is added to the stream, [n, width].
  let added: Matrix
  /// Slopes of the attention's parts.
  let querySlope: Matrix
  let keySlope: Matrix
  let valueSlope: Matrix
  let attendedSlope: Matrix
  /// The gated inner state, and slopes of gate and factor, [n, innerWidth].
  let gated: Matrix
  let gateSlope: Matrix
  let upSlope: Matrix
  /// [n, n].
  let square: Matrix
  /// Inner states of the changes of low rank.
  let inner: Matrix
  let turns: RotaryEmbedding
  private let memory: [AlignedBytes]

  /// Room for up to `length` tokens.
  init(_ trunk: Trunk, length: Int, rank: Int) {
    let arena = Arena()
    let shape = trunk.blueprint
    func room(_ columns: Int) -> Matrix { Matrix(length, columns, in: arena) }
    kept = trunk.blocks.map { _ in
      Kept(
        stream: room(shape.width), middle: room(shape.width), attentionScales: room(1),
        feedForwardScales: room(1), query: room(shape.queryWidth), key: room(shape.keyValueWidth),
        value: room(shape.keyValueWidth),
        weights: Matrix(shape.headCount * length, length, in: arena),
        attended: room(shape.queryWidth), gate: room(shape.innerWidth), up: room(shape.innerWidth))
    }
    stream = room(shape.width)
    slope = room(shape.width)
    normed = room(shape.width)
    normedSlope = room(shape.width)
    added = room(shape.width)
    querySlope = room(shape.queryWidth)
    keySlope = room(shape.keyValueWidth)
    valueSlope = room(shape.keyValueWidth)
    attendedSlope = room(shape.queryWidth)
    gated = room(shape.innerWidth)
    gateSlope = room(shape.innerWidth)
    upSlope = room(shape.innerWidth)
    square = room(length)
    inner = Matrix(2 * length, max(1, rank), in: arena)
    turns = RotaryEmbedding(angles: trunk.angles, count: length, in: arena)
    memory = arena.pieces
  }

  /// The stream after `depth` blocks, for the first `rows` rows.
  func stream(after depth: Int, rows: Int) -> Matrix {
    (depth < kept.count ? kept[depth].stream : stream).prefix(rows)
  }
}
