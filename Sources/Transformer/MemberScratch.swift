import CKernels
import Kernels

/// What one member of the crew needs for itself.
struct MemberScratch: Sendable, BitwiseCopyable {
  /// The inputs of a single row, which every member makes for itself.
  let inputs: Inputs
  /// The tiles of one stretch, as the cache has them, and which of their positions are visible.
  nonisolated(unsafe) let tiles: UnsafeMutablePointer<ck_tile>
  nonisolated(unsafe) let masks: UnsafeMutablePointer<UInt16>
  /// The same as one row of a tree sees them, and room for tiles put together for it.
  nonisolated(unsafe) let ownTiles: UnsafeMutablePointer<ck_tile>
  let gathered: KeyValueTiles
  /// The queries of some rows: one group of heads each. And the same as they look at the first
  /// positions from far away.
  let queries: QueryGroups
  let farQueries: QueryGroups
  /// Which groups of heads have been prepared, near and far.
  nonisolated(unsafe) let prepared: UnsafeMutablePointer<Bool>
  /// The stretches of some rows, merged so far.
  let running: StretchResults
  /// The result of one stretch.
  let stretch: StretchResult
  private nonisolated(unsafe) let totals: UnsafeMutablePointer<Float>

  init(blueprint: Blueprint, in arena: Arena) {
    inputs = Inputs(blueprint: blueprint, capacity: 1, in: arena)
    let tileCount = Int(CK_TILES)
    tiles = arena.take(tileCount, of: ck_tile.self)
    ownTiles = arena.take(tileCount, of: ck_tile.self)
    masks = arena.take(tileCount, of: UInt16.self)
    gathered = KeyValueTiles(
      stretchIn: arena.take(
        KeyValueTiles.stretchBytes(headWidth: blueprint.headWidth), of: UInt8.self),
      headWidth: blueprint.headWidth)
    let groupCount = max(
      ForwardPass.rowsPerPart, ForwardPass.rowsByStretch * blueprint.keyValueHeadCount)
    queries = QueryGroups(blueprint: blueprint, count: groupCount, in: arena)
    farQueries = QueryGroups(blueprint: blueprint, count: groupCount, in: arena)
    prepared = arena.take(2 * blueprint.keyValueHeadCount, of: Bool.self)
    running = StretchResults(
      blueprint: blueprint, count: ForwardPass.rowsPerPart + 1, in: arena)
    stretch = running[ForwardPass.rowsPerPart]
    totals = arena.take(
      ForwardPass.rowsPerPart * 2 * blueprint.groupSize, of: Float.self)
  }

  /// Room for the maxima and sums of what a row saw of the first positions.
  func sinkTotals(_ row: Int) -> UnsafeMutablePointer<Float> {
    totals + row * 2 * stretch.group
  }
}

/// Queries of groups of heads that share keys and values, in digits (layout: `ck_queries`).
struct QueryGroups: Sendable, BitwiseCopyable {
  /// A group's queries on their way, [groupSize, headWidth].
  nonisolated(unsafe) let floats: UnsafeMutablePointer<Float>
  nonisolated(unsafe) private let codes: UnsafeMutablePointer<Int8>
  nonisolated(unsafe) private let scales: UnsafeMutablePointer<Float>
  nonisolated(unsafe) private let sums: UnsafeMutablePointer<Int32>
  fileprivate let group: Int
  fileprivate let codeCount: Int

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
}

/// Attention over one stretch of positions, for the heads that share keys and values.
struct StretchResult: Sendable, BitwiseCopyable {
  /// Positions that are attended to at once. Stretches begin at multiples of it and are merged in
  /// order, so the result depends neither on who computed them nor on what else was in the pass.
  static let length = 256

  /// Maxima [group], sums [group], unnormalised outputs [group, stride].
  nonisolated(unsafe) let base: UnsafeMutablePointer<Float>
  let group: Int
  let size: Int

  var maxima: UnsafeMutablePointer<Float> { base }
  var sums: UnsafeMutablePointer<Float> { base + group }
  var outputs: UnsafeMutablePointer<Float> { base + 2 * group }

  /// Becomes the same as `other`.
  func copy(_ other: StretchResult) { base.update(from: other.base, count: size) }

  /// Writes the maxima and the sums, [2 · group].
  func copyTotals(to totals: UnsafeMutablePointer<Float>) {
    totals.update(from: base, count: 2 * group)
  }

  /// Takes in the next stretch.
  func merge(_ next: StretchResult, kernels: KernelSet, headWidth: Int) {
    ck_merge(
      kernels.pointer, Int32(group), Int32(headWidth), maxima, sums, outputs, next.maxima,
      next.sums, next.outputs)
  }

  /// What was attended to, [group, headWidth].
  func finish(
    kernels: KernelSet, headWidth: Int, into out: UnsafeMutablePointer<Float>
  ) {
    ck_finish(kernels.pointer, Int32(group), Int32(headWidth), sums, outputs, out)
  }
}

extension StretchResult {
  /// The part of one head.
  func head(_ index: Int) -> HeadResult {
    HeadResult(
      maximum: maxima + index, sum: sums + index, output: outputs + index * (size / group - 2))
  }
}

/// Attention of one head: a part of a `StretchResult`.
struct HeadResult: Sendable, BitwiseCopyable {
  nonisolated(unsafe) let maximum: UnsafeMutablePointer<Float>
  nonisolated(unsafe) let sum: UnsafeMutablePointer<Float>
  nonisolated(unsafe) let output: UnsafeMutablePointer<Float>

  /// Takes in more positions.
  func merge(_ next: HeadResult, kernels: KernelSet, headWidth: Int) {
    ck_merge(
      kernels.pointer, 1, Int32(headWidth), maximum, sum, output, next.maximum, next.sum,
      next.output)
  }
}

extension QueryGroups {
  /// One head of a group.
  func head(_ index: Int, ofGroup place: Int) -> ck_queries {
    let queries = self[place]
    return ck_queries(
      codes: queries.codes + index * (codeCount / group), scales: queries.scales + index,
      sums: queries.sums + index)
  }
}

/// Several results.
struct StretchResults: Sendable, BitwiseCopyable {
  private let first: StretchResult

  init(blueprint: Blueprint, count: Int, in arena: Arena) {
    let group = blueprint.groupSize
    let size = group * (blueprint.headStride + 2)
    first = StretchResult(
      base: arena.take(size * count, of: Float.self), group: group, size: size)
  }

  subscript(index: Int) -> StretchResult {
    StretchResult(
      base: first.base + index * first.size, group: first.group, size: first.size)
  }
}

extension Blueprint {
  /// The width of a head in whole vectors.
  var headStride: Int { (headWidth + 15) / 16 * 16 }
}
