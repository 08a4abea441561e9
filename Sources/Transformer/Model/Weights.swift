import Dials
package import GGUF
package import Kernels

/// The weights of one block without their ownership: what a pass reads.
///
/// Rows of query and key, and what belongs to them, lie so that RoPE turns neighbours.
package struct BlockView: Sendable, BitwiseCopyable {
  /// Gains of the norms; nil where the family has none.
  let norms: BlockNorms
  /// [queryWidth, width].
  package let query: MatrixView
  /// [keyValueWidth, width].
  package let key: MatrixView
  /// [keyValueWidth, width].
  package let value: MatrixView
  /// What is done to query, key and value besides.
  let biases: BlockBiases
  /// [width, queryWidth].
  package fileprivate(set) var output: MatrixView
  /// [innerWidth, width].
  package let gate: MatrixView
  /// [innerWidth, width].
  package let up: MatrixView
  /// [width, innerWidth].
  package fileprivate(set) var down: MatrixView
  /// What an adapter adds to the matrices.
  fileprivate(set) var changes = BlockChanges()

  /// Of the matrices that read the stream before attention one that takes quantised rows, if any does:
  /// a file may mix types.
  var attentionInput: MatrixView { query.isFloat ? (key.isFloat ? value : key) : query }

  /// The same before the feed-forward.
  var feedForwardInput: MatrixView { gate.isFloat ? up : gate }

  /// Multiply-accumulates of the block for one row.
  package var macs: Int {
    query.macs + key.macs + value.macs + output.macs + gate.macs + up.macs + down.macs
      + changes.work.macs
  }

  /// Bytes that the block reads.
  package var byteCount: Int {
    query.byteCount + key.byteCount + value.byteCount + output.byteCount + gate.byteCount
      + up.byteCount + down.byteCount + changes.work.bytes
  }

  /// What the feed-forward alone takes for one row.
  var feedForwardWork: Work {
    var work = changes.feedForwardWork
    work.macs += gate.macs + up.macs + down.macs
    work.bytes += gate.byteCount + up.byteCount + down.byteCount
    return work
  }

  /// What keys and values alone take for one row.
  var fillWork: Work {
    var work = changes.fillWork
    work.macs += key.macs + value.macs
    work.bytes += key.byteCount + value.byteCount
    return work
  }
}

/// The weights of one block, and the memory that they lie in.
package struct BlockWeights: Sendable {
  private var matrices: [PackedMatrix]

  /// What a pass uses of the block.
  package private(set) var view: BlockView

  /// The block with other changes.
  fileprivate func changed(by changes: BlockChanges) -> BlockWeights {
    var block = self
    block.view.changes = changes
    return block
  }

  /// The block with other matrices in the place of some of its own.
  fileprivate func repaired(by others: [BlockPart: PackedMatrix]) -> BlockWeights {
    var block = self
    block.matrices += others.values
    if let output = others[.output] { block.view.output = output.view }
    if let down = others[.down] { block.view.down = down.view }
    return block
  }

  fileprivate init(
    _ index: Int, of blueprint: Blueprint, from reader: TensorReader, arena: Arena
  ) throws(ModelError) {
    func matrix(_ part: BlockPart) throws(ModelError) -> PackedMatrix {
      try reader.matrix(part, ofBlock: index, blueprint)
    }
    let (query, key, value) = (try matrix(.query), try matrix(.key), try matrix(.value))
    let (output, gate) = (try matrix(.output), try matrix(.gate))
    let (up, down) = (try matrix(.up), try matrix(.down))
    matrices = [query, key, value, output, gate, up, down]
    let balance = KeyBalance(block: index, of: blueprint, in: reader.file)
    view = BlockView(
      norms: try BlockNorms(index, of: blueprint, from: reader, balance, arena: arena),
      query: query.view,
      key: key.view, value: value.view,
      biases: try BlockBiases(index, of: blueprint, from: reader, balance, arena: arena),
      output: output.view, gate: gate.view, up: up.view, down: down.view)
  }
}

/// All weights of a model.
package struct Weights: Sendable {
  /// The hyper-parameters.
  package let blueprint: Blueprint
  /// The blocks, first block first.
  package private(set) var blocks: [BlockWeights]
  /// What an adapter adds to the blocks' matrices, if one does.
  package private(set) var changes: LowRankChanges?
  /// What stands in for some of the file's own matrices where certain blocks are left out, if something
  /// does.
  package private(set) var repair: Repair?
  /// The blocks with those matrices.
  private var repairedBlocks: [Int: BlockWeights] = [:]
  /// RMSNorm gains before the head, [width]. What logits are divided by is in them.
  nonisolated(unsafe) package let outputNorm: UnsafePointer<Float>
  /// The LM head, [vocabularyCount, width]; the embedding itself where the two are tied.
  package var head: MatrixView { headMatrix.view }
  /// The head by its upper five bits, if it has eight.
  package var coarseHead: CoarseView? { headMatrix.coarse }
  /// How each of the model's rotations turns, for texts of any length.
  package let rotary: RotaryTables

  private let headMatrix: PackedMatrix
  private let headTensor: TensorInfo
  private let headBytes: TensorBytes
  private let memory: [AlignedBytes]
  private let embedding: TensorInfo
  private let embeddingBytes: TensorBytes

  /// The tensors that are of no block.
  private static let names: Set<String> = [
    "token_embd.weight", "output.weight", "output_norm.weight",
  ]

  /// Reads and repacks every tensor of `file`; the pool shares the work.
  package init(file: GGUFFile, pool: ThreadPool) throws(ModelError) {
    let blueprint = try Blueprint(metadata: file.metadata)
    let reader = TensorReader(file: file, pool: pool)
    try reader.refuseOthers(
      than: Self.names.union(RotaryTables.names(of: blueprint)),
      ofBlocks: blueprint.tensorNames, blockCount: blueprint.blockCount,
      family: blueprint.architecture.name)
    let width = blueprint.width
    let arena = Arena()
    let embeddingName = "token_embd.weight"
    embedding = try reader.tensor(embeddingName, [width, blueprint.vocabularyCount])
    embeddingBytes = file.bytes(of: embedding)
    let headName = file.tensor(named: "output.weight") == nil ? embeddingName : "output.weight"
    headTensor =
      headName == embeddingName
      ? embedding : try reader.tensor(headName, [width, blueprint.vocabularyCount])
    headBytes = file.bytes(of: headTensor)
    headMatrix = PackedMatrix(repacking: headTensor, split: true, bytes: headBytes, pool: pool)
    // What is repacked is let go at once: the file and its repacked form are never whole in memory
    // together.
    file.releasePages()
    var blocks: [BlockWeights] = []
    for index in 0..<blueprint.blockCount {
      blocks.append(try BlockWeights(index, of: blueprint, from: reader, arena: arena))
      file.releasePages()
    }
    let gains = try reader.vector("output_norm.weight", width)
    outputNorm = UnsafePointer(arena.copy(gains.map { $0 / blueprint.logitScale }))
    memory = arena.pieces
    rotary = try RotaryTables(blueprint, from: reader)
    self.blueprint = blueprint
    self.blocks = blocks
    file.releasePages()
  }

  /// These weights with other changes of low rank, or with none.
  package func changed(by changes: LowRankChanges?) -> Weights {
    var weights = self
    weights.changes = changes
    weights.blocks = blocks.enumerated().map { index, block in
      block.changed(by: changes?.blocks[index] ?? BlockChanges())
    }
    for (index, block) in repairedBlocks {
      weights.repairedBlocks[index] = block.changed(by: changes?.blocks[index] ?? BlockChanges())
    }
    return weights
  }

  /// These weights with a repair for where its blocks are left out, or with none.
  package func repaired(by repair: Repair?) -> Weights {
    var weights = self
    weights.repair = repair
    weights.repairedBlocks = [:]
    for (block, matrices) in repair?.matrices ?? [:] {
      weights.repairedBlocks[block] = blocks[block].repaired(by: matrices)
    }
    return weights
  }

  /// What a pass uses of a block where the blocks `pruned` are left out for every row: with the repair that
  /// is for just these, where there is one.
  func view(ofBlock block: Int, without pruned: BlockSet?) -> BlockView {
    guard let repair, repair.removed == pruned else { return blocks[block].view }
    return (repairedBlocks[block] ?? blocks[block]).view
  }

  /// Writes the embedding of a token, [width].
  package func embed(_ token: Int, into out: UnsafeMutablePointer<Float>) {
    let bytes = embedding.byteCount / embedding.rowCount
    embeddingBytes.withBytes { source in
      guard let base = source.baseAddress else { return }
      embedding.type.dequantize(base + token * bytes, count: blueprint.width, into: out)
    }
    let scale = blueprint.embeddingScale
    if scale != 1 { for index in 0..<blueprint.width { out[index] *= scale } }
  }

  /// The rows of the LM head that belong to `tokens`, in their order.
  func headRows(_ tokens: [Int32], pool: ThreadPool) -> PackedMatrix {
    PackedMatrix(repacking: headTensor, rows: tokens, bytes: headBytes, pool: pool)
  }

  /// Calls `body` with the rows of the LM head as they lie in the file.
  func withHeadRows(_ body: (UnsafeRawPointer) -> Void) {
    headBytes.withBytes { source in
      if let base = source.baseAddress { body(base) }
    }
  }

  /// Lets go of the file's pages that `embed` touched: the system maps many around each.
  func releaseEmbeddings() { embeddingBytes.releasePages() }

  /// Bytes that a pass over all repacked matrices reads.
  package var byteCount: Int { blocks.reduce(head.byteCount) { $0 + $1.view.byteCount } }

  /// Bytes of memory that they take.
  package var storedByteCount: Int { byteCount + (coarseHead?.surplusByteCount ?? 0) }
}
