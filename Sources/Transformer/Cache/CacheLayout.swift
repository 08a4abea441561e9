import Dials

/// How many positions a cache of keys and values holds at once, and where.
struct CacheLayout {
  /// Positions there is room for; no limit where the cache forgets.
  let capacity: Int
  /// Splits of tiles.
  let splitCount: Int
  /// Slots that have a place at the same time.
  let placeCount: Int
  /// How many first positions lie once more in tiles of their own.
  let sinkCount: Int
  /// Splits of those tiles.
  let sinkSplitCount: Int
  /// Positions that can be remembered behind the first ones.
  let memoryCount: Int

  /// Room for `capacity` positions, or with `forgets` for what rows see with `reach` while `rowCapacity`
  /// of them are in flight.
  ///
  /// A ring holds the window of the first row in flight, whose split may begin before it, all rows
  /// in flight, and one split more, so that the end of a text can be taken back, or that what leaves
  /// the window can be remembered. The sinks' tiles hold rows in flight too.
  init(capacity: Int, reach: ReachSetting, rowCapacity: Int, forgets: Bool) {
    let ring = KeyValueTiles.splits(in: reach.longestWindow - 1 + rowCapacity) + 2
    self.capacity = forgets ? .max : capacity
    splitCount = forgets ? ring : KeyValueTiles.splits(in: capacity)
    placeCount = forgets ? ring * SplitResult.length : capacity
    sinkCount = reach.lookups > 0 ? capacity : reach.sinks
    memoryCount = reach.memory
    sinkSplitCount =
      sinkCount + reach.memory > 0
      ? KeyValueTiles.splits(
        in: reach.lookups > 0 ? capacity : sinkCount + max(rowCapacity, reach.memory)) : 0
  }
}
