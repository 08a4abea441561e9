import GGUF

/// What stands between the residual stream after some blocks and the LM head: the form of a module, and
/// the names and shapes of its tensors in an adapter's file (docs/ADAPTERS.md).
///
/// With `h` the stream, `u = rms(h)` and `n = u ⊙ inputNorm`, a module computes
/// `h' = u + linear · n + loraB · (loraA · n) + ffnDown · (silu(ffnGate · n) ⊙ ffnUp · n)`, of which each
/// form has its own terms, and `logits = head · (rms(h') ⊙ outputNorm)`. Its gate is
/// `sigmoid(gateWeight · n + gateBias)`.
package struct ExitShape: Hashable, Sendable {
  /// The form of a module.
  package enum Kind: Hashable, Sendable {
    /// The final norm with gains of its own.
    case none
    /// A full matrix beside the identity.
    case linear
    /// A matrix of this rank beside the identity.
    case lowRank(Int)
    /// A gated feed-forward of this inner width beside the identity, with a full matrix or without.
    case gated(inner: Int, linear: Bool)

    /// The word for it in an adapter's file.
    package var name: String {
      switch self {
      case .none: "none"
      case .linear: "linear"
      case .lowRank: "lowrank"
      case .gated: "mlp"
      }
    }

    /// The rank or the inner width; 0 where there is none.
    package var inner: Int {
      switch self {
      case .none, .linear: 0
      case .lowRank(let rank): rank
      case .gated(let inner, _): inner
      }
    }
  }

  /// A tensor of a module or of its gate; the raw value ends the tensor's name.
  package enum Part: String, Sendable {
    case outputNorm = "output_norm.weight"
    case inputNorm = "input_norm.weight"
    case linear = "linear.weight"
    case loraA = "linear.lora_a"
    case loraB = "linear.lora_b"
    case ffnGate = "ffn_gate.weight"
    case ffnUp = "ffn_up.weight"
    case ffnDown = "ffn_down.weight"
    case gateWeight = "gate.weight"
    case gateBias = "gate.bias"

    /// Whether it is a vector; the others are matrices, also those of one row.
    package var isVector: Bool {
      switch self {
      case .outputNorm, .inputNorm, .gateWeight, .gateBias: true
      case .linear, .loraA, .loraB, .ffnGate, .ffnUp, .ffnDown: false
      }
    }
  }

  /// Blocks executed before it.
  package var depth: Int
  /// Its form.
  package var kind: Kind

  /// A module after `depth` blocks.
  package init(depth: Int, kind: Kind) {
    self.depth = depth
    self.kind = kind
  }

  /// The module of `exit` in an adapter's file; its rank or inner width is that of the tensors. Throws
  /// for a kind that this version does not know.
  init(_ exit: AdapterHead.Exit, in file: GGUFFile) throws(ModelError) {
    self.init(depth: exit.depth, kind: .none)
    func rows(_ part: Part) -> Int { file.tensor(named: name(part))?.rowCount ?? 0 }
    switch exit.kind {
    case "none": kind = .none
    case "linear": kind = .linear
    case "lowrank": kind = .lowRank(rows(.loraA))
    case "mlp": kind = .gated(inner: rows(.ffnGate), linear: rows(.linear) > 0)
    default:
      throw .badValue(
        "fathom.exit.kinds", exit.kind,
        expected: "this version runs none, linear, lowrank and mlp; update Fathom")
    }
  }

  /// The name of one of its tensors.
  package func name(_ part: Part) -> String { "exit.\(depth).\(part.rawValue)" }

  /// Its matrices, [rows, columns] each, for a model of this width.
  package func matrices(width: Int) -> [(part: Part, rows: Int, columns: Int)] {
    switch kind {
    case .none: return []
    case .linear: return [(.linear, width, width)]
    case .lowRank(let rank): return [(.loraA, rank, width), (.loraB, width, rank)]
    case .gated(let inner, let linear):
      var matrices: [(part: Part, rows: Int, columns: Int)] = [
        (.ffnGate, inner, width), (.ffnUp, inner, width), (.ffnDown, width, inner),
      ]
      if linear { matrices.insert((.linear, width, width), at: 0) }
      return matrices
    }
  }

  /// Its trained tensors without the gate, for a model of this width; the norms are vectors of one row.
  package func parts(width: Int) -> [(part: Part, rows: Int, columns: Int)] {
    var parts: [(part: Part, rows: Int, columns: Int)] = [(.outputNorm, 1, width)]
    if kind != .none { parts.append((.inputNorm, 1, width)) }
    return parts + matrices(width: width)
  }

  /// The names and shapes of `parts(width:)`.
  package func shapes(width: Int) -> [(name: String, rows: Int, columns: Int)] {
    parts(width: width).map { (name($0.part), $0.rows, $0.columns) }
  }

  /// Multiply-accumulates for one row, without the head.
  package func macs(width: Int) -> Int {
    matrices(width: width).reduce(0) { $0 + $1.rows * $1.columns }
  }
}
