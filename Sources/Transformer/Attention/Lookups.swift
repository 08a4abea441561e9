// Source: Han et al., LM-Infinite (arXiv 2308.16137, section 4.3): each head looks up the few positions
// between the first ones and the window that it cares about most.
// Differs from the source: where fewer positions lie between than are looked up, all of them are seen.

import CKernels
import Dials
import Kernels

/// What rows need that look up positions between the first ones and their window.
struct KeyRetrieval: Sendable {
  /// The first block that looks up.
  static let firstBlock = 4
  /// The distance at which what is looked up is seen, at most.
  static let farthest = 2048

  /// How many positions each head looks up at most.
  let count: Int
  /// The angles at which they are seen.
  let angles: FarAngles
  /// Scores of one row [key/value head, split, group, 256], and the largest of each 256.
  nonisolated(unsafe) private let scores: UnsafeMutablePointer<Float>
  nonisolated(unsafe) private let largest: UnsafeMutablePointer<Float>
  /// What was looked up, [row, key/value head].
  private let results: SplitResults
  /// The best of one head, [worker, count].
  nonisolated(unsafe) private let found: UnsafeMutablePointer<Found>

  private let shape: Blueprint
  private let splitCount: Int

  /// Room for texts up to `capacity` positions.
  init?(
    reach: ReachSetting, weights: Weights, capacity: Int, rowCapacity: Int, length: Int,
    workerCount: Int, in arena: Arena
  ) {
    guard reach.lookups > 0 else { return nil }
    shape = weights.blueprint
    count = min(reach.lookups, capacity)
    splitCount = KeyValueTiles.splits(in: capacity)
    angles = FarAngles(
      position: min(Self.farthest, reach.window), length: length,
      growth: reach.distance == .capped ? 2 : 1, weights: weights, in: arena)
    let parts = shape.keyValueHeadCount * splitCount * shape.groupSize
    scores = arena.take(parts * SplitResult.length, of: Float.self)
    largest = arena.take(parts, of: Float.self)
    results = SplitResults(
      blueprint: shape, count: rowCapacity * shape.keyValueHeadCount, in: arena)
    found = arena.take(workerCount * count, of: Found.self)
  }

  /// What row `row` looked up for a group of heads.
  func result(row: Int, head: Int) -> SplitResult {
    results[row * shape.keyValueHeadCount + head]
  }

  /// Scores of a group of heads over one split [group, 256], and the largest of each.
  func scores(head: Int, split: Int) -> (UnsafeMutablePointer<Float>, UnsafeMutablePointer<Float>) {
    let part = (head * splitCount + split) * shape.groupSize
    return (scores + part * SplitResult.length, largest + part)
  }

  /// The best positions of one head in `middle`, in no order: the highest scores, among equals the
  /// earlier position. They stay until the worker asks again.
  func best(of middle: Range<Int>, head: Int, query: Int, worker: Int) -> UnsafeBufferPointer<Found>
  {
    var heap = BestFound(found + worker * count, capacity: count)
    let length = SplitResult.length
    for split in middle.lowerBound / length..<KeyValueTiles.splits(in: middle.upperBound) {
      let (scores, largest) = self.scores(head: head, split: split)
      guard heap.wants(largest[query]) else { continue }
      let start = split * length
      for position in max(start, middle.lowerBound)..<min(start + length, middle.upperBound) {
        heap.offer(Found(score: scores[query * length + position - start], position: position))
      }
    }
    return heap.all
  }
}

/// A position with its score.
struct Found: BitwiseCopyable {
  let score: Float
  let position: Int

  /// Whether another one is better.
  @inline(__always)
  func isWorse(than other: Found) -> Bool {
    score < other.score || score == other.score && position > other.position
  }
}

/// The best of many: a binary heap with the worst on top, in memory of somebody else.
private struct BestFound {
  private let base: UnsafeMutablePointer<Found>
  private let capacity: Int
  private var count = 0

  init(_ base: UnsafeMutablePointer<Found>, capacity: Int) {
    self.base = base
    self.capacity = capacity
  }

  var all: UnsafeBufferPointer<Found> { UnsafeBufferPointer(start: base, count: count) }

  /// Whether a later position with this score is among the best so far.
  func wants(_ score: Float) -> Bool { count < capacity || score > base[0].score }

  /// Takes in a position behind all that were offered before.
  @inline(__always)
  mutating func offer(_ next: Found) {
    if count == capacity {
      if next.score > base[0].score { sink(next) }
      return
    }
    var place = count
    count += 1
    while place > 0, next.isWorse(than: base[(place - 1) / 2]) {
      base[place] = base[(place - 1) / 2]
      place = (place - 1) / 2
    }
    base[place] = next
  }

  /// Puts `next` in the place of the worst.
  private func sink(_ next: Found) {
    var place = 0
    while true {
      var child = 2 * place + 1
      if child >= count { break }
      if child + 1 < count, base[child + 1].isWorse(than: base[child]) { child += 1 }
      if next.isWorse(than: base[child]) { break }
      base[place] = base[child]
      place = child
    }
    base[place] = next
  }
}
