import Dials
import Techniques
import Transformer

/// The text so far and the rows in flight behind it, with the pass that holds both: what the decoder
/// says of them and what the pass has are kept in step here and nowhere else.
///
/// Rows in flight that left early may be deferred: they are part of the text, but lack deeper blocks
/// until a later row goes there and takes them along. They come first in flight.
struct CachedText {
  /// How rows go down: what every block does, and what chooses their feed-forwards.
  struct Way {
    let route: Route
    let rule: FeedForwardRule?
  }

  /// A row in flight.
  struct RowInFlight {
    let token: TokenID
    /// The row that it follows; nil behind the text.
    let parent: Int?
    /// Blocks that it has passed; never more than its parent.
    var depth: Int
  }

  /// The pass, with the keys and values of the text.
  let pass: ForwardPass
  /// The tokens whose keys and values are in the cache.
  private(set) var tokens: [TokenID] = []
  /// The rows in flight: deferred ones first, each as deep as those behind it or deeper.
  private(set) var flight: [RowInFlight] = []
  /// How many rows in flight are part of the text.
  private(set) var deferredCount = 0
  /// What every block does for a row at full depth.
  private(set) var route = Route.plain
  /// What chooses the feed-forwards of rows that go on; nil: all are big. What is read is never asked.
  var rule: FeedForwardRule?
  /// The token behind the text, if a row of the text decided it.
  var next: TokenID?
  /// The first position whose rows are not all those of the text's route: propagated, or with small
  /// feed-forwards.
  private(set) var firstPropagated: Int?
  /// The first position whose row retrieved keys from before its window, as those do that decide a
  /// token and those inside a prompt do not.
  private var firstRetrieval = 0

  /// The residual stream behind the last block in which a token was decided, and that token's position.
  private var lastStream: (position: Position, stream: [Float])?

  /// An empty text of up to `contextLength` positions. With `keepsStreams` its streams can be captured.
  init(over model: LoadedModel, contextLength: Int, keepsStreams: Bool = true) {
    pass = ForwardPass(model.runtime, capacity: contextLength, keepsStreams: keepsStreams)
  }

  var blockCount: Int { pass.blockCount }
  /// Tokens that are committed.
  var count: Int { tokens.count }
  /// Whether no row in flight lacks a block.
  var isAtFullDepth: Bool { flight.last?.depth ?? blockCount == blockCount }

  /// What holds between two calls. Checked in debug builds.
  func checkInvariants() {
    assert(flight.count == pass.rowCount, "every row in flight is known")
    assert(tokens.count == pass.cache.committedCount, "every committed token is known")
    assert(deferredCount <= flight.count, "deferred rows are in flight")
    assert(
      zip(flight, flight.dropFirst()).allSatisfy { $0.depth >= $1.depth },
      "no row is deeper than one before it")
    assert(
      flight.enumerated().allSatisfy { ($1.parent ?? -1) < $0 }, "a parent comes before its child")
    assert(firstPropagated.map { $0 < tokens.count } ?? true, "a propagated row is committed")
  }

  // MARK: - Rows in flight

  /// Adds a row in flight that follows row `parent`, or the text.
  mutating func append(_ token: TokenID, after parent: Int?) {
    let position = parent.map { pass.position(ofRow: $0).advanced(by: 1) } ?? Position(count)
    pass.append(Row(token: token, position: position, parent: parent, retrieves: true))
    flight.append(RowInFlight(token: token, parent: parent, depth: 0))
    checkInvariants()
  }

  /// Keeps the stream of a row in flight that decided a token, if it went to full depth: a draft head reads
  /// it.
  mutating func keepStream(of row: Int) {
    lastStream =
      flight[row].depth == blockCount
      ? (pass.position(ofRow: row).advanced(by: 1), Array(pass.stream(row: row))) : nil
  }

  /// The stream in which the token of a row in flight was decided, if it was kept.
  func stream(before row: Int) -> [Float]? {
    lastStream.flatMap { $0.position == pass.position(ofRow: row) ? $0.stream : nil }
  }

  /// The tokens of a row and of those that it follows in flight, first to last.
  func lineage(of row: Int) -> [TokenID] {
    var tokens: [TokenID] = []
    var here: Int? = row
    while let row = here {
      tokens.append(flight[row].token)
      here = flight[row].parent
    }
    return tokens.reversed()
  }

  /// Takes every row in flight to `depth` at least, along `other` where it is not the text's way. Rows
  /// that stopped at the same depth go on together; ancestors are never behind.
  mutating func advance(to depth: Int, along other: Way? = nil) {
    let way = other ?? Way(route: route, rule: rule)
    while let lowest = flight.last?.depth, lowest < depth {
      let first = flight.firstIndex { $0.depth == lowest } ?? 0
      let next = first == 0 ? depth : min(depth, flight[first - 1].depth)
      pass.run(
        rows: first..<flight.count, blocks: lowest..<next, route: way.route,
        rule: way.rule)
      for row in first..<flight.count { flight[row].depth = next }
    }
    checkInvariants()
  }

  /// Drops the rows in flight behind the first `count`, and defers the others.
  mutating func `defer`(first count: Int) {
    pass.drop(after: count)
    flight.removeLast(flight.count - count)
    deferredCount = count
    checkInvariants()
  }

  /// Gives the one deferred row keys and values in the blocks that it left out, from the state at which
  /// it left; returns how many blocks that are.
  mutating func propagate() -> Int {
    guard let depth = flight.last?.depth, depth < blockCount else { return 0 }
    pass.fill(rows: 0..<1, blocks: depth..<blockCount, route: route)
    firstPropagated = firstPropagated ?? count
    return (depth..<blockCount).count { route.runs($0) }
  }

  /// Makes the rows on `path` part of the text, in this order, and drops all others in flight.
  mutating func commit(path: [Int]) {
    if rule != nil, !path.isEmpty { firstPropagated = firstPropagated ?? count }
    let committed = path.map { flight[$0].token }
    pass.commit(path: path, route: route)
    tokens.append(contentsOf: committed)
    flight = []
    deferredCount = 0
    checkInvariants()
  }

  /// Makes the deferred rows part of the text; they must have keys and values in every block.
  mutating func commitDeferred() { commit(path: Array(0..<deferredCount)) }

  /// Drops all rows in flight.
  mutating func discard() {
    pass.discard()
    flight = []
    deferredCount = 0
    checkInvariants()
  }

  /// What `body` makes of the text with `tail` behind it. The text is not copied: it may be long.
  mutating func extending<Result>(
    by tail: [TokenID], _ body: ([TokenID]) -> Result
  ) -> Result {
    tokens.append(contentsOf: tail)
    defer { tokens.removeLast(tail.count) }
    return body(tokens)
  }

  // MARK: - Reading and going back

  /// Reads `part` at full depth, as much as fits one pass, and returns how many tokens were read: they are
  /// in flight. With `capture`, the streams are captured, and every row decides a token; else the last of
  /// `part` does.
  mutating func read(_ part: ArraySlice<TokenID>, capture: Bool = false) -> Int {
    discard()
    rule = nil
    let rows = part.prefix(pass.flightLimit)
    next = nil
    pass.appendChain(rows, retrievesFrom: capture ? 0 : part.count - 1)
    for (row, token) in rows.enumerated() {
      flight.append(RowInFlight(token: token, parent: row == 0 ? nil : row - 1, depth: blockCount))
    }
    pass.run(rows: 0..<rows.count, blocks: 0..<blockCount, route: route, capture: capture)
    pass.noteLosses(of: part.dropFirst().prefix(rows.count))
    checkInvariants()
    return rows.count
  }

  /// Makes all rows in flight part of the text.
  mutating func commitAll() { commit(path: Array(flight.indices)) }

  /// Forgets the text from position `count` on, and all rows in flight.
  mutating func truncate(to count: Int) {
    pass.truncate(to: count)
    flight = []
    deferredCount = 0
    if count < tokens.count { next = nil }
    tokens.removeLast(tokens.count - min(count, tokens.count))
    if let first = firstPropagated, first >= tokens.count { firstPropagated = nil }
    checkInvariants()
  }

  /// Forgets the text from position `count` on, where `token` comes next.
  mutating func end(with token: TokenID, at count: Int) {
    truncate(to: count)
    next = token
  }

  /// Keeps what the cache and `prompt` have in common, and forgets the rest and every row that is
  /// not exact, so that what follows never depends on what was tried before. Returns how many
  /// tokens are kept; at least one is left to read. Where what comes next would see forgotten rows,
  /// all is read again. `turns` are the positions at which turns of the prompt begin, for a reach in which
  /// they leave whole.
  mutating func rewind(
    to prompt: [TokenID], route: Route, reach: ReachSetting, turns: [Int] = []
  ) -> Int {
    let turns = reach.turns ? turns : []
    var common = zip(tokens, prompt).prefix { $0 == $1 }.count
    common = min(common, prompt.count - 1, firstPropagated ?? .max)
    // Rows behind the first border that is another one saw something else.
    let same = zip(turns, pass.turnStarts).prefix { $0 == $1 }.count
    for other in [turns, pass.turnStarts] where same < other.count {
      common = min(common, other[same])
    }
    pass.turnStarts = turns
    if reach.lookups > 0 { common = min(common, firstRetrieval) }
    // The row before says how little a token was expected.
    let known = common < count ? tokens[common] : next
    if pass.remembers, common > 0, known != prompt[common] { common -= 1 }
    firstRetrieval = prompt.count - 1
    if route != self.route || reach != pass.reach || !pass.canContinue(from: common) { common = 0 }
    self.route = route
    truncate(to: common)
    if reach != pass.reach { pass.reset(reach: reach) }
    pass.turnStarts = turns
    return common
  }
}
