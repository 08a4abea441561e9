import CKernels
import Kernels

/// Where the tiles of a cache lie: pointers into its memory, free to copy between threads while the
/// cache lives.
///
/// The unit is a split of 256 positions of one head of one block, in the order in which attention
/// reads it: 16 tiles of keys, then 16 tiles of values (layout: `ck_tile`). Units of a block lie head
/// after head, those of a split block after block, and splits one after another: what a pass
/// reads is long runs of memory, and a text takes memory as it grows. Where there is no room for more
/// splits they begin again at the first: a ring.
struct KeyValueTiles: Sendable, BitwiseCopyable {
  let headWidth: Int
  private nonisolated(unsafe) let base: UnsafeMutablePointer<UInt8>
  let headCount: Int
  let blockCount: Int
  private let keyBytes: Int
  private let valueBytes: Int
  /// Bytes of one split of one head.
  let unitBytes: Int
  /// Splits there is room for.
  let splitCount: Int

  /// Bytes of `splitCount` splits in all blocks.
  static func byteCount(blueprint: Blueprint, splitCount: Int) -> Int {
    blueprint.blockCount * blueprint.keyValueHeadCount * splitCount
      * splitBytes(headWidth: blueprint.headWidth)
  }

  /// Bytes of one split of one head of that width.
  static func splitBytes(headWidth: Int) -> Int {
    tileCount * (tileBytes(headWidth).keys + tileBytes(headWidth).values)
  }

  /// How many splits `count` positions lie in.
  static func splits(in count: Int) -> Int {
    (count + SplitResult.length - 1) / SplitResult.length
  }

  private static let tileCount = Int(CK_TILES)

  /// A key tile holds codes and the scales of keys and values, a value tile codes.
  private static func tileBytes(_ headWidth: Int) -> (keys: Int, values: Int) {
    let codes = (headWidth + 15) / 16 * 16 * 16
    return (codes + 64, codes)
  }

  init(memory: AlignedBytes, blueprint: Blueprint, splitCount: Int) {
    self.splitCount = splitCount
    headWidth = blueprint.headWidth
    headCount = blueprint.keyValueHeadCount
    blockCount = blueprint.blockCount
    base = memory.values(UInt8.self)
    (keyBytes, valueBytes) = Self.tileBytes(headWidth)
    unitBytes = Self.splitBytes(headWidth: headWidth)
  }

  /// Tiles of their own for one split of one head.
  init(splitIn memory: UnsafeMutablePointer<UInt8>, headWidth: Int) {
    self.headWidth = headWidth
    headCount = 1
    blockCount = 1
    splitCount = 1
    base = memory
    (keyBytes, valueBytes) = Self.tileBytes(headWidth)
    unitBytes = Self.splitBytes(headWidth: headWidth)
  }

  /// A single tile in memory of its own, zeroed.
  static func tile(headWidth: Int) -> (memory: AlignedBytes, tile: ck_tile) {
    let bytes = tileBytes(headWidth)
    let memory = AlignedBytes(count: bytes.keys + bytes.values, zeroed: true)
    let start = memory.values(UInt8.self)
    return (memory, ck_tile(keys: start, values: start + bytes.keys))
  }

  /// Where the keys and values of one split of one head begin; the block's next head follows.
  @inline(__always)
  func unit(block: Int, head: Int, split: Int) -> UnsafeMutablePointer<UInt8> {
    let place = split < splitCount ? split : split % splitCount
    return base + ((place * blockCount + block) * headCount + head) * unitBytes
  }

  /// The tile that holds positions 16 · `index`..<16 · `index` + 16.
  @inline(__always)
  func tile(block: Int, head: Int, index: Int) -> ck_tile {
    let (split, inside) = index.quotientAndRemainder(dividingBy: Self.tileCount)
    let start = unit(block: block, head: head, split: split)
    return ck_tile(
      keys: start + inside * keyBytes,
      values: start + Self.tileCount * keyBytes + inside * valueBytes)
  }

  /// Stores one row's key and value [headWidth] of one head.
  @inline(__always)
  func store(
    _ kernels: KernelSet, block: Int, head: Int, slot: Int, key: UnsafePointer<Float>,
    value: UnsafePointer<Float>
  ) {
    ck_store(
      kernels.pointer, key, value, Int32(headWidth),
      tile(block: block, head: head, index: slot / 16), Int32(slot % 16))
  }

  /// Reads one row's key and value [headWidth] of one head, as they were rounded.
  func load(
    _ kernels: KernelSet, block: Int, head: Int, slot: Int, key: UnsafeMutablePointer<Float>,
    value: UnsafeMutablePointer<Float>
  ) {
    ck_load(
      kernels.pointer, tile(block: block, head: head, index: slot / 16), Int32(slot % 16),
      Int32(headWidth), key, value)
  }

  /// Copies a whole tile.
  func copy(_ tile: ck_tile, to target: ck_tile) {
    target.keys.update(from: tile.keys, count: keyBytes)
    target.values.update(from: tile.values, count: valueBytes)
  }

  /// Copies the key and value at `slot` to slot `target`.
  func copy(block: Int, head: Int, slot: Int, to target: Int) {
    copy(
      block: block, head: head, slot: slot, to: tile(block: block, head: head, index: target / 16),
      lane: target % 16)
  }

  /// Copies the key and value at `slot` to lane `lane` of `target`.
  func copy(block: Int, head: Int, slot: Int, to target: ck_tile, lane: Int) {
    ck_copy_lane(
      tile(block: block, head: head, index: slot / 16), Int32(slot % 16), Int32(headWidth), target,
      Int32(lane))
  }
}
