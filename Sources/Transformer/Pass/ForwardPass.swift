package import Dials
package import Kernels

/// The one forward pass: rows in flight, through a range of blocks, over a cache.
///
/// Plain decoding is one row through all blocks. A draft tree is many rows with parents. A shallow
/// draft is blocks 0..<e; its verification is blocks e..<n on the kept residual streams. A row's
/// result does not depend on its company, bit for bit.
///
/// The pass has no suspension point and allocates nothing per token; its owner calls it from one
/// thread at a time.
package final class ForwardPass {
  /// Keys and values.
  package internal(set) var cache: KeyValueCache
  /// The work done since the counter was last taken.
  package var work = Work()

  /// The model, and who computes.
  private var runtime: ModelRuntime
  /// The rows in flight.
  var wave: Wave
  /// From streams to logits.
  var head: HeadPass
  /// What is seen of the past.
  var reachState: ReachState
  /// Memory for what blocks compute on the way.
  let scratch: BlockScratch
  /// What the pool is doing.
  private var job: BlockJob

  /// A pass for texts up to `capacity` positions, `rowCapacity` rows at a time. Where `reach` forgets,
  /// texts have no end.
  ///
  /// With `keepsStreams`, a run can capture the residual stream after every block.
  package init(
    _ runtime: ModelRuntime, capacity: Int, rowCapacity: Int = 128, keepsStreams: Bool = false,
    reach: ReachSetting = .full
  ) {
    let blueprint = runtime.weights.blueprint
    self.runtime = runtime
    wave = Wave(blueprint: blueprint, capacity: rowCapacity)
    job = BlockJob(blockCount: blueprint.blockCount, capacity: rowCapacity)
    scratch = BlockScratch(
      runtime, rowCapacity: rowCapacity, capturesStreams: keepsStreams)
    head = HeadPass(runtime, capacity: max(32, blueprint.blockCount))
    reachState = ReachState(
      reach, runtime: runtime, capacity: capacity + rowCapacity, rowCapacity: rowCapacity)
    cache = reachState.emptyCache(blueprint)
  }

  /// Forgets the text and sees with `reach` from now on.
  ///
  /// With `keepsAll` nothing gives up its place, though nobody sees it any more: there is an end to
  /// the text then, and the same numbers.
  package func reset(reach: ReachSetting, keepsAll: Bool = false) {
    truncate(to: 0)
    if reach == self.reach, keepsAll == reachState.keepsAll { return }
    reachState = ReachState(
      reach, keepsAll: keepsAll, runtime: runtime, capacity: reachState.capacity,
      rowCapacity: rowCapacity)
    cache = reachState.emptyCache(weights.blueprint)
  }

  /// Gives the pass another adapter's exits, or none. What is in the cache stays: they do not change
  /// it. An adapter that changes the blocks asks for a pass of its own.
  package func adopt(_ exits: ExitModules?) {
    precondition(
      weights.changes == nil && exits?.changes == nil, "a pass keeps the weights it was made with")
    runtime.exits = exits
    head.exits = exits.map { ExitPass($0, runtime: runtime, capacity: logitCapacity) }
  }

  /// The model.
  package var weights: Weights { runtime.weights }
  /// Small feed-forwards beside the big ones, if there are any.
  package var feedForwards: SmallFeedForwards? { runtime.feedForwards }
  /// The exits of an adapter, if one is in use.
  package var exits: ExitModules? { runtime.exits }
  /// The threads that share a pass.
  package var pool: ThreadPool { runtime.pool }
  /// The kernels of a pass.
  var kernels: KernelSet { runtime.kernels }
  /// Which past positions attention sees.
  package var reach: ReachSetting { reachState.setting }
  /// Where turns of the text begin, in order, if they leave whole. What is committed must have been read with
  /// the same ones, as far as it goes.
  package var turnStarts: [Int] {
    get { reachState.turnStarts }
    set { reachState.turnStarts = newValue }
  }
  /// Rows that can be in flight at once.
  package var rowCapacity: Int { wave.capacity }
  /// Rows whose logits can be asked for at once.
  package var logitCapacity: Int { head.rows.capacity }
  /// Rows in flight.
  package var rowCount: Int { wave.rows.count }
  /// Blocks of the model.
  package var blockCount: Int { runtime.weights.blueprint.blockCount }
}

/// Rows come and go.
extension ForwardPass {
  /// Adds a row in flight and returns its index. Its parent must already be in flight.
  @discardableResult
  package func append(_ row: Row) -> Int {
    let slot = cache.committedCount + wave.rows.count
    renewMemory(for: row.position.rawValue)
    let visible = BlockSpans(
      of: row.position, reach: reach, turns: turnStarts, window: weights.blueprint.window,
      retrieves: row.retrieves)
    cache.take(slot: slot)
    precondition(
      reach.local(at: cache.committedCount, turns: turnStarts).lowerBound
        >= cache.oldestRetained,
      "what a row in flight sees has its place")
    wave.append(
      row, slot: slot, visible: visible, length: reachState.longestDistance,
      weights: runtime.weights)
    let index = wave.rows.count - 1
    precondition(
      wave.rows[index].path.map { !reach.isLimited || $0.count <= reach.window } ?? true,
      "a row of a tree has all of its path in its window")
    return index
  }

  /// Adds the tokens that follow what is committed, each the child of the one before. No row may be in
  /// flight yet. Those from number `retrievesFrom` on decide a token.
  package func appendChain(_ tokens: some Collection<TokenID>, retrievesFrom: Int = .max) {
    precondition(rowCount == 0, "a chain follows what is committed")
    let start = cache.committedCount
    for (index, token) in tokens.enumerated() {
      append(
        Row(
          token: token, position: Position(start + index), parent: index == 0 ? nil : index - 1,
          retrieves: index >= retrievesFrom))
    }
  }

  /// Makes the rows on `path` part of the text, in this order, and drops all others in flight. They must
  /// have keys and values in every block that `route` runs.
  package func commit(path: [Int], route: Route = .plain) {
    cache.commit(path, of: wave.rows, route: route)
    wave.clear()
  }

  /// Drops the rows in flight behind the first `count`.
  package func drop(after count: Int) {
    guard count < rowCount else { return }
    cache.drop(wave.rows[count].slot..<wave.rows[rowCount - 1].slot + 1)
    wave.truncate(to: count)
  }

  /// Drops all rows in flight.
  package func discard() { commit(path: []) }

  /// Forgets every committed position from `count` on, and all rows in flight.
  package func truncate(to count: Int) {
    discard()
    cache.truncate(to: count)
    if count == 0 { reachState.memory.clear() }
  }
}

/// Rows go through blocks.
extension ForwardPass {
  /// Runs ascending `rows` through those of `blocks` that `route` runs; the streams pass the others by.
  ///
  /// Every row must have run through all earlier blocks of its route. Its ancestors in flight must have
  /// keys and values in every block that it runs, or get them in the same call. With a `rule` the routers
  /// say where feed-forwards are small, and `routerScores(row:)` has what they said.
  package func run(
    rows: Range<Int>, blocks: Range<Int>, route: Route = .plain, rule: FeedForwardRule? = nil,
    capture: Bool = false
  ) {
    job.assign(capture ? .runAndCapture : .run, rows, blocks, route: route, rule: rule)
    runJob()
  }

  /// The same for ascending rows that need not be neighbours.
  package func run(
    rows: [Int], blocks: Range<Int>, route: Route = .plain, rule: FeedForwardRule? = nil,
    capture: Bool = false
  ) {
    job.assign(capture ? .runAndCapture : .run, rows, blocks, route: route, rule: rule)
    runJob()
  }

  /// The same for rows with a route each: `routes[i]` is that of the i-th of `rows`. The rows that run a
  /// block go through it together.
  package func run(
    rows: Range<Int>, blocks: Range<Int>, routes: [Route], capture: Bool = false
  ) {
    job.assign(capture ? .runAndCapture : .run, rows, blocks, routes: routes)
    runJob()
  }

  /// The same for ascending rows with a route each that need not be neighbours.
  package func run(
    rows: [Int], blocks: Range<Int>, routes: [Route], capture: Bool = false
  ) {
    job.assign(capture ? .runAndCapture : .run, rows, blocks, routes: routes)
    runJob()
  }

  private func runJob() {
    mark(.exact)
    for block in job.blocks where job[block].count > 0 {
      let group = job[block]
      precondition(group.isBig || feedForwards != nil, "no block of this model is small")
      for index in group.indices {
        precondition(
          ancestorsArePresent(of: group[index], in: block),
          "a row that runs a block needs the keys and values of its ancestors there")
        countAttention(block, row: group[index])
      }
    }
    performJob()
    for block in job.blocks where job[block].count > 0 {
      work.addBlock(
        view(block), job[block], runtime.feedForwards?.blocks[block],
        scratch.small, rule: job.rule)
    }
  }

  /// What blocks' routers said of a row in flight when it last ran them under a rule, [blockCount]. Those
  /// of blocks that did not ask mean nothing.
  package func routerScores(row: Int) -> [Float] {
    (0..<blockCount).map { scratch.small?.score(block: $0, row: row) ?? 0 }
  }

  /// Gives `rows` keys and values in those of `blocks` that `route` runs, from the state at which they
  /// stopped (CALM's state propagation): `K_l = W_K · N_l(h_e)`, and V alike.
  package func fill(rows: Range<Int>, blocks: Range<Int>, route: Route = .plain) {
    job.assign(.fill, rows, blocks, route: route)
    fillJob()
  }

  /// The same for ascending rows that need not be neighbours.
  package func fill(rows: [Int], blocks: Range<Int>, route: Route = .plain) {
    job.assign(.fill, rows, blocks, route: route)
    fillJob()
  }

  private func fillJob() {
    mark(.propagated)
    for block in job.blocks where job[block].count > 0 {
      work.addFill(view(block), rows: job[block].count)
    }
    performJob()
  }

  /// Notes what the job is about to write.
  private func mark(_ state: KeyValueCache.RowState) {
    for block in job.blocks {
      let group = job[block]
      for index in group.indices {
        cache.mark(state, block: block, slot: wave.rows[group[index]].slot)
      }
    }
  }

  /// Whether every ancestor in flight of a row has keys and values in `block`. Those of an exact row
  /// had them when it ran.
  private func ancestorsArePresent(of row: Int, in block: Int) -> Bool {
    var ancestor = wave.rows[row].row.parent
    while let row = ancestor {
      switch cache.state(block: BlockIndex(block), slot: wave.rows[row].slot) {
      case .exact: return true
      case .absent: return false
      case .propagated: ancestor = wave.rows[row].row.parent
      }
    }
    return true
  }

  private func countAttention(_ block: Int, row: Int) {
    let blueprint = runtime.weights.blueprint
    let visible = wave.rows[row].visible.inBlock(blueprint.forms[block])
    work.addAttention(blueprint, positions: visible.count)
    guard let lookups = reachState.scratch.lookups, block >= KeyRetrieval.firstBlock else { return }
    let middle = visible.middle.count
    work.addLookup(
      blueprint, scored: middle, found: min(middle, lookups.count))
  }

  /// The weights of a block for the rows of the job.
  private func view(_ block: Int) -> BlockView {
    runtime.weights.view(ofBlock: block, without: job.pruned)
  }

  private func performJob() {
    precondition(
      weights.repair == nil || job.pruned != nil, "a repair is for all rows of a run or for none")
    if job.next(from: job.blocks.lowerBound) != nil { pool.run(self) }
  }
}

extension ForwardPass: PoolTask {
  package var isFineGrained: Bool { true }

  package func run(as worker: inout PoolWorker, of pool: ThreadPool) {
    let pass = blockPass(as: worker.index)
    var next = job.next(from: job.blocks.lowerBound)
    while let block = next {
      next = job.next(from: block + 1)
      let (group, w) = (job[block], view(block))
      if job.kind == .fill {
        pass.fill(group, w, worker: &worker)
        continue
      }
      let following = next.map { runtime.weights.blocks[$0].view.query } ?? runtime.weights.head
      pass.run(
        group, w, runtime.feedForwards?.blocks[block], then: following, worker: &worker)
      if job.kind == .runAndCapture { pass.capture(group, worker: &worker) }
    }
  }

  /// What a worker of the pool looks at for the length of a job.
  private func blockPass(as worker: Int) -> BlockPass {
    let blueprint = runtime.weights.blueprint
    let products = Products(kernels: kernels, pool: pool, lowRank: scratch.lowRank)
    return BlockPass(
      shape: blueprint, hidden: wave.hidden, scratch: scratch, products: products,
      attention: AttentionPass(
        shape: blueprint, products: products, wave: wave.view, cache: cache.view,
        reach: reachState.scratch, shared: scratch.shared, own: scratch.own[worker]),
      rule: job.rule)
  }
}
