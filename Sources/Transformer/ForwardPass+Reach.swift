package import Dials
import Kernels

/// What attention saw of the past for one row.
package struct ReachReading: Hashable, Sendable {
  /// Positions it attended to, its own included.
  package var attended: Int
  /// Positions before it that it did not see, but for what it looked up.
  package var unseen: Int
  /// Positions among these that each head looked up, in blocks that do so.
  package var lookedUp: Int
  /// The share of attention on the first positions, seen from far away: the mean over heads and
  /// blocks. Nil where none is seen so.
  package var sinkShare: Float?
}

extension ForwardPass {
  /// Forgets the text and sees with `reach` from now on.
  ///
  /// With `keepsAll` nothing gives up its place, though nobody sees it any more: there is an end to
  /// the text then, and the same numbers.
  package func reset(reach: ReachSetting, keepsAll: Bool = false) {
    truncate(to: 0)
    if reach == self.reach, keepsAll == self.keepsAll { return }
    self.reach = reach
    self.keepsAll = keepsAll
    let blueprint = weights.blueprint
    cache = KeyValueCache(
      blueprint: blueprint, capacity: capacity, reach: reach, rowCapacity: rowCapacity,
      forgets: reach.forgets && !keepsAll)
    tiles = cache.tiles
    sinkTiles = cache.sinkTiles
    let arena = Arena()
    farAngles = FarAngles(reach: reach, weights: weights, in: arena)
    partials = Self.partials(
      blueprint, reach: reach, capacity: capacity, rowCapacity: rowCapacity, in: arena)
    surprises = SurpriseMemory(reach: reach, placeCount: cache.placeCount)
    lookups = Lookups(
      reach: reach, weights: weights, capacity: capacity, rowCapacity: rowCapacity,
      memberCount: crew.count, in: arena)
    reachMemory = arena.pieces
  }

  /// Room for the results of a few rows.
  static func partials(
    _ blueprint: Blueprint, reach: ReachSetting, capacity: Int, rowCapacity: Int, in arena: Arena
  ) -> StretchResults {
    let stretches = StretchSpan.limit(reach: reach, capacity: capacity, rowCount: rowCapacity)
    return StretchResults(
      blueprint: blueprint,
      count: min(rowCapacity, rowsByStretch) * blueprint.keyValueHeadCount * stretches, in: arena)
  }

  /// Whether everything that rows from `count` on see is still there.
  package func canContinue(from count: Int) -> Bool {
    reach.local(at: count).lowerBound >= max(cache.oldestRetained, surprises.boundary)
  }

  /// The first position from which `canContinue` holds.
  package var firstContinuation: Int {
    var first = max(cache.oldestRetained, surprises.boundary)
    if remembers {
      first = (first + ReachSetting.renewal - 1) / ReachSetting.renewal * ReachSetting.renewal
    }
    return first == 0 ? 0 : first + max(0, reach.window - 1)
  }

  /// What attention saw for a row in flight, in the blocks that it has run so far.
  package func reading(row: Int) -> ReachReading {
    let sight = wave.rows[row].sight
    let attended = sight.end - sight.first + sight.sinkCount
    let shares = sinkShares + row * sinkShareStride
    let heads = weights.blueprint.keyValueHeadCount
    let blocks = shares[heads]
    let sum = (0..<heads).reduce(Float(0)) { $0 + shares[$1] }
    return ReachReading(
      attended: attended, unseen: sight.end - attended,
      lookedUp: min(sight.middle.count, lookups?.count ?? 0),
      sinkShare: sight.sinkCount > 0 && blocks > 0
        ? sum / (blocks * Float(weights.blueprint.headCount)) : nil)
  }

  /// What at least one row of a group sees.
  func span(of group: RowGroup) -> StretchSpan { span(of: group, group.indices) }

  /// What at least one of these rows of a group sees.
  func span(of group: RowGroup, _ indices: Range<Int>) -> StretchSpan {
    var span = StretchSpan(of: wave.rows[group[indices.lowerBound]].sight)
    for index in indices.dropFirst() {
      span.formUnion(StretchSpan(of: wave.rows[group[index]].sight))
    }
    return span
  }

  /// Sums of attention's shares on the first positions by head of keys and values, and in how many
  /// blocks.
  var sinkShareStride: Int { weights.blueprint.keyValueHeadCount + 1 }

  /// Adds the shares of one group of heads: what the first positions came to, as it was when they alone
  /// were merged, in what all came to.
  func noteSinkShare(_ sinks: UnsafePointer<Float>, of whole: StretchResult, row: Int, head: Int) {
    let shares = sinkShares + row * sinkShareStride
    for index in 0..<whole.group where sinks[whole.group + index] > 0 {
      let factor = kernelExp(sinks[index] - whole.maxima[index])
      shares[head] += sinks[whole.group + index] * factor / whole.sums[index]
    }
    if head == 0 { shares[weights.blueprint.keyValueHeadCount] += 1 }
  }
}
