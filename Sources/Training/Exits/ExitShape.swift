/// What stands between the residual stream after some blocks and the shared head: shape and names.
///
/// The formulas and the names are those of docs/ADAPTERS.md. A module works on the normalised stream
/// `u`, so that it does not matter how long the stream has grown at its depth.
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

  /// Blocks executed before it.
  package var depth: Int
  /// Its form.
  package var kind: Kind

  /// A module after `depth` blocks.
  package init(depth: Int, kind: Kind) {
    self.depth = depth
    self.kind = kind
  }

  /// The name of one of its tensors.
  package func name(_ part: String) -> String { "exit.\(depth).\(part)" }

  /// Its trained tensors, for a model of this width.
  package func shapes(width: Int) -> [(name: String, rows: Int, columns: Int)] {
    var shapes = [(name("output_norm.weight"), 1, width)]
    if kind != .none { shapes.append((name("input_norm.weight"), 1, width)) }
    switch kind {
    case .none: break
    case .linear: shapes.append((name("linear.weight"), width, width))
    case .lowRank(let rank):
      shapes.append((name("linear.lora_a"), rank, width))
      shapes.append((name("linear.lora_b"), width, rank))
    case .gated(let inner, let linear):
      if linear { shapes.append((name("linear.weight"), width, width)) }
      shapes.append((name("ffn_gate.weight"), inner, width))
      shapes.append((name("ffn_up.weight"), inner, width))
      shapes.append((name("ffn_down.weight"), width, inner))
    }
    return shapes
  }

  /// Multiply-accumulates for one row, without the head.
  package func macs(width: Int) -> Int {
    shapes(width: width).filter { $0.rows > 1 }.reduce(0) { $0 + $1.rows * $1.columns }
  }

  /// Gives its parameters the values at which it is the logit lens: the final norm's gains, and
  /// zeros where something is added to the stream.
  func initialize(_ parameters: Parameters, outputNorm: [Float], seed: UInt64) {
    var generator = CounterGenerator(seed: seed, .initialValues, depth)
    for shape in shapes(width: outputNorm.count) {
      guard let entry = parameters.entry(shape.name) else { continue }
      let values = parameters.values(of: entry)
      let part = shape.name.dropFirst(name("").count)
      switch part {
      case "output_norm.weight": values.base.update(from: outputNorm, count: values.count)
      case "input_norm.weight": values.base.update(repeating: 1, count: values.count)
      case "linear.lora_a", "ffn_gate.weight", "ffn_up.weight":
        let deviation = 1 / Float(entry.columns).squareRoot()
        parameters.randomize(entry, deviation: deviation, using: &generator)
      default: values.clear()
      }
    }
  }
}
