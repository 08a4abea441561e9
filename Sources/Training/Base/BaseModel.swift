package import GGUF
import Kernels
package import Transformer

/// The frozen base model as floats, for training through its blocks: dequantised once, never changed.
package struct BaseModel {
  /// The matrices of a block that can be trained, in llama.cpp's words.
  enum Projection: String, CaseIterable {
    case query = "attn_q"
    case key = "attn_k"
    case value = "attn_v"
    case output = "attn_output"
    case gate = "ffn_gate"
    case up = "ffn_up"
    case down = "ffn_down"

    /// The name of the matrix in block `block`.
    func name(_ block: Int) -> String { "blk.\(block).\(rawValue).weight" }
  }

  /// One block's tensors.
  struct Block {
    let attentionNorm: Matrix
    let feedForwardNorm: Matrix
    let matrices: [Projection: Matrix]
  }

  /// The hyper-parameters.
  package let blueprint: Blueprint
  /// The final norm and the head.
  let head: FrozenHead
  let blocks: [Block]
  /// The embedding, [vocabulary, width]; the head's matrix where the two are tied.
  let embedding: Matrix
  /// RoPE's angle per position for each pair, in radians.
  let angles: [Double]
  private let memory: [AlignedBytes]

  /// Dequantises the model in `file`, whose shapes `weights` has checked.
  package init(file: GGUFFile, weights: Weights) throws(TrainingError) {
    blueprint = weights.blueprint
    try Self.check(blueprint)
    angles = weights.rotary.angles()
    head = try FrozenHead(file: file, blueprint: blueprint)
    let arena = Arena()
    func matrix(_ name: String) throws(TrainingError) -> Matrix {
      guard let tensor = file.tensor(named: name) else {
        throw TrainingError(.badSetting, at: name, "the model has no such tensor. Use another.")
      }
      let target = Matrix(tensor.rowCount, tensor.rowLength, in: arena)
      file.withBytes(of: tensor) { bytes in
        guard let source = bytes.baseAddress else { return }
        tensor.type.dequantize(source, count: tensor.elementCount, into: target.base)
      }
      return target
    }
    var blocks: [Block] = []
    for index in 0..<blueprint.blockCount {
      var matrices: [Projection: Matrix] = [:]
      for projection in Projection.allCases {
        matrices[projection] = try matrix(projection.name(index))
      }
      blocks.append(
        Block(
          attentionNorm: try matrix("blk.\(index).attn_norm.weight"),
          feedForwardNorm: try matrix("blk.\(index).ffn_norm.weight"), matrices: matrices))
    }
    self.blocks = blocks
    embedding =
      file.tensor(named: "output.weight") == nil ? head.matrix : try matrix("token_embd.weight")
    memory = arena.pieces
  }

  /// Refuses a model whose blocks have more than this pass trains through.
  private static func check(_ blueprint: Blueprint) throws(TrainingError) {
    let family = blueprint.architecture
    guard family.isLikeLlama, blueprint.rotations.count == 1, blueprint.window == nil,
      blueprint.rotations[0].magnitude == 1
    else {
      throw TrainingError(
        .badSetting, at: family.name,
        "models of this family are not trained through their blocks; 'fathom tune exits' and "
          + "'fathom tune draft' train beside them. Or use a model of the family llama.")
    }
  }

  /// The projections of every block, by name.
  var projections: [(name: String, matrix: Matrix)] {
    blocks.enumerated().flatMap { index, block in
      Projection.allCases.compactMap { projection in
        block.matrices[projection].map { (projection.name(index), $0) }
      }
    }
  }
}
