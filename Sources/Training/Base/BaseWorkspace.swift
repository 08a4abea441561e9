import Kernels
import Transformer

/// Memory for texts that pass through the base forward and backward, their rows one after the other.
struct BaseWorkspace {
  /// What the forward pass of one block keeps for the backward pass; n rows each.
  struct BlockActivations {
    /// The stream before attention and before the feed-forward, [n, width].
    let attentionInput: Matrix
    let feedForwardInput: Matrix
    /// Reciprocal roots of the two norms, [n, 1].
    let attentionScales: Matrix
    let feedForwardScales: Matrix
    /// Rotated queries and keys, and values.
    let query: Matrix
    let key: Matrix
    let value: Matrix
    /// Attention's softmax, [heads · n, length]: heads · m rows for each text of m rows, in its place.
    private let softmax: Matrix
    /// The output of the heads, [n, queryWidth].
    let attended: Matrix
    /// Both factors of the feed-forward, [n, innerWidth].
    let gate: Matrix
    let up: Matrix

    fileprivate init(_ shape: Blueprint, length: Int, _ rows: (Int) -> Matrix, in arena: Arena) {
      attentionInput = rows(shape.width)
      feedForwardInput = rows(shape.width)
      attentionScales = rows(1)
      feedForwardScales = rows(1)
      query = rows(shape.queryWidth)
      key = rows(shape.keyValueWidth)
      value = rows(shape.keyValueWidth)
      softmax = Matrix(shape.headCount * attentionInput.rows, length, in: arena)
      attended = rows(shape.queryWidth)
      gate = rows(shape.innerWidth)
      up = rows(shape.innerWidth)
    }

    /// The softmax of the text in these rows.
    func softmax(_ rows: Range<Int>) -> Matrix {
      let heads = softmax.rows / attentionInput.rows
      return softmax.rows(heads * rows.lowerBound..<heads * rows.upperBound)
    }
  }

  /// The activations, first block first.
  let blocks: [BlockActivations]
  /// The stream after the last block, [n, width].
  let stream: Matrix
  /// The gradient of the stream at the depth that the backward pass has come to, [n, width].
  let streamGradient: Matrix
  /// The normalised stream and its gradient, [n, width].
  let normed: Matrix
  let normedGradient: Matrix
  /// What a half of a block adds to the stream, [n, width].
  let added: Matrix
  /// Gradients of the attention's parts.
  let queryGradient: Matrix
  let keyGradient: Matrix
  let valueGradient: Matrix
  let attendedGradient: Matrix
  /// `silu(gate) ⊙ up`, and gradients of the feed-forward's parts, [n, innerWidth].
  let gated: Matrix
  let gatedGradient: Matrix
  let gateGradient: Matrix
  let upGradient: Matrix
  /// The gradient of the attention scores of one head and text, [length, length].
  let scoreGradient: Matrix
  /// Inner states of a LoRA delta and their gradients, [2 · n, rank].
  let loraScratch: Matrix
  let rotation: RotaryEmbedding
  private let memory: [AlignedBytes]

  /// Memory for texts of up to `length` tokens each, and `rows` in all.
  init(_ base: BaseModel, rows count: Int, length: Int, rank: Int) {
    let arena = Arena()
    let shape = base.blueprint
    func rows(_ columns: Int) -> Matrix { Matrix(count, columns, in: arena) }
    blocks = base.blocks.map { _ in BlockActivations(shape, length: length, rows, in: arena) }
    stream = rows(shape.width)
    streamGradient = rows(shape.width)
    normed = rows(shape.width)
    normedGradient = rows(shape.width)
    added = rows(shape.width)
    queryGradient = rows(shape.queryWidth)
    keyGradient = rows(shape.keyValueWidth)
    valueGradient = rows(shape.keyValueWidth)
    attendedGradient = rows(shape.queryWidth)
    gated = rows(shape.innerWidth)
    gatedGradient = rows(shape.innerWidth)
    gateGradient = rows(shape.innerWidth)
    upGradient = rows(shape.innerWidth)
    scoreGradient = Matrix(length, length, in: arena)
    loraScratch = Matrix(2 * count, max(1, rank), in: arena)
    rotation = RotaryEmbedding(angles: base.angles, count: length, in: arena)
    memory = arena.pieces
  }

  /// The stream after `depth` blocks, for the first `rows` rows.
  func stream(after depth: Int, rows: Int) -> Matrix {
    (depth < blocks.count ? blocks[depth].attentionInput : stream).prefix(rows)
  }
}
