import Dials
import Kernels

/// What a pass sees of the past, and the memory that this takes.
struct ReachState {
  /// Which past positions attention sees.
  let setting: ReachSetting
  /// Whether nothing is forgotten, though nobody sees it any more.
  let keepsAll: Bool
  /// Positions there is room for where nothing is forgotten, rows in flight included.
  let capacity: Int
  /// How many positions the cache holds at once, and where.
  private let layout: CacheLayout
  /// The longest distance between positions that see one another, for which angles are chosen.
  let longestDistance: Int
  /// Memory for attention.
  let scratch: ReachScratch
  /// Where turns of the text begin, in order, if they leave whole.
  var turnStarts: [Int] = []
  /// What is remembered of what left the window.
  var memory: LossMemory
  private let pieces: [AlignedBytes]

  /// The state for texts up to `capacity` positions, of which `rowCapacity` are in flight.
  init(
    _ setting: ReachSetting, keepsAll: Bool = false, runtime: ModelRuntime, capacity: Int,
    rowCapacity: Int
  ) {
    self.setting = setting
    self.keepsAll = keepsAll
    self.capacity = capacity
    longestDistance = setting.isLimited ? setting.longestWindow : capacity - rowCapacity
    layout = CacheLayout(
      capacity: capacity, reach: setting, rowCapacity: rowCapacity,
      forgets: setting.forgets && !keepsAll)
    let arena = Arena()
    scratch = ReachScratch(
      setting, runtime: runtime, capacity: capacity, rowCapacity: rowCapacity,
      length: longestDistance, in: arena)
    memory = LossMemory(reach: setting, placeCount: layout.placeCount)
    pieces = arena.pieces
  }

  /// An empty cache for what rows see.
  func emptyCache(_ blueprint: Blueprint) -> KeyValueCache {
    KeyValueCache(blueprint: blueprint, layout: layout)
  }
}

/// Memory for attention whose size depends on what is seen of the past.
struct ReachScratch: Sendable {
  /// At which distance the sinks are seen.
  let distance: ReachSetting.Distance
  /// The angles at which rows see the sinks from far away.
  let farAngles: FarAngles
  /// What rows need that look up positions before their window; nil where none does.
  let lookups: KeyRetrieval?
  /// Attention of a few rows, split by split, until it is merged.
  let partials: SplitResults

  fileprivate init(
    _ setting: ReachSetting, runtime: ModelRuntime, capacity: Int, rowCapacity: Int, length: Int,
    in arena: Arena
  ) {
    let weights = runtime.weights
    distance = setting.distance
    farAngles = FarAngles(reach: setting, length: length, weights: weights, in: arena)
    lookups = KeyRetrieval(
      reach: setting, weights: weights, capacity: capacity, rowCapacity: rowCapacity,
      length: length, workerCount: runtime.pool.count, in: arena)
    let splits = SplitSpan.limit(reach: setting, capacity: capacity, rowCount: rowCapacity)
    partials = SplitResults(
      blueprint: weights.blueprint,
      count: min(rowCapacity, AttentionPass.rowsBySplit) * weights.blueprint.keyValueHeadCount
        * splits, in: arena)
  }
}
