/// The matrices and vectors of a block, by what they do.
package enum BlockPart: String, CaseIterable, Sendable {
  case attentionNorm = "attn_norm"
  case query = "attn_q"
  case key = "attn_k"
  case value = "attn_v"
  case queryNorm = "attn_q_norm"
  case keyNorm = "attn_k_norm"
  case output = "attn_output"
  case attentionPostNorm = "post_attention_norm"
  case feedForwardNorm = "ffn_norm"
  case gate = "ffn_gate"
  case up = "ffn_up"
  case down = "ffn_down"
  case feedForwardPostNorm = "post_ffw_norm"

  /// Those that are matrices, in the order of a pass.
  package static let matrices: [BlockPart] = [.query, .key, .value, .output, .gate, .up, .down]
}

/// Where a part of a block lies in a file.
package struct PartPlace: Hashable, Sendable {
  /// The name of its tensor behind `blk.N.`, in llama.cpp's words, without `.weight`.
  package let tensor: String
  /// Rows of that tensor.
  package let tensorRows: Int
  /// Which of them are the part's.
  package let rows: Range<Int>
  /// Numbers in a row; nil for a vector.
  package let columns: Int?
  /// What `transformers` calls the tensor in a block, without `.weight`.
  package let huggingFace: String

  /// The name of the tensor in a block.
  package func name(block: Int) -> String { "blk.\(block).\(tensor).weight" }
  /// The name of its bias.
  package func biasName(block: Int) -> String { "blk.\(block).\(tensor).bias" }
}

extension Blueprint {
  /// The parts of every block, in the order of a pass.
  package var parts: [PartPlace] { BlockPart.allCases.filter(has).map(place(of:)) }

  /// Whether the model's blocks have a part.
  package func has(_ part: BlockPart) -> Bool {
    switch part {
    case .attentionNorm, .feedForwardNorm: architecture.normsInputs
    case .attentionPostNorm, .feedForwardPostNorm: architecture.normsOutputs
    case .queryNorm, .keyNorm: architecture.queryKeyNorm != .none
    case .query, .key, .value, .output, .gate, .up, .down: true
    }
  }

  /// Whether a part may have a bias.
  package func mayHaveBias(_ part: BlockPart) -> Bool {
    architecture.hasBiases && [.query, .key, .value].contains(part)
  }

  /// Where a part lies.
  package func place(of part: BlockPart) -> PartPlace {
    let (rows, columns) = shape(of: part)
    func place(_ tensor: String, _ name: String, in whole: Int, from first: Int) -> PartPlace {
      PartPlace(
        tensor: tensor, tensorRows: whole, rows: first..<first + rows,
        columns: columns, huggingFace: name)
    }
    if architecture.isFused {
      let attention = queryWidth + 2 * keyValueWidth
      let starts: [BlockPart: Int] = [
        .query: 0, .key: queryWidth, .value: queryWidth + keyValueWidth,
      ]
      if let start = starts[part] {
        return place("attn_qkv", "self_attn.qkv_proj", in: attention, from: start)
      }
      if part == .gate || part == .up {
        return place(
          "ffn_up", "mlp.gate_up_proj", in: 2 * innerWidth, from: part == .gate ? 0 : innerWidth)
      }
    }
    return place(part.rawValue, huggingFaceName(of: part), in: rows, from: 0)
  }

  private func shape(of part: BlockPart) -> (rows: Int, columns: Int?) {
    switch part {
    case .attentionNorm, .attentionPostNorm, .feedForwardNorm, .feedForwardPostNorm: (width, nil)
    case .query: (queryWidth, width)
    case .key, .value: (keyValueWidth, width)
    case .queryNorm: (architecture.queryKeyNorm == .wholeRow ? queryWidth : headWidth, nil)
    case .keyNorm: (architecture.queryKeyNorm == .wholeRow ? keyValueWidth : headWidth, nil)
    case .output: (width, queryWidth)
    case .gate, .up: (innerWidth, width)
    case .down: (width, innerWidth)
    }
  }

  private func huggingFaceName(of part: BlockPart) -> String {
    switch part {
    case .attentionNorm: "input_layernorm"
    case .query: "self_attn.q_proj"
    case .key: "self_attn.k_proj"
    case .value: "self_attn.v_proj"
    case .queryNorm: "self_attn.q_norm"
    case .keyNorm: "self_attn.k_norm"
    case .output: "self_attn.o_proj"
    case .attentionPostNorm: "post_attention_layernorm"
    // Where there is a norm behind attention too, that has this norm's usual name.
    case .feedForwardNorm:
      architecture.normsOutputs ? "pre_feedforward_layernorm" : "post_attention_layernorm"
    case .gate: "mlp.gate_proj"
    case .up: "mlp.up_proj"
    case .down: "mlp.down_proj"
    case .feedForwardPostNorm: "post_feedforward_layernorm"
    }
  }

  /// The rows of a part's tensor in the order of the pass, in which RoPE turns neighbours; nil where they
  /// lie in that order and are the whole tensor.
  package func rowOrder(of part: BlockPart) -> [Int32]? {
    let place = place(of: part)
    let isRotated = [.query, .key, .queryNorm, .keyNorm].contains(part)
    let turns = isRotated && architecture.pairs == .halves && rotatedWidth > 0
    if !turns && place.rows.count == place.tensorRows { return nil }
    return place.rows.map { row in
      let inside = row - place.rows.lowerBound
      return Int32(place.rows.lowerBound + (turns ? halfOrder(inside) : inside))
    }
  }

  /// Which dimension of a head stands at a place, head by head, where pairs are put side by side.
  private func halfOrder(_ index: Int) -> Int {
    let (head, place) = index.quotientAndRemainder(dividingBy: headWidth)
    if place >= rotatedWidth { return index }
    return head * headWidth + place / 2 + (place % 2) * rotatedWidth / 2
  }
}

extension Blueprint {
  /// The tensors that every block may have, behind `blk.N.`.
  var tensorNames: Set<String> {
    var names: Set<String> = []
    for part in BlockPart.allCases where has(part) {
      let tensor = place(of: part).tensor
      names.insert(tensor + ".weight")
      if mayHaveBias(part) { names.insert(tensor + ".bias") }
    }
    return names
  }
}
