import Kernels

/// From residual streams to logits: the final norm and the LM head, or the module of an exit and a short
/// head.
struct HeadPass {
  /// Scratch for logits.
  let rows: LogitRows
  /// The exits of an adapter; nil where none is in use.
  var exits: ExitPass?
  /// The logits of the last call, still there.
  private(set) var last: Logits
  private let weights: Weights
  private let task: ProductTask
  /// Finds the highest logits of a coarse head; nil where the head has no coarse form.
  private let top: TopLogits?

  /// The residual stream of the i-th row asked about, [width].
  typealias Streams = (Int) -> UnsafeMutablePointer<Float>

  /// Room for the logits of `capacity` rows at once.
  init(_ runtime: ModelRuntime, capacity: Int) {
    let rows = LogitRows(blueprint: runtime.weights.blueprint, capacity: capacity)
    self.rows = rows
    weights = runtime.weights
    task = ProductTask(kernels: runtime.kernels, pool: runtime.pool)
    last = Logits(rows: rows, count: 0, kernels: runtime.kernels, tokens: nil)
    top = weights.coarseHead.map {
      TopLogits($0, rows: rows, kernels: runtime.kernels, workerCount: runtime.pool.count)
    }
    exits = runtime.exits.map { ExitPass($0, runtime: runtime, capacity: capacity) }
  }

  private var kernels: KernelSet { task.products.kernels }

  /// The logits of `count` streams: final norm and LM head.
  mutating func logits(count: Int, of streams: Streams, work: inout Work) -> Logits {
    normalize(count: count, by: weights.outputNorm, streams)
    return read(count: count, with: nil, work: &work)
  }

  /// The same through the module of the exit after `depth` blocks, if the adapter has one; with `short`
  /// over the tokens of its short head, if it has one.
  mutating func logits(
    count: Int, of streams: Streams, at depth: Int, short: Bool, work: inout Work
  ) -> Logits {
    if let exits, let exit = exits.index(at: depth) {
      let changed = exits.run(exit, count: count, streams, work: &work)
      normalize(count: count, by: exits.modules.modules[exit].outputNorm) { changed.row($0) }
    } else {
      normalize(count: count, by: weights.outputNorm, streams)
    }
    return read(count: count, with: short ? exits?.modules.shortHead : nil, work: &work)
  }

  /// The logits of `count` streams, of which the `exactTop` highest of each row are exact. Where the head
  /// has no coarse form, all are.
  mutating func logits(
    count: Int, of streams: Streams, exactTop: Int, work: inout Work
  ) -> Logits {
    guard let top, exactTop > 0, exactTop <= top.limit else {
      return logits(count: count, of: streams, work: &work)
    }
    normalize(count: count, by: weights.outputNorm, streams)
    kernels.prepare(rows.normed, rows: 0..<count, for: weights.head)
    let pool = task.products.pool
    var rescored = 0
    weights.withHeadRows { source in
      rescored = top.find(exactTop, count: count, wholeRows: source, pool: pool)
    }
    work.addCoarseHead(weights, rows: count, finished: rescored)
    cap(count: count, columns: weights.head.rows)
    last = Logits(
      rows: rows, count: count, kernels: kernels, tokens: nil, exactCount: exactTop)
    return last
  }

  /// RMSNorm of streams, with the gains before a head.
  func normalize(count: Int, by gains: UnsafePointer<Float>, _ streams: Streams) {
    precondition(count <= rows.capacity, "more rows than there is room for logits")
    for index in 0..<count {
      kernels.normalize(
        streams(index), weight: gains, count: weights.blueprint.width,
        epsilon: weights.blueprint.normEpsilon, into: rows.normed.row(index))
    }
  }

  /// Caps the logits of the first rows, where the model does.
  private func cap(count: Int, columns: Int) {
    guard let cap = weights.blueprint.logitCap else { return }
    for row in 0..<count {
      let logits = rows.values.row(row)
      // The hyperbolic tangent by an exponential; monotonic, so the order stays.
      for index in 0..<columns {
        logits[index] = cap - 2 * cap / (1 + kernelExp(2 * logits[index] / cap))
      }
    }
  }

  /// The logits of the first normalised streams, by the LM head or a short one.
  private mutating func read(count: Int, with short: ShortHead?, work: inout Work) -> Logits {
    let head = short?.matrix ?? weights.head
    task.multiply(rows.normed, count: count, Products.Product(head, rows.values))
    work.addHead(head, rows: count)
    cap(count: count, columns: head.rows)
    last = Logits(rows: rows, count: count, kernels: kernels, tokens: short?.tokens)
    return last
  }
}
