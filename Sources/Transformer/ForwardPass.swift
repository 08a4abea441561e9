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
  /// The model.
  package let weights: Weights
  /// Keys and values.
  package internal(set) var cache: KeyValueCache
  /// The work done since the counter was last taken.
  package var work = Work()

  let kernels: KernelSet
  /// The threads that share a pass.
  package let crew: WorkCrew
  var wave: Wave
  let logitRows: LogitRows
  /// What the exact head remembers of a coarse one; nil where there is none.
  let headLimits: HeadLimits?
  /// The modules of an adapter, and scratch for each.
  package internal(set) var exits: ExitModules?
  var exitRows: [ExitRows]
  var exitMemory: [AlignedBytes]
  /// Gains of a norm that has none, [width].
  let unit: UnsafeMutablePointer<Float>
  let members: [MemberScratch]
  /// Which past positions attention sees.
  package internal(set) var reach: ReachSetting
  /// Where keys and values lie, and those of the first positions once more.
  var tiles: KeyValueTiles
  var sinkTiles: KeyValueTiles
  /// The angles at which rows see the first positions from far away.
  var farAngles: FarAngles
  /// What rows need that look up positions before their window; nil where none does.
  var lookups: Lookups?
  /// What is remembered of what left the window.
  var surprises: SurpriseMemory
  /// Attention of a few rows, stretch by stretch, until it is merged.
  var partials: StretchResults
  /// How much of attention the first positions got (`sinkShareStride` numbers a row).
  let sinkShares: UnsafeMutablePointer<Float>
  /// Scratch of what an adapter adds to the blocks' products; nil where none does.
  let lowRank: LowRankScratch?
  private let memory: [AlignedBytes]
  /// Where `farAngles`, `lookups` and `partials` lie.
  var reachMemory: [AlignedBytes]
  /// Positions there is room for where nothing is forgotten, rows in flight included.
  let capacity: Int
  /// Whether nothing is forgotten, though nobody sees it any more.
  var keepsAll = false
  /// The residual stream after every block, kept while `capture` is on: [block][row, width].
  let captured: [ActivationRows]

  /// Which rows go through which block.
  private let groups: RowGroups
  /// What a commit works out, kept so that the next one allocates nothing.
  private var committedSlots: [Int] = []

  /// What the crew is doing.
  private var job = Job.none

  /// A matrix, where its product with some rows goes, and what is added to it.
  typealias Product = (w: MatrixView, y: ActivationRows, change: LowRankView?)

  enum Job {
    case none
    /// Each of these blocks over its group of rows.
    case blocks(Range<Int>, capture: Bool)
    /// Keys and values of each of these blocks for its group of rows.
    case fill(Range<Int>)
    /// The head, of which the highest logits are exact.
    case exactHead(count: Int, top: Int)
    /// `y = w · x` for the first rows of x.
    case products(count: Int, x: ActivationRows, Product, Product?, Product?)
  }

  /// A pass over `weights` for texts up to `capacity` positions, `rowCapacity` rows at a time. Where
  /// `reach` forgets, texts have no end.
  ///
  /// With `keepsStreams`, a run can capture the residual stream after every block.
  package init(
    weights: Weights, capacity: Int, rowCapacity: Int = 128, kernels: KernelSet = .best,
    crew: WorkCrew, keepsStreams: Bool = false, exits: ExitModules? = nil,
    reach: ReachSetting = .full
  ) {
    let blueprint = weights.blueprint
    self.weights = exits.map { weights.changed(by: $0.changes) } ?? weights
    self.kernels = kernels
    self.crew = crew
    self.capacity = capacity + rowCapacity
    self.reach = reach
    cache = KeyValueCache(
      blueprint: blueprint, capacity: capacity + rowCapacity, reach: reach,
      rowCapacity: rowCapacity, forgets: reach.forgets)
    tiles = cache.tiles
    sinkTiles = cache.sinkTiles
    let reachArena = Arena()
    farAngles = FarAngles(reach: reach, weights: weights, in: reachArena)
    partials = Self.partials(
      blueprint, reach: reach, capacity: capacity + rowCapacity, rowCapacity: rowCapacity,
      in: reachArena)
    surprises = SurpriseMemory(reach: reach, placeCount: cache.placeCount)
    lookups = Lookups(
      reach: reach, weights: weights, capacity: capacity + rowCapacity, rowCapacity: rowCapacity,
      memberCount: crew.count, in: reachArena)
    reachMemory = reachArena.pieces
    wave = Wave(blueprint: blueprint, capacity: rowCapacity)
    groups = RowGroups(blockCount: blueprint.blockCount, capacity: rowCapacity)
    let logitCapacity = max(32, blueprint.blockCount)
    logitRows = LogitRows(blueprint: blueprint, capacity: logitCapacity)
    lastLogits = Logits(rows: logitRows, count: 0, kernels: kernels, tokens: nil)
    headLimits = weights.coarseHead.map {
      HeadLimits($0, capacity: logitCapacity, memberCount: crew.count)
    }
    let arena = Arena()
    members = (0..<crew.count).map { _ in
      MemberScratch(blueprint: blueprint, in: arena)
    }
    sinkShares = arena.take(
      rowCapacity * (blueprint.keyValueHeadCount + 1), of: Float.self)
    lowRank = LowRankScratch(
      self.weights, rowCapacity: rowCapacity, memberCount: crew.count, in: arena)
    captured =
      keepsStreams
      ? (0..<blueprint.blockCount).map { _ in
        ActivationRows(
          capacity: rowCapacity, columns: blueprint.width, quantized: false, in: arena)
      } : []
    let exitArena = Arena()
    self.exits = exits
    exitRows = Self.exitRows(exits, weights: weights, capacity: logitCapacity, in: exitArena)
    exitMemory = exitArena.pieces
    unit = arena.take(blueprint.width, of: Float.self)
    unit.update(repeating: 1, count: blueprint.width)
    memory = arena.pieces
  }

  /// Rows that can be in flight at once.
  package var rowCapacity: Int { wave.capacity }
  /// Rows whose logits can be asked for at once.
  package var logitCapacity: Int { logitRows.capacity }
  /// Rows in flight.
  package var rowCount: Int { wave.rows.count }
  /// Blocks of the model.
  package var blockCount: Int { weights.blueprint.blockCount }

  /// Adds a row in flight and returns its index. Its parent must already be in flight.
  @discardableResult
  package func append(_ row: Row) -> Int {
    let slot = cache.committedCount + wave.rows.count
    renewMemory(for: row.position.rawValue)
    let sight = Sight(of: row.position, reach: reach, looksUp: row.looksUp)
    cache.take(slot: slot)
    precondition(
      reach.local(at: cache.committedCount).lowerBound >= cache.oldestRetained,
      "what a row in flight sees has its place")
    wave.append(row, slot: slot, sight: sight, weights: weights)
    let index = wave.rows.count - 1
    precondition(
      wave.rows[index].path.map { !reach.isLimited || $0.count <= reach.window } ?? true,
      "a row of a tree has all of its path in its window")
    if sight.sinkCount > 0 {
      (sinkShares + index * sinkShareStride).update(repeating: 0, count: sinkShareStride)
    }
    return index
  }

  /// Adds the tokens that follow what is committed, each the child of the one before. No row may be in
  /// flight yet. Those from number `looksUpFrom` on decide a token.
  package func appendChain(_ tokens: some Collection<TokenID>, looksUpFrom: Int = .max) {
    precondition(rowCount == 0, "a chain follows what is committed")
    let start = cache.committedCount
    for (index, token) in tokens.enumerated() {
      append(
        Row(
          token: token, position: Position(start + index), parent: index == 0 ? nil : index - 1,
          looksUp: index >= looksUpFrom))
    }
  }

  /// `rows` in parts whose logits can be asked for at once.
  package func headParts(of rows: [Int]) -> [[Int]] {
    stride(from: 0, to: rows.count, by: logitCapacity).map {
      Array(rows[$0..<min($0 + logitCapacity, rows.count)])
    }
  }

  /// Runs ascending `rows` through those of `blocks` that `route` runs; the streams pass the others by.
  ///
  /// Every row must have run through all earlier blocks of its route. Its ancestors in flight must have
  /// keys and values in every block that it runs, or get them in the same call.
  package func run(
    rows: Range<Int>, blocks: Range<Int>, route: Route = .plain, capture: Bool = false
  ) {
    groups.assign(rows, to: blocks, route: route)
    runGroups(of: blocks, capture: capture)
  }

  /// The same for ascending rows that need not be neighbours.
  package func run(
    rows: [Int], blocks: Range<Int>, route: Route = .plain, capture: Bool = false
  ) {
    groups.assign(rows, to: blocks, route: route)
    runGroups(of: blocks, capture: capture)
  }

  /// The same for rows with a route each: `routes[i]` is that of the i-th of `rows`. The rows that run a
  /// block go through it together.
  package func run(
    rows: Range<Int>, blocks: Range<Int>, routes: [Route], capture: Bool = false
  ) {
    groups.assign(rows, to: blocks, routes: routes)
    runGroups(of: blocks, capture: capture)
  }

  /// The same for ascending rows with a route each that need not be neighbours.
  package func run(
    rows: [Int], blocks: Range<Int>, routes: [Route], capture: Bool = false
  ) {
    groups.assign(rows, to: blocks, routes: routes)
    runGroups(of: blocks, capture: capture)
  }

  private func runGroups(of blocks: Range<Int>, capture: Bool) {
    guard mark(.exact, blocks) else { return }
    for block in blocks where groups[block].count > 0 {
      let group = groups[block]
      work.addBlock(weights.blocks[block].view, rows: group.count)
      for index in group.indices {
        let row = group[index]
        precondition(
          ancestorsArePresent(of: row, in: block),
          "a row that runs a block needs the keys and values of its ancestors there")
        let position = wave.rows[row].row.position.rawValue
        work.addAttention(weights.blueprint, positions: reach.attended(at: position))
        addLookup(block, row: row)
      }
    }
    perform(.blocks(blocks, capture: capture))
  }

  /// Gives `rows` keys and values in those of `blocks` that `route` runs, from the state at which they
  /// stopped (CALM's state propagation): `K_l = W_K · N_l(h_e)`, and V alike.
  package func fill(rows: Range<Int>, blocks: Range<Int>, route: Route = .plain) {
    groups.assign(rows, to: blocks, route: route)
    fillGroups(of: blocks)
  }

  /// The same for ascending rows that need not be neighbours.
  package func fill(rows: [Int], blocks: Range<Int>, route: Route = .plain) {
    groups.assign(rows, to: blocks, route: route)
    fillGroups(of: blocks)
  }

  private func fillGroups(of blocks: Range<Int>) {
    guard mark(.propagated, blocks) else { return }
    perform(.fill(blocks))
    for block in blocks where groups[block].count > 0 {
      work.addFill(weights.blocks[block].view, rows: groups[block].count)
    }
  }

  /// Notes what the groups of `blocks` are about to write; false where all groups are empty.
  private func mark(_ state: KeyValueCache.RowState, _ blocks: Range<Int>) -> Bool {
    var isAny = false
    for block in blocks {
      let group = groups[block]
      for index in group.indices {
        cache.mark(state, block: block, slot: wave.rows[group[index]].slot)
        isAny = true
      }
    }
    return isAny
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

  /// The logits of `rows` at the depth they have reached: final norm and LM head.
  ///
  /// Valid until the next call of this function.
  package func logits(rows: [Int]) -> Logits {
    logits(count: rows.count) { self.wave.hidden.row(rows[$0]) }
  }

  /// The logits of the last call of `logits`, still there.
  package internal(set) var lastLogits: Logits

  /// The raw logit lens of one row: its logits after each of `blocks`, which must have been captured.
  package func lens(row: Int, blocks: [Int]) -> Logits {
    logits(count: blocks.count) { self.captured[blocks[$0]].row(row) }
  }

  /// Makes the rows on `path` part of the text, in this order, and drops all others in flight. They must
  /// have keys and values in every block that `route` runs.
  package func commit(path: [Int], route: Route = .plain) {
    committedSlots.removeAll(keepingCapacity: true)
    for row in path { committedSlots.append(wave.rows[row].slot) }
    cache.commit(slots: committedSlots, flying: wave.rows.count, route: route)
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
    if count == 0 { surprises.clear() }
  }

  private func logits(count: Int, stream: (Int) -> UnsafeMutablePointer<Float>) -> Logits {
    precondition(count <= logitRows.capacity, "more rows than there is room for logits")
    normalize(count: count, by: weights.outputNorm, stream)
    return read(count: count, with: nil)
  }

  /// The logits of the first normalised streams, by the LM head or a short one.
  func read(count: Int, with short: ShortHead?) -> Logits {
    let head = short?.matrix ?? weights.head
    kernels.prepare(logitRows.normed, rows: 0..<count, for: head)
    perform(.products(count: count, x: logitRows.normed, (head, logitRows.values, nil), nil, nil))
    work.addHead(head, rows: count)
    lastLogits = Logits(rows: logitRows, count: count, kernels: kernels, tokens: short?.tokens)
    return lastLogits
  }

  func perform(_ job: Job) {
    self.job = job
    crew.run(self)
    self.job = .none
  }
}

extension ForwardPass: CrewTask {
  package func run(as member: inout CrewMember, of crew: WorkCrew) {
    switch job {
    case .none: break
    case .blocks(let blocks, let capture):
      for block in blocks where groups[block].count > 0 {
        let group = groups[block]
        let w = weights.blocks[block].view
        let next = nextInput(after: block, in: blocks)
        attention(block, w, group, member: &member)
        feedForward(w, group, then: next, member: &member)
        if capture { keep(block, group, member: &member) }
      }
    case .fill(let blocks):
      for block in blocks where groups[block].count > 0 {
        let group = groups[block]
        let w = weights.blocks[block].view
        let x = normalized(group, w.attentionNorm, for: w.attentionInput, member: &member)
        project(
          x, count: group.count, (w.key, wave.keys, w.changes.key),
          (w.value, wave.values, w.changes.value), member: &member)
        storeKeysAndValues(block, group, member: &member)
      }
    case .exactHead(let count, let top): exactHead(count: count, top: top, member: &member)
    case .products(let count, let x, let a, let b, let c):
      project(x, count: count, a, b, c, member: &member)
    }
  }

  /// What a run reads first after `block`.
  private func nextInput(after block: Int, in blocks: Range<Int>) -> MatrixView {
    for next in block + 1..<max(block + 1, blocks.upperBound) where groups[next].count > 0 {
      return weights.blocks[next].view.query
    }
    return weights.head
  }

  /// Rows that a product reads. A single row is made by every member for itself, which costs less
  /// than to wait for one; more rows are shared out.
  func made(
    _ count: Int, _ shared: ActivationRows, own: ActivationRows, member: inout CrewMember,
    _ make: (Int, ActivationRows) -> Void
  ) -> ActivationRows {
    if count == 1 {
      make(0, own)
      return own
    }
    crew.share(count, chunk: 1, by: &member) { part in
      for index in part { make(index, shared) }
    }
    return shared
  }

  /// RMSNorm of the residual streams of a group, ready for `matrix`.
  func normalized(
    _ group: RowGroup, _ gains: UnsafePointer<Float>, for matrix: MatrixView,
    member: inout CrewMember
  ) -> ActivationRows {
    let own = members[member.index].inputs.normed
    return made(group.count, wave.inputs.normed, own: own, member: &member) { index, target in
      kernels.normalize(
        wave.hidden.row(group[index]), weight: gains, count: weights.blueprint.width,
        epsilon: weights.blueprint.normEpsilon, into: target.row(index))
      kernels.prepare(target, rows: index..<index + 1, for: matrix)
    }
  }

  /// Says which matrix `member` reads after what it is about to do.
  func expect(_ matrix: MatrixView, _ member: inout CrewMember) {
    member.upcoming = Upcoming(
      matrix, panels: crew.part(of: matrix.panelCount, member: member.index))
  }

  private func keep(_ block: Int, _ group: RowGroup, member: inout CrewMember) {
    crew.share(group.count, chunk: 8, by: &member) { part in
      for row in part.lazy.map({ group[$0] }) {
        captured[block].row(row).update(
          from: wave.hidden.row(row), count: weights.blueprint.width)
      }
    }
  }
}
