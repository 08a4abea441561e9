package import GGUF
import Kernels
package import Transformer

/// The frozen base model as floats, for training through its blocks: dequantised once, never changed.
package struct BaseModel {
  /// One block's tensors.
  struct Block {
    let attentionNorm: Matrix
    let feedForwardNorm: Matrix
    let matrices: [BlockPart: Matrix]
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
      var matrices: [BlockPart: Matrix] = [:]
      for projection in BlockPart.matrices {
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
      BlockPart.matrices.compactMap { projection in
        block.matrices[projection].map { (projection.name(index), $0) }
      }
    }
  }
}

extension BlockPart {
  /// The name of a matrix in block `block` of a model like Llama, in which each has a tensor of its own.
  func name(_ block: Int) -> String { "blk.\(block).\(rawValue).weight" }
}
