/// A merge that may still happen.
struct MergeCandidate {
  var priority: Float
  /// The indices of the two symbols in their chain.
  var left: Int
  var right: Int
  /// The token they become.
  var id: Int32
  /// How many bytes they cover together.
  var length: Int

  /// Whether this merge goes before another.
  func precedes(_ other: Self) -> Bool {
    priority < other.priority || (priority == other.priority && left < other.left)
  }
}

/// Merges to come, the soonest first: a binary heap.
struct MergeQueue {
  private var heap: [MergeCandidate] = []

  /// Adds a candidate. O(log n).
  mutating func insert(_ candidate: MergeCandidate) {
    heap.append(candidate)
    var child = heap.count - 1
    while child > 0 {
      let parent = (child - 1) / 2
      guard heap[child].precedes(heap[parent]) else { break }
      heap.swapAt(child, parent)
      child = parent
    }
  }

  /// Takes out the candidate that goes first. O(log n).
  mutating func popFirst() -> MergeCandidate? {
    guard let last = heap.popLast() else { return nil }
    guard let first = heap.first else { return last }
    heap[0] = last
    var parent = 0
    while true {
      var child = 2 * parent + 1
      guard child < heap.count else { break }
      if child + 1 < heap.count && heap[child + 1].precedes(heap[child]) { child += 1 }
      guard heap[child].precedes(heap[parent]) else { break }
      heap.swapAt(child, parent)
      parent = child
    }
    return first
  }
}
