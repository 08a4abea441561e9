import Dials

/// Which feed-forward a row takes.
enum FeedForwardChoice: UInt8, BitwiseCopyable {
  case big
  case small
  case none
  /// What the block's router says.
  case asked
}

/// The rows in flight that go through one block together.
///
/// Scratch of a block is as long as its group: row i of it belongs to row `group[i]` in flight.
struct RowGroup: Sendable, BitwiseCopyable {
  /// The block's index.
  let block: Int
  /// How many rows there are.
  let count: Int
  private nonisolated(unsafe) let rows: UnsafePointer<Int>
  private nonisolated(unsafe) let choices: UnsafePointer<FeedForwardChoice>?

  /// The first `count` of `rows`; without `choices` all of them take the big feed-forward.
  init(
    block: Int, count: Int, rows: UnsafePointer<Int>,
    choices: UnsafePointer<FeedForwardChoice>? = nil
  ) {
    self.block = block
    self.count = count
    self.rows = rows
    self.choices = choices
  }

  /// The first rows of the group.
  func prefix(_ count: Int) -> RowGroup {
    RowGroup(block: block, count: count, rows: rows, choices: choices)
  }

  /// Whether every row takes the big feed-forward.
  var isBig: Bool { choices == nil }

  /// The feed-forward of the row at an index of the group.
  func choice(_ index: Int) -> FeedForwardChoice { choices?[index] ?? .big }

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
  /// What decides for rows that ask a router.
  private(set) var rule = FeedForwardRule(offset: -.infinity)
  /// The blocks that are pruned for the rows; nil where the rows differ in that.
  private(set) var pruned: BlockSet? = BlockSet.none
  private let capacity: Int
  /// The rows of each block, ascending, [blockCount, capacity].
  private let rows: UnsafeMutablePointer<Int>
  /// How many rows each block has, [blockCount].
  private let counts: UnsafeMutablePointer<Int>
  /// The feed-forwards of those rows, [blockCount, capacity], and whether one is not the big one.
  private let choices: UnsafeMutablePointer<FeedForwardChoice>
  private let differs: UnsafeMutablePointer<Bool>

  /// A job of at most `capacity` rows in each of `blockCount` blocks.
  init(blockCount: Int, capacity: Int) {
    self.capacity = capacity
    rows = .allocate(capacity: blockCount * capacity)
    counts = .allocate(capacity: blockCount)
    rows.initialize(repeating: 0, count: blockCount * capacity)
    counts.initialize(repeating: 0, count: blockCount)
    choices = .allocate(capacity: blockCount * capacity)
    differs = .allocate(capacity: blockCount)
    choices.initialize(repeating: .big, count: blockCount * capacity)
    differs.initialize(repeating: false, count: blockCount)
  }

  deinit {
    rows.deallocate()
    counts.deallocate()
    choices.deallocate()
    differs.deallocate()
  }

  /// The rows that go through `block`.
  subscript(block: Int) -> RowGroup {
    let first = block * capacity
    return RowGroup(
      block: block, count: counts[block], rows: UnsafePointer(rows + first),
      choices: differs[block] ? UnsafePointer(choices + first) : nil)
  }

  /// The first block of the job from `block` on that has rows.
  func next(from block: Int) -> Int? {
    var next = block
    while next < blocks.upperBound, counts[next] == 0 { next += 1 }
    return next < blocks.upperBound ? next : nil
  }

  /// Takes up another job with ascending `rows`, all of one route.
  mutating func assign(
    _ kind: Kind, _ rows: some Collection<Int>, _ blocks: Range<Int>, route: Route,
    rule: FeedForwardRule? = nil
  ) {
    assign(kind, rows, blocks, rule) { _ in route }
  }

  /// Takes up another job with ascending `rows`, of a route each.
  mutating func assign(
    _ kind: Kind, _ rows: some Collection<Int>, _ blocks: Range<Int>, routes: [Route]
  ) {
    precondition(routes.count == rows.count, "a route for each row")
    assign(kind, rows, blocks, nil) { routes[$0] }
  }

  private mutating func assign(
    _ kind: Kind, _ rows: some Collection<Int>, _ blocks: Range<Int>, _ rule: FeedForwardRule?,
    route: (Int) -> Route
  ) {
    precondition(rows.count <= capacity, "more rows than can be in flight")
    self.kind = kind
    self.blocks = blocks
    if let rule { self.rule = rule }
    pruned = rows.isEmpty ? BlockSet.none : route(0).pruned
    for block in blocks {
      counts[block] = 0
      differs[block] = rule != nil
    }
    var last = -1
    for (index, row) in rows.enumerated() {
      precondition(row > last, "the rows of a run ascend")
      last = row
      let route = route(index)
      if route.pruned != pruned { pruned = nil }
      for block in blocks where route.runs(block) {
        let place = block * capacity + counts[block]
        self.rows[place] = row
        counts[block] += 1
        choices[place] = Self.choice(route, block, isRouted: rule != nil)
        if choices[place] != .big { differs[block] = true }
      }
    }
  }

  /// A route that names a feed-forward has the last word.
  private static func choice(_ route: Route, _ block: Int, isRouted: Bool) -> FeedForwardChoice {
    if route.isFull { return isRouted ? .asked : .big }
    return switch route[block] {
    case .small: .small
    case .bare: .none
    case .run, .skip, .prune: isRouted ? .asked : .big
    }
  }
}
