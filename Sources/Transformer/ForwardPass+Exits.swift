import Kernels

/// Scratch of one exit module.
struct ExitRows: Sendable, BitwiseCopyable {
  /// The stream without its length, and what the module adds to it, [capacity, width].
  let stream: ActivationRows
  /// What the module reads, [capacity, width].
  let input: ActivationRows
  /// A product on its way to the stream, [capacity, width].
  let output: ActivationRows
  /// The state in between, [capacity, inner], and the factor of its gate.
  let inner: ActivationRows
  let up: ActivationRows

  init(module: ExitModule, width: Int, capacity: Int, in arena: Arena) {
    let innerWidth = module.inner?.down.columns ?? module.lowRank?.b.columns ?? 1
    stream = ActivationRows(capacity: capacity, columns: width, quantized: false, in: arena)
    input = ActivationRows(capacity: capacity, columns: width, in: arena)
    output = ActivationRows(capacity: capacity, columns: width, quantized: false, in: arena)
    inner = ActivationRows(capacity: capacity, columns: innerWidth, in: arena)
    up = ActivationRows(capacity: capacity, columns: innerWidth, quantized: false, in: arena)
  }
}

extension ForwardPass {
  /// The logits of `rows`, which have run `depth` blocks, through the module of that exit if the
  /// adapter has one; with `short`, over the tokens of its short head if it has one.
  ///
  /// Valid until the next call that returns logits.
  package func logits(rows: [Int], at depth: Int, short: Bool) -> Logits {
    precondition(rows.count <= logitCapacity, "more rows than there is room for logits")
    let place = exits?.modules.firstIndex { $0.depth == depth }
    if let exits, let place {
      let module = exits.modules[place]
      run(module, exitRows[place], rows: rows)
      normalize(count: rows.count, by: module.outputNorm) { self.exitRows[place].stream.row($0) }
    } else {
      normalize(count: rows.count, by: weights.outputNorm) { self.wave.hidden.row(rows[$0]) }
    }
    return read(count: rows.count, with: short ? exits?.shortHead : nil)
  }

  /// What the gate of the exit after `depth` blocks says of a row that has run them: how likely the
  /// exit's most probable token is to be the last layer's. Nil where the adapter has no gate there.
  ///
  /// The sum is taken in the order of the stream, so it has the same bits everywhere.
  package func gate(row: Int, at depth: Int) -> Float? {
    guard let place = exits?.modules.firstIndex(where: { $0.depth == depth }),
      let module = exits?.modules[place], let weights = module.gateWeights,
      let gains = module.inputNorm
    else { return nil }
    let width = self.weights.blueprint.width
    let input = exitRows[place].input.row(0)
    kernels.normalize(
      wave.hidden.row(row), weight: gains, count: width,
      epsilon: self.weights.blueprint.normEpsilon, into: input)
    var sum = module.gateBias
    for index in 0..<width { sum += weights[index] * input[index] }
    work.addGate(width: width)
    return 1 / (1 + kernelExp(-sum))
  }

  /// Gives the pass another adapter's exits, or none. What is in the cache stays: they do not change
  /// it. An adapter that changes the blocks asks for a pass of its own.
  package func adopt(_ exits: ExitModules?) {
    precondition(
      weights.changes == nil && exits?.changes == nil, "a pass keeps the weights it was made with")
    self.exits = exits
    let arena = Arena()
    exitRows = Self.exitRows(exits, weights: weights, capacity: logitCapacity, in: arena)
    exitMemory = arena.pieces
  }

  /// Scratch for each of the exits.
  static func exitRows(
    _ exits: ExitModules?, weights: Weights, capacity: Int, in arena: Arena
  ) -> [ExitRows] {
    (exits?.modules ?? []).map {
      ExitRows(module: $0, width: weights.blueprint.width, capacity: capacity, in: arena)
    }
  }

  /// Normalises streams for a head.
  func normalize(
    count: Int, by gains: UnsafePointer<Float>, _ stream: (Int) -> UnsafeMutablePointer<Float>
  ) {
    for index in 0..<count {
      kernels.normalize(
        stream(index), weight: gains, count: weights.blueprint.width,
        epsilon: weights.blueprint.normEpsilon, into: logitRows.normed.row(index))
    }
  }

  /// Leaves `u + module(u ⊙ inputNorm)` with `u = rms(h)` in `scratch.stream`, row by row.
  private func run(_ module: ExitModule, _ scratch: ExitRows, rows: [Int]) {
    let width = weights.blueprint.width
    let count = rows.count
    for (index, row) in rows.enumerated() {
      func normalize(by gains: UnsafePointer<Float>, into target: ActivationRows) {
        kernels.normalize(
          wave.hidden.row(row), weight: gains, count: width,
          epsilon: weights.blueprint.normEpsilon, into: target.row(index))
      }
      normalize(by: UnsafePointer(unit), into: scratch.stream)
      if module.changesStream, let norm = module.inputNorm {
        normalize(by: norm, into: scratch.input)
      }
    }
    work.addModule(module, rows: count)
    func addOutput() {
      for index in 0..<count {
        kernels.add(scratch.output.row(index), count: width, to: scratch.stream.row(index))
      }
    }
    if let linear = module.linear {
      kernels.prepare(scratch.input, rows: 0..<count, for: linear)
      perform(.products(count: count, x: scratch.input, (linear, scratch.output, nil), nil, nil))
      addOutput()
    }
    if let (a, b) = module.lowRank {
      kernels.prepare(scratch.input, rows: 0..<count, for: a)
      perform(.products(count: count, x: scratch.input, (a, scratch.inner, nil), nil, nil))
      kernels.prepare(scratch.inner, rows: 0..<count, for: b)
      perform(.products(count: count, x: scratch.inner, (b, scratch.output, nil), nil, nil))
      addOutput()
    }
    if let (gate, up, down) = module.inner {
      kernels.prepare(scratch.input, rows: 0..<count, for: gate)
      perform(
        .products(
          count: count, x: scratch.input, (gate, scratch.inner, nil), (up, scratch.up, nil), nil))
      for index in 0..<count {
        kernels.gate(scratch.inner.row(index), with: scratch.up.row(index), count: down.columns)
      }
      kernels.prepare(scratch.inner, rows: 0..<count, for: down)
      perform(.products(count: count, x: scratch.inner, (down, scratch.output, nil), nil, nil))
      addOutput()
    }
  }
}
