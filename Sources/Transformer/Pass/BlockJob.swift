import Dials

/// The rows in flight that go through one block together.
///
/// Scratch of a block is as long as its group: row i of it belongs to row `group[i]` in flight.
struct RowGroup: Sendable, BitwiseCopyable {
  /// The block's index.
  let block: Int
  /// How many rows there are.
  let count: Int
  fileprivate nonisolated(unsafe) let rows: UnsafePointer<Int>

  /// Rows of scratch that the group takes.
  var indices: Range<Int> { 0..<count }

  /// The row in flight at an index of the group.
  @inline(__always)
  subscript(index: Int) -> Int { rows[index] }
}

/// What a pool is to do with some blocks, and the rows in flight that go through each of them: those
/// whose route runs it.
///
/// The lists lie in memory that is taken once, so a pass allocates nothing.
struct BlockJob: ~Copyable {
  /// What is done with the blocks.
  enum Kind {
    /// They run.
    case run
    /// They run, and the streams behind each are captured.
    case runAndCapture
    /// Only their keys and values are computed.
    case fill
  }

  private(set) var kind = Kind.run
  private(set) var blocks = 0..<0
  private let capacity: Int
  /// The rows of each block, ascending, [blockCount, capacity].
  private let rows: UnsafeMutablePointer<Int>
  /// How many rows each block has, [blockCount].
  private let counts: UnsafeMutablePointer<Int>

  /// A job of at most `capacity` rows in each of `blockCount` blocks.
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
    RowGroup(block: block, count: counts[block], rows: UnsafePointer(rows + block * capacity))
  }

  /// The first block of the job from `block` on that has rows.
  func next(from block: Int) -> Int? {
    var next = block
    while next < blocks.upperBound, counts[next] == 0 { next += 1 }
    return next < blocks.upperBound ? next : nil
  }

  /// Takes up another job with ascending `rows`, all of one route.
  mutating func assign(
    _ kind: Kind, _ rows: some Collection<Int>, _ blocks: Range<Int>, route: Route
  ) {
    assign(kind, rows, blocks) { _ in route }
  }

  /// Takes up another job with ascending `rows`, of a route each.
  mutating func assign(
    _ kind: Kind, _ rows: some Collection<Int>, _ blocks: Range<Int>, routes: [Route]
  ) {
    precondition(routes.count == rows.count, "a route for each row")
    assign(kind, rows, blocks) { routes[$0] }
  }

  private mutating func assign(
    _ kind: Kind, _ rows: some Collection<Int>, _ blocks: Range<Int>, route: (Int) -> Route
  ) {
    precondition(rows.count <= capacity, "more rows than can be in flight")
    self.kind = kind
    self.blocks = blocks
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
