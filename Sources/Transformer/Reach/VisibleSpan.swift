// Source: Han et al., LM-Infinite (arXiv 2308.16137, section 4); Xiao et al., StreamingLLM (arXiv
// 2309.17453, section 3.2) for positions inside the cache.

import Dials
import Kernels

/// What a row sees of its text: a window that ends with itself, and the first positions from far away.
/// It depends on the row's position alone.
struct VisibleSpan: Sendable, BitwiseCopyable {
  /// The first position of its window.
  let first: Int
  /// One past the last.
  let end: Int
  /// How many of the first positions, all before the window, it sees besides, and of those that are
  /// remembered, which lie behind them.
  let sinkCount: Int
  /// Whether it looks up what lies between.
  let retrieves: Bool

  /// What lies between the first positions and its window, if it looks that up.
  var middle: Range<Int> { retrieves ? sinkCount..<first : 0..<0 }

  /// What the row at `position` sees of a text whose turns begin at `turns`.
  init(
    of position: Position, reach: ReachSetting, turns: [Int] = [], retrieves: Bool = false
  ) {
    self.retrieves = retrieves && reach.lookups > 0
    let window = reach.local(at: position.rawValue, turns: turns)
    (first, end) = (window.lowerBound, window.upperBound)
    sinkCount =
      reach.sinks(at: position.rawValue, turns: turns).count
      + reach.remembered(at: position.rawValue)
  }

  /// Only the last positions, its own included; nil where it sees no more than these anyway.
  fileprivate func narrowed(to window: Int) -> VisibleSpan? {
    guard end - first > window || sinkCount > 0 && end - first >= window else { return nil }
    return VisibleSpan(first: max(first, end - window), end: end, sinkCount: 0, retrieves: false)
  }

  private init(first: Int, end: Int, sinkCount: Int, retrieves: Bool) {
    (self.first, self.end, self.sinkCount, self.retrieves) = (first, end, sinkCount, retrieves)
  }

  /// How many positions it sees, but for what it looks up.
  var count: Int { end - first + sinkCount }

  /// Which positions of a split it sees, counted from the split's first.
  @inline(__always)
  func positions(in place: SplitPlace) -> Range<Int> {
    if place.isOfSinks {
      return 0..<max(0, min(sinkCount - place.start, SplitResult.length))
    }
    let first = min(max(0, first - place.start), SplitResult.length)
    return first..<max(first, min(end - place.start, SplitResult.length))
  }
}

/// What a row sees: in most blocks, and in those with a window of the model's own.
struct BlockSpans: Sendable, BitwiseCopyable {
  /// Where the model has no window.
  let everywhere: VisibleSpan
  /// Where it has one.
  let windowed: VisibleSpan

  /// What the row at `position` sees. A window of the model's own that is the narrower one shows nothing
  /// before it: the model never saw more.
  init(
    of position: Position, reach: ReachSetting, turns: [Int] = [], window: Int?,
    retrieves: Bool = false
  ) {
    let all = VisibleSpan(of: position, reach: reach, turns: turns, retrieves: retrieves)
    everywhere = all
    windowed = window.flatMap { all.narrowed(to: $0) } ?? all
  }

  /// In a block of this form.
  @inline(__always)
  func inBlock(_ form: BlockForm) -> VisibleSpan { form.window == nil ? everywhere : windowed }
}

/// A split: of the first positions in tiles of their own, or of the text.
struct SplitPlace: Equatable, Sendable, BitwiseCopyable {
  let isOfSinks: Bool
  let split: Int

  /// Its first position.
  var start: Int { split * SplitResult.length }
}

/// The splits that some rows see, in the order in which they are merged: those of the first positions,
/// then those of the text.
struct SplitSpan: Sendable {
  private(set) var sinkSplits: Int
  private(set) var textSplits: Range<Int>

  /// What one row sees.
  init(of visible: VisibleSpan) {
    sinkSplits = KeyValueTiles.splits(in: visible.sinkCount)
    textSplits =
      visible.first / SplitResult.length..<KeyValueTiles.splits(in: visible.end)
  }

  /// Takes in what another row sees.
  mutating func formUnion(_ other: SplitSpan) {
    sinkSplits = max(sinkSplits, other.sinkSplits)
    let (mine, others) = (textSplits, other.textSplits)
    textSplits =
      min(mine.lowerBound, others.lowerBound)..<max(mine.upperBound, others.upperBound)
  }

  /// How many there are at most while `rowCount` rows of a text are in flight.
  static func limit(reach: ReachSetting, capacity: Int, rowCount: Int) -> Int {
    guard reach.isLimited else { return KeyValueTiles.splits(in: capacity) }
    return KeyValueTiles.splits(in: reach.sinks + reach.memory)
      + KeyValueTiles.splits(in: reach.longestWindow - 1 + rowCount) + 1
  }

  var count: Int { sinkSplits + textSplits.count }

  subscript(index: Int) -> SplitPlace {
    index < sinkSplits
      ? SplitPlace(isOfSinks: true, split: index)
      : SplitPlace(
        isOfSinks: false, split: textSplits.lowerBound + index - sinkSplits)
  }

  /// Where a split of another span, which this one covers, stands here.
  func index(of place: SplitPlace) -> Int {
    place.isOfSinks ? place.split : sinkSplits + place.split - textSplits.lowerBound
  }
}

/// The angles at which a row looks at the first positions, [rotation, pair] each.
struct FarAngles: Sendable, BitwiseCopyable {
  /// Where the query is rotated to; every row before it stays as it is.
  let position: Int
  nonisolated(unsafe) let cosines: UnsafeMutablePointer<Float>
  nonisolated(unsafe) let sines: UnsafeMutablePointer<Float>

  /// Those of texts of up to `length` positions. What keys would have grown by is in `growth`, where they
  /// are kept as they are.
  init(position: Int, length: Int, growth: Double, weights: Weights, in arena: Arena) {
    self.position = position
    cosines = arena.take(weights.blueprint.angleCount, of: Float.self)
    sines = arena.take(weights.blueprint.angleCount, of: Float.self)
    weights.rotary.turn(
      by: position, length: length, growth: growth, cosines: cosines, sines: sines)
  }

  /// How rows see the first positions. LM-Infinite: at the window's length, while those keys are not
  /// rotated at all. StreamingLLM: from the last index of a full cache, while they are rotated by theirs.
  init(reach: ReachSetting, length: Int, weights: Weights, in arena: Arena) {
    switch reach.distance {
    case .capped:
      self.init(position: reach.window, length: length, growth: 2, weights: weights, in: arena)
    case .cacheIndex:
      self.init(
        position: reach.sinks + reach.window - 1, length: length, growth: 1, weights: weights,
        in: arena)
    }
  }
}
