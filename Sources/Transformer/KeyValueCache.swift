package import Dials
import Kernels

/// Keys and values of every block, as float16 tiles of 16 positions.
///
/// A tile of keys is [headWidth, 16], so that one load meets one dimension of 16 keys; a tile of
/// values is [16, stride] with the head's width rounded up to 16. Committed rows lie at the slot of
/// their position. Rows in flight follow them and become committed, moved into path order, or are
/// dropped.
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

  private let blockCount: Int
  private let headCount: Int
  private let headWidth: Int
  /// Float16 values between the rows of a value tile.
  private let stride: Int
  private let tileCount: Int
  private let keyStorage: AlignedBytes
  private let valueStorage: AlignedBytes
  private var states: [RowState]

  /// Room for `capacity` positions. Memory is taken only as rows are written.
  package init(blueprint: Blueprint, capacity: Int) {
    self.capacity = capacity
    blockCount = blueprint.blockCount
    headCount = blueprint.keyValueHeadCount
    headWidth = blueprint.headWidth
    stride = (headWidth + 15) / 16 * 16
    tileCount = (capacity + 15) / 16
    keyStorage = AlignedBytes(count: blockCount * headCount * tileCount * headWidth * 16 * 2)
    valueStorage = AlignedBytes(count: blockCount * headCount * tileCount * stride * 16 * 2)
    states = Array(repeating: .absent, count: blockCount * capacity)
  }

  /// Bytes that one position takes in all blocks.
  package var bytesPerPosition: Int { blockCount * headCount * (headWidth + stride) * 2 }

  /// The float16 values of one key tile.
  var keyTileSize: Int { headWidth * 16 }
  /// The float16 values of one value tile.
  var valueTileSize: Int { stride * 16 }

  /// A tile of keys of one head of one block.
  @inline(__always)
  func keys(block: Int, head: Int, tile: Int) -> UnsafeMutablePointer<UInt16> {
    keyStorage.values(UInt16.self) + ((block * headCount + head) * tileCount + tile) * keyTileSize
  }

  /// A tile of values of one head of one block.
  @inline(__always)
  func values(block: Int, head: Int, tile: Int) -> UnsafeMutablePointer<UInt16> {
    valueStorage.values(UInt16.self)
      + ((block * headCount + head) * tileCount + tile) * valueTileSize
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

  private mutating func forget(_ slots: Range<Int>) {
    guard !slots.isEmpty else { return }
    for block in 0..<blockCount {
      for slot in slots { states[block * capacity + slot] = .absent }
    }
  }

  private func move(block: Int, from source: Int, to target: Int) {
    for head in 0..<headCount {
      let oldKeys = keys(block: block, head: head, tile: source / 16) + source % 16
      let newKeys = keys(block: block, head: head, tile: target / 16) + target % 16
      for d in 0..<headWidth { newKeys[d * 16] = oldKeys[d * 16] }
      let oldValues = values(block: block, head: head, tile: source / 16) + source % 16 * stride
      let newValues = values(block: block, head: head, tile: target / 16) + target % 16 * stride
      newValues.update(from: oldValues, count: stride)
    }
  }
}

extension KeyValueCache {
  /// Writes one row's keys and values of one head. `key` and `value` are [headWidth].
  @inline(__always)
  func write(
    kernels: KernelSet, block: Int, head: Int, slot: Int, key: UnsafePointer<Float>,
    value: UnsafePointer<Float>
  ) {
    kernels.storeHalf(
      key, count: headWidth, step: 16,
      into: keys(block: block, head: head, tile: slot / 16) + slot % 16)
    let row = values(block: block, head: head, tile: slot / 16) + slot % 16 * stride
    kernels.storeHalf(value, count: headWidth, step: 1, into: row)
    for d in headWidth..<stride { row[d] = 0 }
  }

  /// Copies the key and value of `slot` into lane `lane` of a pair of tiles.
  func copy(
    block: Int, head: Int, slot: Int, lane: Int, keys keyTile: UnsafeMutablePointer<UInt16>,
    values valueTile: UnsafeMutablePointer<UInt16>
  ) {
    let key = keys(block: block, head: head, tile: slot / 16) + slot % 16
    for d in 0..<headWidth { keyTile[d * 16 + lane] = key[d * 16] }
    let value = values(block: block, head: head, tile: slot / 16) + slot % 16 * stride
    (valueTile + lane * stride).update(from: value, count: stride)
  }

  /// The float16 keys and values of one row of a block, head after head, so that a test can compare
  /// them.
  package func bits(block: BlockIndex, slot: Int) -> [UInt16] {
    (0..<headCount).flatMap { head in
      let key = keys(block: block.rawValue, head: head, tile: slot / 16) + slot % 16
      let value = values(block: block.rawValue, head: head, tile: slot / 16) + slot % 16 * stride
      return (0..<headWidth).map { key[$0 * 16] } + (0..<headWidth).map { value[$0] }
    }
  }

  /// Poisons every absent row with NaN, so that a test sees whether one is ever read.
  package func poisonAbsentRows() {
    for block in 0..<blockCount {
      for slot in 0..<capacity where state(block: BlockIndex(block), slot: slot) == .absent {
        for head in 0..<headCount {
          let key = keys(block: block, head: head, tile: slot / 16) + slot % 16
          for d in 0..<headWidth { key[d * 16] = 0x7e00 }
          let value = values(block: block, head: head, tile: slot / 16) + slot % 16 * stride
          for d in 0..<stride { value[d] = 0x7e00 }
        }
      }
    }
  }
}
