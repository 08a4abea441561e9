import Kernels

/// The exits of an adapter on their way: what stands between a residual stream and a head.
struct ExitPass {
  /// The exits.
  let modules: ExitModules
  private let shape: Blueprint
  /// Scratch of each exit.
  private let rows: [ExitRows]
  /// Gains of a norm that has none, [width].
  private let unit: UnsafeMutablePointer<Float>
  private let task: ProductTask
  private let memory: [AlignedBytes]

  /// Room for `capacity` rows at once.
  init(_ modules: ExitModules, runtime: ModelRuntime, capacity: Int) {
    let shape = runtime.weights.blueprint
    let arena = Arena()
    rows = modules.modules.map {
      ExitRows(module: $0, width: shape.width, capacity: capacity, in: arena)
    }
    unit = arena.take(shape.width, of: Float.self)
    unit.update(repeating: 1, count: shape.width)
    task = ProductTask(kernels: runtime.kernels, pool: runtime.pool)
    memory = arena.pieces
    self.modules = modules
    self.shape = shape
  }

  private var kernels: KernelSet { task.products.kernels }

  /// Which exit stands after `depth` blocks, if one does.
  func index(at depth: Int) -> Int? { modules.modules.firstIndex { $0.depth == depth } }

  /// What the gate of the exit after `depth` blocks says of a stream. Nil where there is no gate.
  ///
  /// The sum is taken in the order of the stream, so it has the same bits everywhere.
  func gate(_ stream: UnsafePointer<Float>, at depth: Int, work: inout Work) -> Float? {
    guard let exit = index(at: depth), let weights = modules.modules[exit].gateWeights,
      let gains = modules.modules[exit].inputNorm
    else { return nil }
    let input = rows[exit].input.row(0)
    kernels.normalize(
      stream, weight: gains, count: shape.width, epsilon: shape.normEpsilon, into: input)
    var sum = modules.modules[exit].gateBias
    for index in 0..<shape.width { sum += weights[index] * input[index] }
    work.addGate(width: shape.width)
    return 1 / (1 + kernelExp(-sum))
  }

  /// The streams behind the module of an exit, `u + module(u ⊙ inputNorm)` with `u = rms(h)`.
  func run(
    _ exit: Int, count: Int, _ streams: HeadPass.Streams, work: inout Work
  ) -> ActivationRows {
    let (module, scratch) = (modules.modules[exit], rows[exit])
    for index in 0..<count {
      func normalize(by gains: UnsafePointer<Float>, into target: ActivationRows) {
        kernels.normalize(
          streams(index), weight: gains, count: shape.width, epsilon: shape.normEpsilon,
          into: target.row(index))
      }
      normalize(by: UnsafePointer(unit), into: scratch.stream)
      if module.changesStream, let norm = module.inputNorm {
        normalize(by: norm, into: scratch.input)
      }
    }
    work.addModule(module, rows: count)
    func addOutput() {
      for index in 0..<count {
        kernels.add(scratch.output.row(index), count: shape.width, to: scratch.stream.row(index))
      }
    }
    if let linear = module.linear {
      task.multiply(scratch.input, count: count, Products.Product(linear, scratch.output))
      addOutput()
    }
    if let (a, b) = module.lowRank {
      task.multiply(scratch.input, count: count, Products.Product(a, scratch.inner))
      task.multiply(scratch.inner, count: count, Products.Product(b, scratch.output))
      addOutput()
    }
    if let (gate, up, down) = module.inner {
      task.multiply(
        scratch.input, count: count, Products.Product(gate, scratch.inner),
        Products.Product(up, scratch.up))
      for index in 0..<count {
        kernels.gate(scratch.inner.row(index), with: scratch.up.row(index), count: down.columns)
      }
      task.multiply(scratch.inner, count: count, Products.Product(down, scratch.output))
      addOutput()
    }
    return scratch.stream
  }
}

/// Scratch of one exit module.
private struct ExitRows: BitwiseCopyable {
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
