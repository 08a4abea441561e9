import Dials

/// The rows in flight that go through one block together.
///
/// Scratch of a block is as long as its group: row i of it belongs to row `group[i]` in flight.
struct RowGroup: Sendable, BitwiseCopyable {
  /// How many rows there are.
  let count: Int
  fileprivate nonisolated(unsafe) let rows: UnsafePointer<Int>

  /// Rows of scratch that the group takes.
  var indices: Range<Int> { 0..<count }

  /// The row in flight at an index of the group.
  @inline(__always)
  subscript(index: Int) -> Int { rows[index] }
}

/// Which rows in flight go through which block: those whose route runs it.
///
/// The lists lie in memory that is taken once, so a pass allocates nothing.
struct RowGroups: ~Copyable {
  private let capacity: Int
  /// The rows of each block, ascending, [blockCount, capacity].
  private let rows: UnsafeMutablePointer<Int>
  /// How many rows each block has, [blockCount].
  private let counts: UnsafeMutablePointer<Int>

  /// Groups of at most `capacity` rows in each of `blockCount` blocks.
  init(blockCount: Int, capacity: Int) {
    self.capacity = capacity
    rows = .allocate(capacity: blockCount * capacity)
    counts = .allocate(capacity: blockCount)
    rows.initialize(repeating: 0, count: blockCount * capacity)
    counts.initialize(repeating: 0, count: blockCount)
  }

  deinit {
    rows.deallocate()
    counts.deallocate()
  }

  /// The rows that go through `block`.
  subscript(block: Int) -> RowGroup {
    RowGroup(count: counts[block], rows: UnsafePointer(rows + block * capacity))
  }

  /// Groups ascending `rows`, all of one route.
  func assign(_ rows: some Collection<Int>, to blocks: Range<Int>, route: Route) {
    assign(rows, to: blocks) { _ in route }
  }

  /// Groups ascending `rows`, of a route each.
  func assign(_ rows: some Collection<Int>, to blocks: Range<Int>, routes: [Route]) {
    precondition(routes.count == rows.count, "a route for each row")
    assign(rows, to: blocks) { routes[$0] }
  }

  private func assign(
    _ rows: some Collection<Int>, to blocks: Range<Int>, route: (Int) -> Route
  ) {
    precondition(rows.count <= capacity, "more rows than can be in flight")
    for block in blocks { counts[block] = 0 }
    var last = -1
    for (index, row) in rows.enumerated() {
      precondition(row > last, "the rows of a run ascend")
      last = row
      let route = route(index)
      precondition(route.small.isEmpty, "no block of this model has a small feed-forward")
      for block in blocks where route.runs(block) {
        self.rows[block * capacity + counts[block]] = row
        counts[block] += 1
      }
    }
  }
}
