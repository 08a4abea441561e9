package import GGUF
import Kernels
package import Transformer

/// The base's final norm and LM head as floats: what every exit shares and nobody trains.
package struct FrozenHead {
  /// The LM head, [vocabulary, width].
  let matrix: Matrix
  /// The final norm's gains, [width], and as a matrix of one row. What logits are divided by is in them.
  let norm: [Float]
  let gain: Matrix
  /// Added to the mean square in every norm.
  let epsilon: Float
  private let memory: [AlignedBytes]

  /// Reads the head of the model in `file`.
  package init(file: GGUFFile, blueprint: Blueprint) throws(TrainingError) {
    guard
      let tensor = file.tensor(named: "output.weight") ?? file.tensor(named: "token_embd.weight"),
      let norm = file.tensor(named: "output_norm.weight"), norm.elementCount == blueprint.width,
      tensor.shape == [blueprint.width, blueprint.vocabularyCount]
    else {
      throw TrainingError(
        .badSetting, at: file.path, "this model has no head that can be read. Use another model.")
    }
    let arena = Arena()
    matrix = Matrix(tensor.rowCount, tensor.rowLength, in: arena)
    let target = matrix.base
    file.withBytes(of: tensor) { bytes in
      guard let source = bytes.baseAddress else { return }
      tensor.type.dequantize(source, count: tensor.elementCount, into: target)
    }
    self.norm = file.dequantize(norm).map { $0 / blueprint.logitScale }
    gain = Matrix(self.norm, columns: blueprint.width, in: arena)
    memory = arena.pieces
    epsilon = blueprint.normEpsilon
  }

  /// Width of the stream.
  package var width: Int { matrix.columns }
  /// Tokens of the vocabulary.
  package var vocabularyCount: Int { matrix.rows }
}
