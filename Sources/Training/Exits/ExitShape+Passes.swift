/// Room for the rows of one shard on their way through a module and back.
package struct ExitScratch {
  /// The residual stream, [rows, width].
  package let stream: Matrix
  /// The stream without its length, `u`.
  package let normed: Matrix
  /// `u ⊙ input_norm`.
  package let input: Matrix
  /// `h'`.
  package let changed: Matrix
  /// What the head reads.
  package let output: Matrix
  /// Slopes of `output` and of `changed`, one after the other.
  package let slope: Matrix
  /// Slopes of `input`.
  package let inputSlope: Matrix
  /// Inner states and their slopes, [rows, inner].
  let gate: Matrix
  let up: Matrix
  let gated: Matrix
  let gatedSlope: Matrix
  /// Reciprocal roots of the two norms, [rows, 1].
  let streamScales: Matrix
  let scales: Matrix

  /// Room for `rows` rows in `slab`, which holds `size` numbers at least.
  package init(rows: Int, width: Int, inner: Int, in slab: Matrix) {
    precondition(Self.size(rows: rows, width: width, inner: inner) <= slab.count, "there is room")
    var next = slab.base
    func room(_ columns: Int) -> Matrix {
      defer { next += rows * columns }
      return Matrix(rows, columns, at: next)
    }
    stream = room(width)
    normed = room(width)
    input = room(width)
    changed = room(width)
    output = room(width)
    slope = room(width)
    inputSlope = room(width)
    gate = room(inner)
    up = room(inner)
    gated = room(inner)
    gatedSlope = room(inner)
    streamScales = room(1)
    scales = room(1)
  }

  /// The numbers that `rows` rows take.
  package static func size(rows: Int, width: Int, inner: Int) -> Int {
    rows * (7 * width + 4 * inner + 2)
  }
}

extension ExitShape {
  /// The tensors of a module, values or slopes.
  package struct Tensors {
    let outputNorm: Matrix
    let inputNorm: Matrix?
    let linear: Matrix?
    let a: Matrix?
    let b: Matrix?
    let gate: Matrix?
    let up: Matrix?
    let down: Matrix?

    /// Looks each up by its name; nil when even the output norm is missing.
    package init?(_ module: ExitShape, _ find: (String) -> Matrix?) {
      guard let norm = find(module.name("output_norm.weight")) else { return nil }
      outputNorm = norm
      inputNorm = find(module.name("input_norm.weight"))
      linear = find(module.name("linear.weight"))
      a = find(module.name("linear.lora_a"))
      b = find(module.name("linear.lora_b"))
      gate = find(module.name("ffn_gate.weight"))
      up = find(module.name("ffn_up.weight"))
      down = find(module.name("ffn_down.weight"))
    }
  }

  /// From `s.stream` to `s.output`.
  package static func forward(_ blas: BLAS, _ w: Tensors, epsilon: Float, _ s: ExitScratch) {
    RMSNorm.forward(s.stream, gain: nil, epsilon: epsilon, into: s.normed, scales: s.streamScales)
    s.changed.copy(s.normed)
    if let norm = w.inputNorm {
      for row in 0..<s.stream.rows {
        for i in 0..<s.input.columns { s.input[row][i] = s.normed[row][i] * norm.base[i] }
      }
    }
    if let linear = w.linear {
      Linear.forward(blas, s.input, linear, adding: true, into: s.changed)
    }
    if let a = w.a, let b = w.b {
      Linear.forward(blas, s.input, a, into: s.gate)
      Linear.forward(blas, s.gate, b, adding: true, into: s.changed)
    }
    if let gate = w.gate, let up = w.up, let down = w.down {
      Linear.forward(blas, s.input, gate, into: s.gate)
      Linear.forward(blas, s.input, up, into: s.up)
      SwiGLU.forward(gate: s.gate, up: s.up, into: s.gated)
      Linear.forward(blas, s.gated, down, adding: true, into: s.changed)
    }
    RMSNorm.forward(
      s.changed, gain: w.outputNorm, epsilon: epsilon, into: s.output, scales: s.scales)
  }

  /// From the slope of the output, in `s.slope`, to those of the tensors, added to `dw`. The stream is
  /// not trained, so nothing flows on below.
  package static func backward(_ blas: BLAS, _ w: Tensors, slopes dw: Tensors, _ s: ExitScratch) {
    // The output is not needed any more; it takes the slope of what went into its norm.
    let changedSlope = s.output
    changedSlope.clear()
    RMSNorm.backward(
      s.slope, s.changed, gain: w.outputNorm, scales: s.scales, input: changedSlope,
      gain: dw.outputNorm)
    guard w.inputNorm != nil else { return }
    s.inputSlope.clear()
    if let linear = w.linear, let slope = dw.linear {
      Linear.backward(blas, changedSlope, s.input, weight: slope)
      Linear.backward(blas, changedSlope, linear, adding: true, input: s.inputSlope)
    }
    if let a = w.a, let b = w.b, let aSlope = dw.a, let bSlope = dw.b {
      Linear.backward(blas, changedSlope, s.gate, weight: bSlope)
      Linear.backward(blas, changedSlope, b, input: s.gatedSlope)
      Linear.backward(blas, s.gatedSlope, s.input, weight: aSlope)
      Linear.backward(blas, s.gatedSlope, a, adding: true, input: s.inputSlope)
    }
    if let gate = w.gate, let up = w.up, let down = w.down, let gateSlope = dw.gate,
      let upSlope = dw.up, let downSlope = dw.down
    {
      Linear.backward(blas, changedSlope, s.gated, weight: downSlope)
      Linear.backward(blas, changedSlope, down, input: s.gatedSlope)
      SwiGLU.backward(s.gatedSlope, gate: s.gate, up: s.up, gate: s.gate, up: s.up)
      Linear.backward(blas, s.gate, s.input, weight: gateSlope)
      Linear.backward(blas, s.up, s.input, weight: upSlope)
      Linear.backward(blas, s.gate, gate, adding: true, input: s.inputSlope)
      Linear.backward(blas, s.up, up, adding: true, input: s.inputSlope)
    }
    guard let slope = dw.inputNorm?.base else { return }
    for row in 0..<s.stream.rows {
      for i in 0..<s.input.columns { slope[i] += s.inputSlope[row][i] * s.normed[row][i] }
    }
  }
}
