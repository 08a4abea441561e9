import Transformer

/// The matrices of a draft head: values or gradients.
struct DraftTensors {
  let linear: Matrix
  let gate: Matrix
  let up: Matrix
  let down: Matrix
  let output: Matrix

  /// Looks each matrix up by its name; nil when one is missing.
  init?(_ find: (String) -> Matrix?) {
    func part(_ part: DraftShape.Part) -> Matrix? { find(part.name) }
    guard let linear = part(.linear), let gate = part(.ffnGate), let up = part(.ffnUp),
      let down = part(.ffnDown), let output = part(.output)
    else { return nil }
    self.linear = linear
    self.gate = gate
    self.up = up
    self.down = down
    self.output = output
  }
}

/// One guess by the formula of `DraftShape`, forward and backward.
struct DraftPass {
  let blas: BLAS
  let w: DraftTensors

  /// From `s.input` to `s.state` and `s.logits`.
  func forward(_ s: DraftActivations) {
    let width = s.state.columns
    for row in 0..<s.rows { s.changed[row].update(from: s.input[row], count: width) }
    Linear.forward(blas, s.input, w.linear, adding: true, into: s.changed)
    Linear.forward(blas, s.input, w.gate, into: s.gate)
    Linear.forward(blas, s.input, w.up, into: s.up)
    SwiGLU.forward(gate: s.gate, up: s.up, into: s.inner)
    Linear.forward(blas, s.inner, w.down, adding: true, into: s.changed)
    RMSNorm.forward(
      s.changed, gain: nil, epsilon: DraftShape.epsilon, into: s.state, scales: s.scales)
    Linear.forward(blas, s.state, w.output, into: s.logits)
  }

  /// From the gradient of the logits, which stands in `s.logits`, and what later guesses left in
  /// `s.stateGradient`, to the gradients of the matrices, which are added to `dw`. The gradient of the state
  /// that the guess began with goes to `before`, if it is asked for.
  func backward(_ s: DraftActivations, gradients dw: DraftTensors, before: Matrix?) {
    Linear.backward(blas, s.logits, s.state, weight: dw.output)
    Linear.backward(blas, s.logits, w.output, adding: true, input: s.stateGradient)
    s.changedGradient.clear()
    RMSNorm.backward(
      s.stateGradient, s.changed, gain: nil, scales: s.scales, input: s.changedGradient, gain: nil)
    Linear.backward(blas, s.changedGradient, s.input, weight: dw.linear)
    Linear.backward(blas, s.changedGradient, s.inner, weight: dw.down)
    Linear.backward(blas, s.changedGradient, w.down, input: s.innerGradient)
    SwiGLU.backward(s.innerGradient, gate: s.gate, up: s.up, gate: s.gate, up: s.up)
    Linear.backward(blas, s.gate, s.input, weight: dw.gate)
    Linear.backward(blas, s.up, s.input, weight: dw.up)
    guard let before else { return }
    // Of what the guess read, the embeddings are the base's and stay.
    let own = 0..<s.state.columns
    before.copy(s.changedGradient)
    func add(_ gradient: Matrix, _ matrix: Matrix) {
      Linear.backward(blas, gradient, matrix.columns(own), adding: true, input: before)
    }
    add(s.changedGradient, w.linear)
    add(s.gate, w.gate)
    add(s.up, w.up)
  }
}

/// Memory for rows that make one guess forward and backward.
struct DraftActivations {
  /// The state and the embedding that a guess reads, [rows, 2 · width].
  let input: Matrix
  /// `ffnGate · n` and `ffnUp · n`, [rows, inner]; backward their gradients.
  let gate: Matrix
  let up: Matrix
  /// `silu(gate) ⊙ up`, [rows, inner], and its gradient.
  let inner: Matrix
  let innerGradient: Matrix
  /// The state before its norm, [rows, width], and its gradient; the reciprocal roots.
  let changed: Matrix
  let changedGradient: Matrix
  let scales: Matrix
  /// The state, [rows, width], and its gradient.
  let state: Matrix
  let stateGradient: Matrix
  /// The logits, [rows, tokens + 1]; backward their gradient.
  let logits: Matrix

  /// Rows.
  var rows: Int { input.rows }

  /// Memory for `rows` rows at `base`, which has room for `size` numbers.
  init(_ shape: DraftShape, rows: Int, at base: UnsafeMutablePointer<Float>) {
    var next = base
    func take(_ columns: Int) -> Matrix {
      defer { next += rows * columns }
      return Matrix(rows, columns, at: next)
    }
    input = take(2 * shape.width)
    gate = take(shape.inner)
    up = take(shape.inner)
    inner = take(shape.inner)
    innerGradient = take(shape.inner)
    changed = take(shape.width)
    changedGradient = take(shape.width)
    state = take(shape.width)
    stateGradient = take(shape.width)
    logits = take(shape.tokenCount + 1)
    scales = take(1)
  }

  /// The numbers that `rows` rows take.
  static func size(_ shape: DraftShape, rows: Int) -> Int {
    rows * (6 * shape.width + 4 * shape.inner + shape.tokenCount + 2)
  }
}
