package import Transformer

/// The tensors of a module: values or gradients.
package struct ExitTensors {
  let outputNorm: Matrix
  let inputNorm: Matrix?
  let linear: Matrix?
  let lora: (a: Matrix, b: Matrix)?
  let feedForward: (gate: Matrix, up: Matrix, down: Matrix)?

  /// Looks each tensor of a module up by its name; nil when even the output norm is missing.
  package init?(_ module: ExitShape, _ find: (String) -> Matrix?) {
    func part(_ part: ExitShape.Part) -> Matrix? { find(module.name(part)) }
    guard let norm = part(.outputNorm) else { return nil }
    outputNorm = norm
    inputNorm = part(.inputNorm)
    linear = part(.linear)
    if let a = part(.loraA), let b = part(.loraB) { lora = (a, b) } else { lora = nil }
    if let gate = part(.ffnGate), let up = part(.ffnUp), let down = part(.ffnDown) {
      feedForward = (gate, up, down)
    } else {
      feedForward = nil
    }
  }
}

/// A module by the formula of `ExitShape`, forward and backward.
package struct ExitPass {
  private let blas: BLAS
  private let w: ExitTensors
  private let epsilon: Float

  /// A pass with these values; `epsilon` is added to the mean square in the norms.
  package init(_ values: ExitTensors, epsilon: Float, blas: BLAS) {
    w = values
    self.epsilon = epsilon
    self.blas = blas
  }

  /// From `s.stream` to `s.output`.
  package func forward(_ s: ExitActivations) {
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
    if let (a, b) = w.lora {
      Linear.forward(blas, s.input, a, into: s.inner)
      Linear.forward(blas, s.inner, b, adding: true, into: s.changed)
    }
    if let (gate, up, down) = w.feedForward {
      Linear.forward(blas, s.input, gate, into: s.gate)
      Linear.forward(blas, s.input, up, into: s.up)
      SwiGLU.forward(gate: s.gate, up: s.up, into: s.inner)
      Linear.forward(blas, s.inner, down, adding: true, into: s.changed)
    }
    RMSNorm.forward(
      s.changed, gain: w.outputNorm, epsilon: epsilon, into: s.output, scales: s.outputScales)
  }

  /// From `s.outputGradient` to the gradients of the tensors, which are added to `dw`. The base is
  /// frozen, so the stream needs no gradient.
  package func backward(_ s: ExitActivations, gradients dw: ExitTensors) {
    s.changedGradient.clear()
    RMSNorm.backward(
      s.outputGradient, s.changed, gain: w.outputNorm, scales: s.outputScales,
      input: s.changedGradient, gain: dw.outputNorm)
    guard let inputNormGradient = dw.inputNorm?.base else { return }
    s.inputGradient.clear()
    if let linear = w.linear, let gradient = dw.linear {
      Linear.backward(blas, s.changedGradient, s.input, weight: gradient)
      Linear.backward(blas, s.changedGradient, linear, adding: true, input: s.inputGradient)
    }
    if let lora = w.lora, let gradient = dw.lora {
      Linear.backward(blas, s.changedGradient, s.inner, weight: gradient.b)
      Linear.backward(blas, s.changedGradient, lora.b, input: s.innerGradient)
      Linear.backward(blas, s.innerGradient, s.input, weight: gradient.a)
      Linear.backward(blas, s.innerGradient, lora.a, adding: true, input: s.inputGradient)
    }
    if let feedForward = w.feedForward, let gradient = dw.feedForward {
      Linear.backward(blas, s.changedGradient, s.inner, weight: gradient.down)
      Linear.backward(blas, s.changedGradient, feedForward.down, input: s.innerGradient)
      SwiGLU.backward(
        s.innerGradient, gate: s.gate, up: s.up, gate: s.gateGradient, up: s.upGradient)
      Linear.backward(blas, s.gateGradient, s.input, weight: gradient.gate)
      Linear.backward(blas, s.upGradient, s.input, weight: gradient.up)
      Linear.backward(blas, s.gateGradient, feedForward.gate, adding: true, input: s.inputGradient)
      Linear.backward(blas, s.upGradient, feedForward.up, adding: true, input: s.inputGradient)
    }
    for row in 0..<s.stream.rows {
      for i in 0..<s.input.columns {
        inputNormGradient[i] += s.inputGradient[row][i] * s.normed[row][i]
      }
    }
  }
}
