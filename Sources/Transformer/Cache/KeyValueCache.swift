package import Dials
import Kernels

/// Keys and values of every block, eight bits a number (layout: `KeyValueTiles`).
///
/// Committed rows lie at the slot of their position. Rows in flight follow them and become committed,
/// moved into path order, or are dropped. Where the reach forgets, slots share a ring of places: a new
/// row takes the place of one that is out of every window.
///
/// The first positions, which a row sees from far away, lie in tiles of their own besides.
package struct KeyValueCache: ~Copyable {
  /// What a row of one block holds.
  package enum RowState: UInt8, Sendable {
    /// Nothing: never attended to.
    case absent
    /// Computed from the state at which the token left early (CALM's state propagation).
    case propagated
    /// Computed from the block's own input.
    case exact
  }

  /// Positions that are part of the text.
  package private(set) var committedCount = 0

  /// Where they lie.
  let tiles: KeyValueTiles
  /// Where the first positions lie once more, for rows that see them from far away; all positions where
  /// rows look them up. Behind them those that are remembered.
  let sinkTiles: KeyValueTiles
  private let layout: CacheLayout
  private let memory: AlignedBytes
  private let sinkMemory: AlignedBytes
  private var states: [RowState]
  /// One past the highest slot taken since the text began.
  private var end = 0

  /// Positions there is room for, rows in flight included; no limit where the reach forgets.
  package var capacity: Int { layout.capacity }
  private var placeCount: Int { layout.placeCount }
  private var sinkCount: Int { layout.sinkCount }
  private var blockCount: Int { tiles.blockCount }
  private var headCount: Int { tiles.headCount }

  /// Room for `capacity` positions that are all kept.
  package init(blueprint: Blueprint, capacity: Int) {
    self.init(
      blueprint: blueprint,
      layout: CacheLayout(capacity: capacity, reach: .full, rowCapacity: 0, forgets: false))
  }

  /// Room for what `layout` says. Memory is taken only as rows are written.
  init(blueprint: Blueprint, layout: CacheLayout) {
    self.layout = layout
    memory = AlignedBytes(
      count: KeyValueTiles.byteCount(blueprint: blueprint, splitCount: layout.splitCount),
      hugePages: true)
    sinkMemory = AlignedBytes(
      count: KeyValueTiles.byteCount(blueprint: blueprint, splitCount: layout.sinkSplitCount),
      hugePages: true)
    tiles = KeyValueTiles(
      memory: memory, blueprint: blueprint, splitCount: layout.splitCount)
    sinkTiles = KeyValueTiles(
      memory: sinkMemory, blueprint: blueprint, splitCount: layout.sinkSplitCount)
    states = Array(repeating: .absent, count: blueprint.blockCount * layout.placeCount)
  }

  /// What attention reads of the cache.
  var view: CacheView {
    CacheView(
      tiles: tiles, sinkTiles: sinkTiles, sinkCount: sinkCount, committedCount: committedCount)
  }

  /// Bytes that one position takes in all blocks.
  package var bytesPerPosition: Int {
    blockCount * headCount * tiles.unitBytes / SplitResult.length
  }

  /// Positions that are held when the text has `count` of them.
  package func heldCount(positions count: Int) -> Int { min(count, placeCount) }

  /// Bytes that are in use when the text has `count` positions.
  package func byteCount(positions count: Int) -> Int {
    (heldCount(positions: count) + min(count, sinkCount) + min(count, layout.memoryCount))
      * bytesPerPosition
  }

  /// Bytes there is room for: never more, however long the text is.
  package var byteCapacity: Int { memory.count + sinkMemory.count }

  /// The first position whose row still has its place; those before it are forgotten.
  package var oldestRetained: Int { max(0, end - placeCount) }

  /// What the row at `slot` holds in `block`.
  package func state(block: BlockIndex, slot: Int) -> RowState {
    states[index(block.rawValue, slot)]
  }

  private func index(_ block: Int, _ slot: Int) -> Int {
    block * placeCount + (slot < placeCount ? slot : slot % placeCount)
  }

  /// Gives `slot` its place, in which nothing is yet.
  mutating func take(slot: Int) {
    precondition(slot < capacity, "the cache is full")
    guard slot >= end else { return }
    if slot >= placeCount {
      for block in 0..<blockCount { states[index(block, slot)] = .absent }
    }
    end = slot + 1
  }

  /// Notes that a row was written. An exact row is never made a propagated one.
  mutating func mark(_ state: RowState, block: Int, slot: Int) {
    let index = index(block, slot)
    precondition(
      !(state == .propagated && states[index] == .exact), "an exact row stays exact")
    states[index] = state
  }

  /// Makes the rows on `path` the next committed positions, in this order, and drops all others of the
  /// rows in flight, `flying`.
  ///
  /// Every block that `route` runs must hold the rows.
  mutating func commit(_ path: [Int], of flying: [FlyingRow], route: Route) {
    for (offset, row) in path.enumerated() {
      let slot = flying[row].slot
      let target = committedCount + offset
      for block in 0..<blockCount where route.runs(block) {
        let held = states[index(block, slot)]
        precondition(held != .absent, "a committed position has keys and values in every block")
        if slot != target {
          move(block: block, from: slot, to: target)
          states[index(block, target)] = held
        }
      }
    }
    let flyingSlots = committedCount..<min(committedCount + flying.count, capacity)
    committedCount += path.count
    forget(
      max(flyingSlots.lowerBound, committedCount)..<max(flyingSlots.upperBound, committedCount))
  }

  /// Forgets every position from `count` on.
  package mutating func truncate(to count: Int) {
    guard count < committedCount else { return }
    forget(max(count, committedCount - placeCount)..<committedCount)
    committedCount = count
    if count == 0 { end = 0 }
  }

  /// Drops the rows in flight at `slots`.
  mutating func drop(_ slots: Range<Int>) {
    precondition(slots.lowerBound >= committedCount, "a committed position is not in flight")
    forget(slots)
  }

  private mutating func forget(_ slots: Range<Int>) {
    guard !slots.isEmpty else { return }
    for block in 0..<blockCount {
      for slot in slots { states[index(block, slot)] = .absent }
    }
  }

  private func move(block: Int, from source: Int, to target: Int) {
    for head in 0..<headCount {
      tiles.copy(block: block, head: head, slot: source, to: target)
      if target < sinkCount { sinkTiles.copy(block: block, head: head, slot: source, to: target) }
    }
  }
}

/// Where keys and values lie, as attention reads them.
struct CacheView: Sendable, BitwiseCopyable {
  let tiles: KeyValueTiles
  let sinkTiles: KeyValueTiles
  /// How many first positions lie in the sinks' tiles.
  let sinkCount: Int
  /// Positions that are part of the text.
  let committedCount: Int
}

extension KeyValueCache {
  /// What is stored of one row of a block, head after head, so that a test can compare it.
  package func bits(block: BlockIndex, slot: Int) -> [UInt8] {
    (0..<headCount).flatMap { head in
      let (alone, tile) = KeyValueTiles.tile(headWidth: tiles.headWidth)
      tiles.copy(block: block.rawValue, head: head, slot: slot, to: tile, lane: 0)
      return Array(UnsafeBufferPointer(start: alone.values(UInt8.self), count: alone.count))
    }
  }

  /// Poisons every absent row with NaN, so that a test sees whether one is ever read; with `before`
  /// also every row before that position, except where the first positions lie once more.
  package func poisonAbsentRows(before oldest: Int = 0) {
    let poison = [Float](repeating: .nan, count: tiles.headWidth)
    func poisonRow(_ tiles: KeyValueTiles, block: Int, slot: Int) {
      for head in 0..<headCount {
        tiles.store(.best, block: block, head: head, slot: slot, key: poison, value: poison)
      }
    }
    for block in 0..<blockCount {
      let index = BlockIndex(block)
      for slot in oldestRetained..<oldestRetained + placeCount
      where slot < oldest || state(block: index, slot: slot) == .absent {
        poisonRow(tiles, block: block, slot: slot)
      }
      for slot in 0..<sinkTiles.splitCount * SplitResult.length
      where slot >= min(sinkCount, committedCount)
        && (slot < oldestRetained || state(block: index, slot: slot) == .absent)
      {
        poisonRow(sinkTiles, block: block, slot: slot)
      }
    }
  }
}
