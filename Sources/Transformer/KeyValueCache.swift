package import Dials
import Kernels

/// Keys and values of every block, eight bits a number (layout: `KeyValueTiles`).
///
/// Committed rows lie at the slot of their position. Rows in flight follow them and become committed,
/// moved into path order, or are dropped.
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

  /// Positions there is room for, rows in flight included.
  package let capacity: Int
  /// Positions that are part of the text.
  package private(set) var committedCount = 0

  /// Where they lie.
  let tiles: KeyValueTiles

  private let blockCount: Int
  private let headCount: Int
  private let memory: AlignedBytes
  private var states: [RowState]

  /// Room for `capacity` positions. Memory is taken only as rows are written.
  package init(blueprint: Blueprint, capacity: Int) {
    self.capacity = capacity
    blockCount = blueprint.blockCount
    headCount = blueprint.keyValueHeadCount
    memory = AlignedBytes(
      count: KeyValueTiles.byteCount(blueprint: blueprint, capacity: capacity), hugePages: true)
    tiles = KeyValueTiles(memory: memory, blueprint: blueprint)
    states = Array(repeating: .absent, count: blockCount * capacity)
  }

  /// Bytes that one position takes in all blocks.
  package var bytesPerPosition: Int {
    blockCount * headCount * tiles.unitBytes / StretchResult.length
  }

  /// What the row at `slot` holds in `block`.
  package func state(block: BlockIndex, slot: Int) -> RowState {
    states[block.rawValue * capacity + slot]
  }

  /// Notes that a row was written. An exact row is never made a propagated one.
  mutating func mark(_ state: RowState, block: Int, slot: Int) {
    let index = block * capacity + slot
    precondition(
      !(state == .propagated && states[index] == .exact), "an exact row stays exact")
    states[index] = state
  }

  /// Makes the rows in flight at `slots` (in path order) the next committed positions and drops the
  /// other rows in flight, of which there are `flying`.
  ///
  /// Every block in `alive` must hold the rows.
  package mutating func commit(slots: [Int], flying: Int, alive: [BlockIndex]) {
    for (offset, slot) in slots.enumerated() {
      let target = committedCount + offset
      for block in alive {
        let held = state(block: block, slot: slot)
        precondition(held != .absent, "a committed position has keys and values in every block")
        if slot != target {
          move(block: block.rawValue, from: slot, to: target)
          states[block.rawValue * capacity + target] = held
        }
      }
    }
    let flyingSlots = committedCount..<min(committedCount + flying, capacity)
    committedCount += slots.count
    forget(
      max(flyingSlots.lowerBound, committedCount)..<max(flyingSlots.upperBound, committedCount))
  }

  /// Forgets every position from `count` on.
  package mutating func truncate(to count: Int) {
    guard count < committedCount else { return }
    forget(count..<committedCount)
    committedCount = count
  }

  /// Drops the rows in flight at `slots`.
  mutating func drop(_ slots: Range<Int>) {
    precondition(slots.lowerBound >= committedCount, "a committed position is not in flight")
    forget(slots)
  }

  private mutating func forget(_ slots: Range<Int>) {
    guard !slots.isEmpty else { return }
    for block in 0..<blockCount {
      for slot in slots { states[block * capacity + slot] = .absent }
    }
  }

  private func move(block: Int, from source: Int, to target: Int) {
    for head in 0..<headCount {
      tiles.copy(
        block: block, head: head, slot: source,
        to: tiles.tile(block: block, head: head, index: target / 16), lane: target % 16)
    }
  }
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

  /// Poisons every absent row with NaN, so that a test sees whether one is ever read.
  package func poisonAbsentRows() {
    let poison = [Float](repeating: .nan, count: tiles.headWidth)
    for block in 0..<blockCount {
      for slot in 0..<capacity where state(block: BlockIndex(block), slot: slot) == .absent {
        for head in 0..<headCount {
          tiles.store(
            .best, block: block, head: head, slot: slot, key: poison, value: poison)
        }
      }
    }
  }
}
