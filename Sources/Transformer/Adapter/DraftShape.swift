import GGUF

/// A draft head: what guesses the token behind one that was just decided, from the residual stream in which
/// it was decided. Its form, and the names and shapes of its tensors (docs/ADAPTERS.md).
///
/// With `s` a state of root mean square 1, first the stream behind the last block, and `e` the embedding
/// of the token behind it at root mean square 1, the next state and what it says are
/// `n = [s, e]`, `s' = rms(s + linear · n + ffnDown · (silu(ffnGate · n) ⊙ ffnUp · n))` and
/// `logits = output · s'`. A guess behind a guess goes on from `s'`. The form is that of sequential draft
/// heads (Ankner et al. 2024, Hydra, arXiv 2402.05109; Cheng et al. 2024, ReDrafter, arXiv 2403.09919); the
/// few output rows are FR-Spec's (Zhao et al. 2025, arXiv 2502.14856).
package struct DraftShape: Hashable, Sendable {
  /// A matrix; the raw value ends the tensor's name.
  package enum Part: String, CaseIterable, Sendable {
    case linear = "linear.weight"
    case ffnGate = "ffn_gate.weight"
    case ffnUp = "ffn_up.weight"
    case ffnDown = "ffn_down.weight"
    case output = "output.weight"

    /// The name of the tensor.
    package var name: String { "draft.\(rawValue)" }
  }

  /// Width of the base's stream.
  package var width: Int
  /// Width of the gated feed-forward.
  package var inner: Int
  /// Tokens that can be guessed; the output has one more row, for all others.
  package var tokenCount: Int

  /// A head that guesses `tokenCount` tokens.
  package init(width: Int, inner: Int, tokenCount: Int) {
    self.width = width
    self.inner = inner
    self.tokenCount = tokenCount
  }

  /// The rows and columns of a matrix.
  package func extent(of part: Part) -> (rows: Int, columns: Int) {
    switch part {
    case .linear: (width, 2 * width)
    case .ffnGate, .ffnUp: (inner, 2 * width)
    case .ffnDown: (width, inner)
    case .output: (tokenCount + 1, width)
    }
  }

  /// The names and shapes of all matrices.
  package var shapes: [(name: String, rows: Int, columns: Int)] {
    Part.allCases.map { part in
      let extent = extent(of: part)
      return (part.name, extent.rows, extent.columns)
    }
  }

  /// Added to the mean square in the norm of a state.
  package static let epsilon: Float = 1e-6

  /// Multiply-accumulates of one guess.
  package var macs: Int { shapes.reduce(0) { $0 + $1.rows * $1.columns } }
}
