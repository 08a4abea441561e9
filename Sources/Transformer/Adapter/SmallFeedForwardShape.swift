import GGUF

/// The small feed-forward that may stand in for a block's big one, and the router that says what that
/// would cost (Alizadeh Vahid et al. 2024, Duo-LLM, arXiv 2410.10846): the form, and the names and shapes
/// of the tensors (docs/ADAPTERS.md).
///
/// With `x` the normalised stream that the big feed-forward reads, gated units and linear ones lie side
/// by side: `z = [silu(ffnGate · x) ⊙ ffnUp · x, linear · x]` and `small(x) = ffnDown · z + bias`. The
/// router says `score = routerWeight · x + routerBias`: the natural logarithm of how far the next tokens'
/// distributions move, in nats, where this block is small for this token, or the logit of the big
/// feed-forward's share, whichever way it was trained. Offsets are of the file's own scores.
package struct SmallFeedForwardShape: Hashable, Sendable {
  /// A tensor of a block; the raw value ends the tensor's name.
  package enum Part: String, CaseIterable, Sendable {
    case ffnGate = "ffn_gate.weight"
    case ffnUp = "ffn_up.weight"
    case linear = "linear.weight"
    case ffnDown = "ffn_down.weight"
    case bias = "bias"
    case routerWeight = "router.weight"
    case routerBias = "router.bias"

    /// Whether it is a vector; the others are matrices.
    package var isVector: Bool {
      switch self {
      case .bias, .routerWeight, .routerBias: true
      case .ffnGate, .ffnUp, .linear, .ffnDown: false
      }
    }
  }

  /// Width of the base's stream.
  package var width: Int
  /// Gated units.
  package var inner: Int
  /// Linear units; 0 for the plain SwiGLU of the paper.
  package var rank: Int

  /// A feed-forward of `inner` gated and `rank` linear units.
  package init(width: Int, inner: Int, rank: Int) {
    self.width = width
    self.inner = inner
    self.rank = rank
  }

  /// Its parts: without linear units there is no matrix for them.
  package var parts: [Part] { Part.allCases.filter { rank > 0 || $0 != .linear } }

  /// The name of a tensor of a block.
  package func name(_ part: Part, block: Int) -> String { "duo.\(block).\(part.rawValue)" }

  /// The rows and columns of a part; a vector has one row.
  package func extent(of part: Part) -> (rows: Int, columns: Int) {
    switch part {
    case .ffnGate, .ffnUp: (inner, width)
    case .linear: (rank, width)
    case .ffnDown: (width, inner + rank)
    case .bias, .routerWeight: (1, width)
    case .routerBias: (1, 1)
    }
  }

  /// Multiply-accumulates of one row, without the router.
  package var macs: Int {
    parts.filter { !$0.isVector }.reduce(0) { sum, part in
      let extent = extent(of: part)
      return sum + extent.rows * extent.columns
    }
  }
}
