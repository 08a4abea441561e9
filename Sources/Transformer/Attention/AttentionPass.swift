import CKernels
import Dials
import Kernels

/// Attention of groups of rows, as one worker of the pool carries it out.
///
/// A row looks at its keys and values split by split. What it gathers of each split is a partial
/// result, with a maximum and a sum of its own; partial results are merged in the order of the positions.
/// So a row's result depends neither on who computed which part nor on what else is in the pass.
struct AttentionPass {
  /// The model's shape.
  let shape: Blueprint
  let products: Products
  /// The rows in flight.
  let wave: WaveView
  /// Where keys and values lie.
  let cache: CacheView
  /// What rows see of the past from far away.
  let reach: ReachScratch
  /// What the workers share.
  let shared: BlockRows
  /// What this worker has for itself.
  let own: WorkerScratch

  /// Rows up to which splits are shared out; beyond it, rows are.
  static let rowsBySplit = 8
  /// Rows that share what one worker reads of the cache.
  static let rowsPerPart = 16

  var kernels: KernelSet { products.kernels }
  var pool: ThreadPool { products.pool }

  /// What a row in flight sees in a block.
  @inline(__always)
  func visible(_ row: Int, in block: Int) -> VisibleSpan {
    wave.rows[row].visible.inBlock(shape.forms[block])
  }

  /// Stores a group's keys and values and gathers what its queries ask for, ready for `output`.
  func attend(
    _ group: RowGroup, for output: MatrixView, worker: inout PoolWorker
  ) -> ActivationRows {
    group.count <= Self.rowsBySplit
      ? attendBySplit(group, for: output, worker: &worker)
      : attendByRow(group, for: output, worker: &worker)
  }

  /// Says which split `worker` reads first where the text is long, or else which matrix.
  func expectTiles(_ group: RowGroup, else matrix: MatrixView, _ worker: inout PoolWorker) {
    guard group.count <= Self.rowsBySplit else { return products.expect(matrix, &worker) }
    let heads = shape.keyValueHeadCount
    let span = span(of: group, group.indices)
    let part = pool.part(of: heads * span.count, worker: worker.index)
    guard span.count > 1, !part.isEmpty else { return products.expect(matrix, &worker) }
    let (index, head) = part.lowerBound.quotientAndRemainder(dividingBy: heads)
    let tiles = tiles(of: span[index])
    worker.prefetch = Prefetch(
      tiles.unit(block: group.block, head: head, split: span[index].split),
      count: min(heads - head, part.count) * tiles.unitBytes)
  }

  /// What at least one of some rows of a group sees.
  func span(of group: RowGroup, _ indices: Range<Int>) -> SplitSpan {
    var span = SplitSpan(of: visible(group[indices.lowerBound], in: group.block))
    for index in indices.dropFirst() {
      span.formUnion(SplitSpan(of: visible(group[index], in: group.block)))
    }
    return span
  }

  func tiles(of place: SplitPlace) -> KeyValueTiles {
    place.isOfSinks ? cache.sinkTiles : cache.tiles
  }
}

/// Keys and values into the cache.
extension AttentionPass {
  /// Rotates and stores a group's keys and values.
  func storeKeysAndValues(_ group: RowGroup, worker: inout PoolWorker) {
    let heads = shape.keyValueHeadCount
    pool.share(group.count * heads, chunk: heads, by: &worker) { part in
      for item in part { storeKeyAndValue(group, item / heads, head: item % heads) }
    }
  }

  /// Rotates and stores one head's key and value of one row of a group.
  func storeKeyAndValue(_ group: RowGroup, _ index: Int, head: Int) {
    let row = group[index]
    let slot = wave.rows[row].slot
    let key = shared.keys.row(index) + head * shape.headWidth
    let value = shared.values.row(index) + head * shape.headWidth
    func store(in tiles: KeyValueTiles) {
      tiles.store(
        kernels, block: group.block, head: head, slot: slot, key: key, value: value)
    }
    let isSink = wave.rows[row].row.position.rawValue < cache.sinkCount
    // Far away a key counts without its angle (LM-Infinite) or with it (StreamingLLM).
    if isSink, reach.distance == .capped { store(in: cache.sinkTiles) }
    rotate(key, heads: 1, row: row, of: group.block)
    if isSink, reach.distance == .cacheIndex { store(in: cache.sinkTiles) }
    store(in: cache.tiles)
  }

  private func rotate(
    _ x: UnsafeMutablePointer<Float>, heads: Int, row: Int, of block: Int,
    at angles: FarAngles? = nil
  ) {
    let position = wave.rows[row].row.position.rawValue
    let far = angles.flatMap { position > $0.position ? $0 : nil }
    let first = shape.forms[block].rotation * (shape.rotatedWidth / 2)
    kernels.rotate(
      x, heads: heads, width: shape.headWidth, rotated: shape.rotatedWidth,
      cosines: (far?.cosines ?? wave.angles.cosines.row(row)) + first,
      sines: (far?.sines ?? wave.angles.sines.row(row)) + first)
  }
}

/// Queries, and the tiles of one split.
extension AttentionPass {
  /// The queries of a group of heads of some rows, rotated and in digits, from place `first` on: for the
  /// rows' windows, or for what they see from far away.
  func prepareQueries(
    _ group: RowGroup, _ indices: Range<Int>, head: Int, first: Int, at angles: FarAngles?
  ) {
    let count = shape.groupSize * shape.headWidth
    let queries = angles == nil ? own.queries.near : own.queries.far
    for (offset, index) in indices.enumerated() {
      let floats = queries.floats
      floats.update(from: shared.queries.row(index) + head * count, count: count)
      if shape.queryScale != 1 { for place in 0..<count { floats[place] *= shape.queryScale } }
      rotate(floats, heads: shape.groupSize, row: group[index], of: group.block, at: angles)
      var digits = queries[first + offset]
      ck_prepare_queries(
        kernels.pointer, floats, Int32(shape.groupSize), Int32(shape.headWidth), &digits)
    }
  }

  /// Takes a split in view: its tiles as the cache has them, every position visible.
  func view(_ block: Int, head: Int, place: SplitPlace) {
    let count = Int(CK_TILES)
    let tiles = tiles(of: place)
    for index in 0..<count {
      own.tiles.cached[index] = tiles.tile(
        block: block, head: head, index: place.split * count + index)
      own.tiles.masks[index] = .max
    }
  }

  /// Attention of one row to the split in view, for the query heads of one key/value head; false when
  /// the row sees nothing of it. `query` is the place of its prepared queries.
  @discardableResult
  func attend(
    _ block: Int, row: Int, head: Int, place: SplitPlace, query: Int, into result: SplitResult
  ) -> Bool {
    let seen = visible(row, in: block).positions(in: place)
    if seen.isEmpty { return false }
    let source =
      place.isOfSinks
      ? own.tiles.cached
      : source(
        block, row: row, head: head, positions: place.start..<place.start + seen.upperBound)
    let (first, last) = (seen.lowerBound / 16, (seen.upperBound - 1) / 16)
    let masks = own.tiles.masks
    masks[first] &= .max << (seen.lowerBound % 16)
    masks[last] &= .max >> (15 - (seen.upperBound - 1) % 16)
    var queries = (place.isOfSinks ? own.queries.far : own.queries.near)[query]
    ck_attend(
      kernels.pointer, &queries, Int32(result.group), Int32(shape.headWidth),
      Int32(last + 1 - first), source + first, masks + first, result.maxima, result.sums,
      result.outputs)
    masks[first] = .max
    masks[last] = .max
    return true
  }

  /// Where the tiles of a split of the text are, as a row sees them.
  private func source(
    _ block: Int, row: Int, head: Int, positions: Range<Int>
  ) -> UnsafeMutablePointer<ck_tile> {
    let base = wave.rows[row].base
    if base > 0 {
      for tile in 0..<(positions.count + 15) / 16 {
        let index = (base + positions.lowerBound) / 16 + tile
        own.tiles.own[tile] = cache.tiles.tile(block: block, head: head, index: index)
      }
      return own.tiles.own
    }
    guard let path = wave.rows[row].path, positions.upperBound > cache.committedCount else {
      return own.tiles.cached
    }
    gather(block, path: path, head: head, positions: positions)
    return own.tiles.own
  }

  /// The tiles of a split as a row of a tree sees them: where its path is not what the cache has, the
  /// positions are put together.
  private func gather(_ block: Int, path: [Int], head: Int, positions: Range<Int>) {
    let committed = cache.committedCount
    for tile in 0..<(positions.count + 15) / 16 {
      let first = positions.lowerBound + tile * 16
      let end = min(first + 16, positions.upperBound)
      if end <= committed {
        own.tiles.own[tile] = own.tiles.cached[tile]
        continue
      }
      let target = own.tiles.gathered.tile(block: 0, head: 0, index: tile)
      own.tiles.own[tile] = target
      cache.tiles.copy(own.tiles.cached[tile], to: target)
      for position in max(first, committed)..<end where path[position - committed] != position {
        cache.tiles.copy(
          block: block, head: head, slot: path[position - committed], to: target,
          lane: position - first)
      }
    }
  }

  func merge(_ next: SplitResult, into result: SplitResult) {
    result.merge(next, kernels: kernels, headWidth: shape.headWidth)
  }

  func finish(_ result: SplitResult, index: Int, head: Int, into target: ActivationRows) {
    result.finish(
      kernels: kernels, headWidth: shape.headWidth,
      into: target.row(index) + head * result.group * shape.headWidth)
  }
}
