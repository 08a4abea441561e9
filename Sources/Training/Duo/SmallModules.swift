import Kernels
package import Transformer

/// The small feed-forwards of all blocks in training: their values, and the gradients of these.
package struct SmallModules {
  /// The matrices of one block, or their gradients.
  struct Tensors {
    /// [inner, width] each.
    let gate: Matrix
    let up: Matrix
    /// [rank, width]; without rows where there are no linear units.
    let linear: Matrix
    /// [width, inner + rank].
    let down: Matrix
    /// [1, width].
    let bias: Matrix
  }

  /// Their form.
  package let shape: SmallFeedForwardShape
  /// What is trained.
  package let parameters: Parameters
  private let blocks: [[SmallFeedForwardShape.Part: Parameters.Entry]]

  /// Parts that are not here: routers are found when these stand.
  private static let routerParts: Set<SmallFeedForwardShape.Part> = [.routerWeight, .routerBias]

  /// Zeros for each of `blockCount` blocks.
  package init(_ shape: SmallFeedForwardShape, blockCount: Int) {
    self.shape = shape
    let parts = shape.parts.filter { !Self.routerParts.contains($0) }
    let shapes = (0..<blockCount).flatMap { block in
      parts.map { part in
        let extent = shape.extent(of: part)
        return (name: shape.name(part, block: block), rows: extent.rows, columns: extent.columns)
      }
    }
    let parameters = Parameters(shapes)
    self.parameters = parameters
    blocks = (0..<blockCount).map { block in
      var entries: [SmallFeedForwardShape.Part: Parameters.Entry] = [:]
      for part in parts { entries[part] = parameters.entry(shape.name(part, block: block)) }
      return entries
    }
  }

  /// How many blocks there are.
  package var blockCount: Int { blocks.count }

  /// The values of a block.
  func values(_ block: Int) -> Tensors { tensors(block) { parameters.values(of: $0) } }

  /// The gradients of a block in an accumulator.
  func gradients(_ block: Int, accumulator: Int) -> Tensors {
    tensors(block) { parameters.gradient(of: $0, accumulator: accumulator) }
  }

  /// Sixteen digits that tell these values from others.
  var fingerprint: String {
    var hash = TokenHash()
    hash.add(UnsafeBufferPointer(start: parameters.values.base, count: parameters.values.count))
    return hash.digits
  }

  private func tensors(_ block: Int, _ view: (Parameters.Entry) -> Matrix) -> Tensors {
    func tensor(_ part: SmallFeedForwardShape.Part) -> Matrix {
      blocks[block][part].map(view) ?? Matrix(0, shape.width, at: parameters.values.base)
    }
    return Tensors(
      gate: tensor(.ffnGate), up: tensor(.ffnUp), linear: tensor(.linear),
      down: tensor(.ffnDown), bias: tensor(.bias))
  }
}

/// The memory of one thread for rows that take small feed-forwards.
struct SmallWorkspace {
  /// What the forward pass of one block keeps.
  struct Activations {
    /// Both factors of the gated units, [n, inner].
    let gate: Matrix
    let up: Matrix
    /// The linear units, [n, rank].
    let linear: Matrix
  }

  /// The activations, first block first.
  let blocks: [Activations]
  /// Gathered inputs, gradients of outputs and of inputs, [n, width].
  let input: Matrix
  let gradient: Matrix
  let inputGradient: Matrix
  /// The gated units and gradients, [n, inner].
  let units: Matrix
  let unitGradient: Matrix
  let gateGradient: Matrix
  let upGradient: Matrix
  /// Gradients of the linear units, [n, rank].
  let linearGradient: Matrix
  private let memory: [AlignedBytes]

  /// Memory for up to `count` rows.
  init(_ shape: SmallFeedForwardShape, blockCount: Int, rows count: Int) {
    let arena = Arena()
    func rows(_ columns: Int) -> Matrix { Matrix(count, columns, in: arena) }
    blocks = (0..<blockCount).map { _ in
      Activations(gate: rows(shape.inner), up: rows(shape.inner), linear: rows(shape.rank))
    }
    input = rows(shape.width)
    gradient = rows(shape.width)
    inputGradient = rows(shape.width)
    units = rows(shape.inner)
    unitGradient = rows(shape.inner)
    gateGradient = rows(shape.inner)
    upGradient = rows(shape.inner)
    linearGradient = rows(shape.rank)
    memory = arena.pieces
  }
}

/// `y = down · [silu(gate · x) ⊙ up · x, linear · x] + bias`, forward and backward.
struct SmallPass {
  let blas: BLAS
  let w: SmallModules.Tensors
  let own: SmallWorkspace

  private var inner: Int { w.gate.rows }
  private var rank: Int { w.linear.rows }
  /// The columns of gated and of linear units.
  private func split(_ down: Matrix) -> (gated: Matrix, linear: Matrix) {
    (down.columns(0..<inner), down.columns(inner..<inner + rank))
  }

  /// x and y are [n, width].
  func forward(_ x: Matrix, kept: SmallWorkspace.Activations, into y: Matrix) {
    let (gate, up) = (kept.gate.prefix(x.rows), kept.up.prefix(x.rows))
    Linear.forward(blas, x, w.gate, into: gate)
    Linear.forward(blas, x, w.up, into: up)
    let units = own.units.prefix(x.rows)
    SwiGLU.forward(gate: gate, up: up, into: units)
    let down = split(w.down)
    Linear.forward(blas, units, down.gated, into: y)
    if rank > 0 {
      let linear = kept.linear.prefix(x.rows)
      Linear.forward(blas, x, w.linear, into: linear)
      Linear.forward(blas, linear, down.linear, adding: true, into: y)
    }
    for row in 0..<y.rows {
      let (to, bias) = (y[row], w.bias.base)
      for i in 0..<y.columns { to[i] += bias[i] }
    }
  }

  /// From the gradient `dy` of the output to that of the input, `dx`; those of the tensors are added, where
  /// they are wanted.
  func backward(
    _ dy: Matrix, _ x: Matrix, kept: SmallWorkspace.Activations, gradients d: SmallModules.Tensors?,
    input dx: Matrix
  ) {
    let (gate, up) = (kept.gate.prefix(x.rows), kept.up.prefix(x.rows))
    let down = split(w.down)
    let unitGradient = own.unitGradient.prefix(x.rows)
    Linear.backward(blas, dy, down.gated, input: unitGradient)
    let (dGate, dUp) = (own.gateGradient.prefix(x.rows), own.upGradient.prefix(x.rows))
    SwiGLU.backward(unitGradient, gate: gate, up: up, gate: dGate, up: dUp)
    Linear.backward(blas, dGate, w.gate, input: dx)
    Linear.backward(blas, dUp, w.up, adding: true, input: dx)
    let dLinear = own.linearGradient.prefix(x.rows)
    if rank > 0 {
      Linear.backward(blas, dy, down.linear, input: dLinear)
      Linear.backward(blas, dLinear, w.linear, adding: true, input: dx)
    }
    guard let d else { return }
    let units = own.units.prefix(x.rows)
    SwiGLU.forward(gate: gate, up: up, into: units)
    let dDown = split(d.down)
    Linear.backward(blas, dy, units, weight: dDown.gated)
    for row in 0..<dy.rows {
      let (to, from) = (d.bias.base, dy[row])
      for i in 0..<dy.columns { to[i] += from[i] }
    }
    Linear.backward(blas, dGate, x, weight: d.gate)
    Linear.backward(blas, dUp, x, weight: d.up)
    guard rank > 0 else { return }
    Linear.backward(blas, dy, kept.linear.prefix(x.rows), weight: dDown.linear)
    Linear.backward(blas, dLinear, x, weight: d.linear)
  }
}
