import Kernels

/// Memory for what blocks compute on the way, taken once for a pass.
struct BlockScratch: Sendable {
  /// What workers of the pool share.
  let shared: BlockRows
  /// What each worker has for itself.
  let own: [WorkerScratch]
  /// The residual stream after every block, kept where it is captured: [block][row, width].
  let captured: [ActivationRows]
  /// What an adapter adds to the blocks' products; nil where none does.
  let lowRank: LowRankScratch?
  /// What small feed-forwards need; nil where there are none.
  let small: SmallScratch?
  private let memory: [AlignedBytes]

  init(
    _ runtime: ModelRuntime, rowCapacity: Int, capturesStreams: Bool
  ) {
    let (weights, workerCount) = (runtime.weights, runtime.pool.count)
    let blueprint = weights.blueprint
    let arena = Arena()
    shared = BlockRows(blueprint: blueprint, capacity: rowCapacity, in: arena)
    own = (0..<workerCount).map { _ in WorkerScratch(blueprint: blueprint, in: arena) }
    captured =
      capturesStreams
      ? (0..<blueprint.blockCount).map { _ in
        ActivationRows(
          capacity: rowCapacity, columns: blueprint.width, quantized: false, in: arena)
      } : []
    lowRank = LowRankScratch(
      weights, rowCapacity: rowCapacity, workerCount: workerCount, in: arena)
    small = runtime.feedForwards.map {
      SmallScratch(
        $0.shape, blockCount: blueprint.blockCount, rowCapacity: rowCapacity,
        workerCount: workerCount, in: arena)
    }
    memory = arena.pieces
  }
}

/// What a block computes for its group, row i for the i-th row of the group.
struct BlockRows: Sendable, BitwiseCopyable {
  /// What the projections read.
  let inputs: Inputs
  /// Queries, [capacity, queryWidth].
  let queries: ActivationRows
  /// Keys before they are stored, [capacity, keyValueWidth].
  let keys: ActivationRows
  /// Values before they are stored.
  let values: ActivationRows
  /// The factor of the gate, [capacity, innerWidth].
  let up: ActivationRows
  /// A projection on its way to the residual stream, [capacity, width].
  let projected: ActivationRows

  init(blueprint: Blueprint, capacity: Int, in arena: Arena) {
    func room(_ columns: Int) -> ActivationRows {
      ActivationRows(capacity: capacity, columns: columns, quantized: false, in: arena)
    }
    inputs = Inputs(blueprint: blueprint, capacity: capacity, in: arena)
    queries = room(blueprint.queryWidth)
    keys = room(blueprint.keyValueWidth)
    values = room(blueprint.keyValueWidth)
    up = room(blueprint.innerWidth)
    projected = room(blueprint.width)
  }
}

/// What the projections of a block read, each [capacity, ...] with its quantised form.
struct Inputs: Sendable, BitwiseCopyable {
  /// The normalised residual stream, [capacity, width].
  let normed: ActivationRows
  /// What attention gathered, [capacity, queryWidth].
  let attended: ActivationRows
  /// The gated inner state of the feed-forward, [capacity, innerWidth].
  let inner: ActivationRows

  init(blueprint: Blueprint, capacity: Int, in arena: Arena) {
    normed = ActivationRows(capacity: capacity, columns: blueprint.width, in: arena)
    attended = ActivationRows(capacity: capacity, columns: blueprint.queryWidth, in: arena)
    inner = ActivationRows(capacity: capacity, columns: blueprint.innerWidth, in: arena)
  }
}

/// What one worker of the pool needs for itself.
struct WorkerScratch: Sendable, BitwiseCopyable {
  /// The inputs of a single row, which every worker makes for itself.
  let inputs: Inputs
  /// The keys and values that it attends to.
  let tiles: TileScratch
  /// The queries of some rows.
  let queries: QueryScratch
  /// What it attended to so far.
  let results: ResultScratch

  init(blueprint: Blueprint, in arena: Arena) {
    inputs = Inputs(blueprint: blueprint, capacity: 1, in: arena)
    tiles = TileScratch(blueprint: blueprint, in: arena)
    queries = QueryScratch(blueprint: blueprint, in: arena)
    results = ResultScratch(blueprint: blueprint, in: arena)
  }
}
