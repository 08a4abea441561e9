import CKernels
import Kernels

/// The keys and values that a worker of the pool attends to: pointers to tiles, and which of their
/// positions are visible.
struct TileScratch: Sendable, BitwiseCopyable {
  /// The tiles of one split, as the cache has them, and which of their positions are visible.
  nonisolated(unsafe) let cached: UnsafeMutablePointer<ck_tile>
  nonisolated(unsafe) let masks: UnsafeMutablePointer<UInt16>
  /// The same as one row of a tree sees them, and room for tiles put together for it.
  nonisolated(unsafe) let own: UnsafeMutablePointer<ck_tile>
  let gathered: KeyValueTiles

  init(blueprint: Blueprint, in arena: Arena) {
    let count = Int(CK_TILES)
    cached = arena.take(count, of: ck_tile.self)
    own = arena.take(count, of: ck_tile.self)
    masks = arena.take(count, of: UInt16.self)
    gathered = KeyValueTiles(
      splitIn: arena.take(
        KeyValueTiles.splitBytes(headWidth: blueprint.headWidth), of: UInt8.self),
      headWidth: blueprint.headWidth)
  }

  /// Lets only these positions of a split be seen.
  func mask(_ visible: Range<Int>) {
    for tile in 0..<(visible.upperBound + 15) / 16 {
      let inside = visible.clamped(to: tile * 16..<tile * 16 + 16).shifted(by: -tile * 16)
      let low = UInt16.max << UInt16(inside.lowerBound)
      masks[tile] = inside.isEmpty ? 0 : low & (UInt16.max >> UInt16(16 - inside.upperBound))
    }
  }
}

/// The queries of some rows, one group of heads each.
struct QueryScratch: Sendable, BitwiseCopyable {
  /// As they look at the window.
  let near: QueryGroups
  /// As they look at the sinks from far away.
  let far: QueryGroups
  private nonisolated(unsafe) let prepared: UnsafeMutablePointer<Bool>
  private let headCount: Int

  init(blueprint: Blueprint, in arena: Arena) {
    headCount = blueprint.keyValueHeadCount
    let count = max(
      AttentionPass.rowsPerPart, AttentionPass.rowsBySplit * blueprint.keyValueHeadCount)
    near = QueryGroups(blueprint: blueprint, count: count, in: arena)
    far = QueryGroups(blueprint: blueprint, count: count, in: arena)
    prepared = arena.take(2 * headCount, of: Bool.self)
  }

  /// Begins anew: no group of heads is prepared.
  func clear() { prepared.update(repeating: false, count: 2 * headCount) }

  /// Whether the group of `head` has yet to be prepared; it counts as prepared from now on.
  func needs(head: Int, isFar: Bool) -> Bool {
    let place = isFar ? headCount + head : head
    defer { prepared[place] = true }
    return !prepared[place]
  }
}

/// What a worker of the pool attended to so far.
struct ResultScratch: Sendable, BitwiseCopyable {
  /// The splits of some rows, merged so far.
  let running: SplitResults
  /// The result of one split.
  let single: SplitResult
  private nonisolated(unsafe) let totals: UnsafeMutablePointer<Float>

  init(blueprint: Blueprint, in arena: Arena) {
    let count = AttentionPass.rowsPerPart
    running = SplitResults(blueprint: blueprint, count: count + 1, in: arena)
    single = running[count]
    totals = arena.take(count * 2 * blueprint.groupSize, of: Float.self)
  }

  /// Room for the maxima and sums of what a row saw of the sinks.
  func sinkTotals(_ row: Int) -> UnsafeMutablePointer<Float> { totals + row * 2 * single.group }
}

/// Queries of groups of heads that share keys and values, in digits (layout: `ck_queries`).
struct QueryGroups: Sendable, BitwiseCopyable {
  /// A group's queries on their way, [groupSize, headWidth].
  nonisolated(unsafe) let floats: UnsafeMutablePointer<Float>
  nonisolated(unsafe) private let codes: UnsafeMutablePointer<Int8>
  nonisolated(unsafe) private let scales: UnsafeMutablePointer<Float>
  nonisolated(unsafe) private let sums: UnsafeMutablePointer<Int32>
  private let group: Int
  private let codeCount: Int

  /// Room for `count` groups.
  init(blueprint: Blueprint, count: Int, in arena: Arena) {
    group = blueprint.groupSize
    codeCount = group * 2 * blueprint.headStride
    floats = arena.take(group * blueprint.headWidth, of: Float.self)
    codes = arena.take(count * codeCount, of: Int8.self)
    scales = arena.take(count * group, of: Float.self)
    sums = arena.take(count * group, of: Int32.self)
  }

  subscript(index: Int) -> ck_queries {
    ck_queries(
      codes: codes + index * codeCount, scales: scales + index * group, sums: sums + index * group)
  }

  /// One head of a group.
  func head(_ index: Int, ofGroup place: Int) -> ck_queries {
    let queries = self[place]
    return ck_queries(
      codes: queries.codes + index * (codeCount / group), scales: queries.scales + index,
      sums: queries.sums + index)
  }
}
