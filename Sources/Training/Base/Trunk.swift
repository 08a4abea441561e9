package import GGUF
import Kernels
package import Transformer

/// The base's blocks as floats, for training through them: dequantised once, never changed.
package struct Trunk {
  /// The matrices of a block that a change of low rank can be trained for, in llama.cpp's words.
  package enum Projection: String, CaseIterable, Sendable {
    case query = "attn_q"
    case key = "attn_k"
    case value = "attn_v"
    case output = "attn_output"
    case gate = "ffn_gate"
    case up = "ffn_up"
    case down = "ffn_down"
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
  package let head: FrozenHead
  let blocks: [Block]
  /// The embedding, [vocabulary, width]; the head's matrix where the two are tied.
  let embedding: Matrix
  /// RoPE's angle per position for each pair.
  let angles: [Double]
  private let memory: [AlignedBytes]

  /// Dequantises the model in `file`, whose shapes `weights` has checked.
  package init(file: GGUFFile, weights: Weights) throws(TrainingError) {
    blueprint = weights.blueprint
    angles = weights.angles
    head = try FrozenHead(file: file, blueprint: blueprint)
    let arena = Arena()
    func matrix(_ name: String) throws(TrainingError) -> Matrix {
      guard let tensor = file.tensor(named: name + ".weight") else {
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
        matrices[projection] = try matrix("blk.\(index).\(projection.rawValue)")
      }
      blocks.append(
        Block(
          attentionNorm: try matrix("blk.\(index).attn_norm"),
          feedForwardNorm: try matrix("blk.\(index).ffn_norm"), matrices: matrices))
    }
    self.blocks = blocks
    embedding =
      file.tensor(named: "output.weight") == nil ? head.matrix : try matrix("token_embd")
    memory = arena.pieces
  }

  /// Names and shapes of the projections of every block.
  package var projections: [(name: String, rows: Int, columns: Int)] {
    blocks.enumerated().flatMap { index, block in
      Projection.allCases.compactMap { projection in
        block.matrices[projection].map {
          ("blk.\(index).\(projection.rawValue).weight", $0.rows, $0.columns)
        }
      }
    }
  }

  /// The matrices of all projections, in the order of their names and shapes.
  var projectionMatrices: [Matrix] {
    blocks.flatMap { block in Projection.allCases.compactMap { block.matrices[$0] } }
  }

  /// Names and shapes of a change of rank `rank` for every projection of every block.
  package func changes(rank: Int) -> [(name: String, rows: Int, columns: Int)] {
    projections.flatMap { projection in
      [
        (projection.name + ".lora_a", rank, projection.columns),
        (projection.name + ".lora_b", projection.rows, rank),
      ]
    }
  }
}
