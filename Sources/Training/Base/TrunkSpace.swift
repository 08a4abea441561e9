import Kernels
import Transformer

/// Room for some texts on their way through the trunk and back, one after the other in the rows: what each
/// block computed is kept.
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
    /// Attention's softmax, [heads · n, n] for each text in its place.
    private let allWeights: Matrix
    /// What attention gathered, [n, queryWidth].
    let attended: Matrix
    /// Gate and factor of the feed-forward, [n, innerWidth].
    let gate: Matrix
    let up: Matrix

    fileprivate init(_ shape: Blueprint, length: Int, _ room: (Int) -> Matrix, in arena: Arena) {
      stream = room(shape.width)
      middle = room(shape.width)
      attentionScales = room(1)
      feedForwardScales = room(1)
      query = room(shape.queryWidth)
      key = room(shape.keyValueWidth)
      value = room(shape.keyValueWidth)
      allWeights = Matrix(shape.headCount * stream.rows, length, in: arena)
      attended = room(shape.queryWidth)
      gate = room(shape.innerWidth)
      up = room(shape.innerWidth)
    }

    /// The softmax of the text in these rows.
    func weights(_ rows: Range<Int>) -> Matrix {
      let heads = allWeights.rows / stream.rows
      return allWeights.rows(heads * rows.lowerBound..<heads * rows.upperBound)
    }
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
  /// [n, n] of one text.
  let square: Matrix
  /// Inner states of the changes of low rank.
  let inner: Matrix
  let turns: RotaryEmbedding
  private let memory: [AlignedBytes]

  /// Room for texts of up to `length` tokens each, and `rows` in all.
  init(_ trunk: Trunk, rows: Int, length: Int, rank: Int) {
    let arena = Arena()
    let shape = trunk.blueprint
    func room(_ columns: Int) -> Matrix { Matrix(rows, columns, in: arena) }
    kept = trunk.blocks.map { _ in Kept(shape, length: length, room, in: arena) }
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
    square = Matrix(length, length, in: arena)
    inner = Matrix(2 * rows, max(1, rank), in: arena)
    turns = RotaryEmbedding(angles: trunk.angles, count: length, in: arena)
    memory = arena.pieces
  }

  /// The stream after `depth` blocks, for the first `rows` rows.
  func stream(after depth: Int, rows: Int) -> Matrix {
    (depth < kept.count ? kept[depth].stream : stream).prefix(rows)
  }
}
