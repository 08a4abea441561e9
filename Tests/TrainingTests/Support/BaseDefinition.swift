import Dials
import GGUF
import Training
import Transformer

/// The toy by its definition, with LoRA deltas, in double precision.
struct BaseDefinition {
  var tensors: [String: [Double]]
  let blueprint: Blueprint
  let angles: [Double]
  let factor: Double
  /// What stands in for the feed-forward of a block, given its normalised input; nil for the block's own.
  var feedForward: ((_ block: Int, _ x: Rows) -> Rows)?

  init(_ base: TinyBase, factor: Double) {
    tensors = Dictionary(
      uniqueKeysWithValues: base.file.tensors.map {
        ($0.name, base.file.dequantize($0).map(Double.init))
      })
    blueprint = base.weights.blueprint
    angles = base.weights.rotary.angles()
    self.factor = factor
  }

  /// The normalised sum of the weighted losses, the weight of full depth being 1. The labels are those of
  /// `text`, the input too, unless another is given.
  func loss(
    _ text: TrainingText, input: [TokenID]? = nil, changes: [String: Rows], exits: [Int],
    weights: [Double]
  ) -> Double {
    var x = (input ?? text.tokens).map { rows("token_embd.weight", blueprint.width)[$0.index] }
    var total = 0.0
    for block in 0..<blueprint.blockCount {
      x = self.block(block, x, changes)
      if let exit = exits.firstIndex(of: block + 1) { total += weights[exit] * loss(x, text) }
    }
    return (total + loss(x, text)) / (weights.reduce(0, +) + 1)
  }

  private func block(_ index: Int, _ x: Rows, _ changes: [String: Rows]) -> Rows {
    let prefix = "blk.\(index)."
    func project(_ x: Rows, _ name: String) -> Rows {
      let full = prefix + name + ".weight"
      let plain = Definition.linear(x, rows(full, x[0].count))
      guard let a = changes[full + ".lora_a"], let b = changes[full + ".lora_b"] else {
        return plain
      }
      let change = Definition.linear(Definition.linear(x, a), b)
      return Definition.sum(plain, change.map { $0.map { $0 * factor } })
    }
    func norm(_ x: Rows, _ name: String) -> Rows {
      Definition.norm(x, tensors[prefix + name + ".weight"] ?? [])
    }
    let n = norm(x, "attn_norm")
    let width = blueprint.headWidth
    let attended = Definition.attention(
      Definition.rotated(project(n, "attn_q"), angles: angles, width: width),
      Definition.rotated(project(n, "attn_k"), angles: angles, width: width),
      project(n, "attn_v"), width: width, group: blueprint.groupSize)
    let middle = Definition.sum(x, project(attended, "attn_output"))
    let m = norm(middle, "ffn_norm")
    if let feedForward { return Definition.sum(middle, feedForward(index, m)) }
    let inner = Definition.swiglu(project(m, "ffn_gate"), project(m, "ffn_up"))
    return Definition.sum(middle, project(inner, "ffn_down"))
  }

  /// The mean cross-entropy of the target positions.
  private func loss(_ x: Rows, _ text: TrainingText) -> Double {
    let positions = text.targets.flatMap { $0.map { $0 - 1 } }
    let losses = zip(probabilities(positions.map { x[$0] }), positions).map { row, position in
      -logarithm(row[text.tokens[position + 1].index])
    }
    return losses.reduce(0, +) / Double(losses.count)
  }

  /// The distributions behind every token.
  func probabilities(_ tokens: [TokenID]) -> Rows {
    var x = tokens.map { rows("token_embd.weight", blueprint.width)[$0.index] }
    for block in 0..<blueprint.blockCount { x = self.block(block, x, [:]) }
    return probabilities(x)
  }

  private func probabilities(_ x: Rows) -> Rows {
    let normed = Definition.norm(x, tensors["output_norm.weight"] ?? [])
    return Definition.linear(normed, rows("token_embd.weight", blueprint.width))
      .map(Definition.softmax)
  }

  /// What a block's own feed-forward says of its normalised input.
  func bigFeedForward(_ block: Int, _ x: Rows) -> Rows {
    func matrix(_ name: String, _ columns: Int) -> Rows {
      rows("blk.\(block).\(name).weight", columns)
    }
    let width = blueprint.width
    let units = Definition.swiglu(
      Definition.linear(x, matrix("ffn_gate", width)), Definition.linear(x, matrix("ffn_up", width))
    )
    return Definition.linear(units, matrix("ffn_down", blueprint.innerWidth))
  }

  private func rows(_ name: String, _ columns: Int) -> Rows {
    (tensors[name] ?? []).rows(of: columns)
  }
}
