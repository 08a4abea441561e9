package import GGUF
package import Kernels

/// The weights of one block, ready for the kernels.
package struct BlockWeights: Sendable {
  /// RMSNorm gains before attention, [width].
  package let attentionNorm: [Float]
  /// [queryWidth, width]; rows permuted so that RoPE's pairs are adjacent, as GGUF stores them.
  package let query: PackedMatrix
  /// [keyValueWidth, width]; permuted as the query.
  package let key: PackedMatrix
  /// [keyValueWidth, width].
  package let value: PackedMatrix
  /// [width, queryWidth].
  package let output: PackedMatrix
  /// RMSNorm gains before the feed-forward, [width].
  package let feedForwardNorm: [Float]
  /// [innerWidth, width].
  package let gate: PackedMatrix
  /// [innerWidth, width].
  package let up: PackedMatrix
  /// [width, innerWidth].
  package let down: PackedMatrix

  /// The matrices in the order in which a pass reads them.
  package var matrices: [PackedMatrix] { [query, key, value, output, gate, up, down] }

  /// Of the matrices that read the stream before attention one that takes quantised rows, if any does:
  /// a file may mix types.
  var attentionInput: PackedMatrix {
    query.coding.isFloat ? (key.coding.isFloat ? value : key) : query
  }

  /// The same before the feed-forward.
  var feedForwardInput: PackedMatrix { gate.coding.isFloat ? up : gate }
}

/// All weights of a model. The only file that spells tensor names.
package struct Weights: Sendable {
  /// The hyper-parameters.
  package let blueprint: Blueprint
  /// The blocks, first block first.
  package let blocks: [BlockWeights]
  /// RMSNorm gains before the head, [width].
  package let outputNorm: [Float]
  /// The LM head, [vocabularyCount, width]; the embedding itself where the two are tied.
  package let head: PackedMatrix
  /// RoPE's angle per position for each pair, [rotatedWidth / 2], scaling included.
  package let angles: [Double]

  private let file: GGUFFile
  private let embedding: TensorInfo

  /// Reads and repacks every tensor of `file`; the crew shares the work.
  package init(file: GGUFFile, crew: WorkCrew) throws(ModelError) {
    let blueprint = try Blueprint(metadata: file.metadata)
    let reader = TensorReader(file: file, crew: crew)
    try reader.refuseBiases()
    let width = blueprint.width
    var blocks: [BlockWeights] = []
    for index in 0..<blueprint.blockCount {
      let name = "blk.\(index)."
      blocks.append(
        BlockWeights(
          attentionNorm: try reader.vector(name + "attn_norm.weight", width),
          query: try reader.matrix(name + "attn_q.weight", blueprint.queryWidth, width),
          key: try reader.matrix(name + "attn_k.weight", blueprint.keyValueWidth, width),
          value: try reader.matrix(name + "attn_v.weight", blueprint.keyValueWidth, width),
          output: try reader.matrix(name + "attn_output.weight", width, blueprint.queryWidth),
          feedForwardNorm: try reader.vector(name + "ffn_norm.weight", width),
          gate: try reader.matrix(name + "ffn_gate.weight", blueprint.innerWidth, width),
          up: try reader.matrix(name + "ffn_up.weight", blueprint.innerWidth, width),
          down: try reader.matrix(name + "ffn_down.weight", width, blueprint.innerWidth)))
    }
    let embeddingName = "token_embd.weight"
    embedding = try reader.tensor(embeddingName, [width, blueprint.vocabularyCount])
    let headName = file.tensor(named: "output.weight") == nil ? embeddingName : "output.weight"
    head = try reader.matrix(headName, blueprint.vocabularyCount, width)
    outputNorm = try reader.vector("output_norm.weight", width)
    angles = Self.angles(
      blueprint, factors: try reader.optionalVector("rope_freqs.weight", blueprint.rotatedWidth / 2)
    )
    self.blueprint = blueprint
    self.blocks = blocks
    self.file = file
    file.releasePages()
  }

  /// Writes the embedding of a token, [width].
  package func embed(_ token: Int, into out: UnsafeMutablePointer<Float>) {
    let bytes = embedding.byteCount / embedding.rowCount
    file.withBytes(of: embedding) { source in
      guard let base = source.baseAddress else { return }
      embedding.type.dequantize(base + token * bytes, count: blueprint.width, into: out)
    }
  }

  /// Bytes of all repacked matrices.
  package var byteCount: Int {
    blocks.reduce(head.byteCount) { $0 + $1.matrices.reduce(0) { $0 + $1.byteCount } }
  }

  private static func angles(_ blueprint: Blueprint, factors: [Float]?) -> [Double] {
    (0..<blueprint.rotatedWidth / 2).map { pair in
      let exponent = -2 * Double(pair) / Double(blueprint.rotatedWidth)
      return blueprint.ropeBase.raised(to: exponent) / blueprint.ropeScale
        / Double(factors?[pair] ?? 1)
    }
  }
}

/// Finds tensors by name and checks their shapes.
private struct TensorReader {
  let file: GGUFFile
  let crew: WorkCrew

  func tensor(_ name: String, _ shape: [Int]) throws(ModelError) -> TensorInfo {
    guard let tensor = file.tensor(named: name) else {
      throw ModelError(
        code: .missingTensor, place: name,
        message: "The tensor \"\(name)\" is missing. The file is not a complete model.")
    }
    guard tensor.shape == shape else {
      throw ModelError(
        code: .badShape, place: name,
        message: "The tensor \"\(name)\" has the shape \(tensor.shape), but the model's keys ask "
          + "for \(shape).")
    }
    return tensor
  }

  /// Some llama files have biases; left out in silence they would give another model.
  func refuseBiases() throws(ModelError) {
    guard let bias = file.tensors.first(where: { $0.name.hasSuffix(".bias") }) else { return }
    throw ModelError(
      code: .unsupportedTensor, place: bias.name,
      message: "The tensor \"\(bias.name)\" is a bias; this engine runs models without. "
        + "Use another model.")
  }

  func matrix(_ name: String, _ rows: Int, _ columns: Int) throws(ModelError) -> PackedMatrix {
    PackedMatrix(repacking: try tensor(name, [columns, rows]), of: file, crew: crew)
  }

  func vector(_ name: String, _ count: Int) throws(ModelError) -> [Float] {
    file.dequantize(try tensor(name, [count]))
  }

  func optionalVector(_ name: String, _ count: Int) throws(ModelError) -> [Float]? {
    file.tensor(named: name) == nil ? nil : try vector(name, count)
  }
}
