import Dials
import Techniques
import Transformer

/// Reads a text under some dials, with the logits that the dials give at each token.
///
/// The unscored part is read as a prompt is, at full depth. A scored token goes as deep as the policy
/// lets it, and the blocks behind an exit get keys and values as the dials say, exactly as when the token
/// is written. In the mode `identical` the distribution is full depth's, whatever the exits (law 3).
struct TextReader {
  let dials: DialSettings
  private let pass: ForwardPass
  private let policy: any DepthPolicy

  /// A reader for texts of up to `capacity` tokens.
  init(
    _ runtime: ModelRuntime, dials: DialSettings, capacity: Int
  ) {
    self.dials = dials
    pass = ForwardPass(runtime, capacity: capacity, reach: dials.reach)
    var decided = dials
    if dials.mode == .identical { decided.exit = .off }
    policy = Catalogue.depthPolicy(for: decided, blockCount: pass.blockCount)
  }

  /// Whether every token runs every living block, with its big feed-forward.
  var isFullDepth: Bool {
    (dials.exit == .off || dials.mode == .identical) && dials.textRule == nil
  }

  /// Reads tokens at full depth and returns what each loses when the text goes on with its target, in
  /// nats: `score` without a look at the logits, in larger waves.
  func losses(_ tokens: some Collection<TokenID>, targets: some Collection<TokenID>) -> [Double] {
    let targets = Array(targets)
    var losses: [Double] = []
    pass.readParts(of: Array(tokens)[...], route: dials.route, retrievesFrom: 0) { part in
      pass.run(rows: part.rows, blocks: 0..<pass.blockCount, route: dials.route)
      let found = pass.losses(
        of: part.rows, targets: Array(targets[losses.count..<losses.count + part.rows.count]))
      pass.note(losses: found)
      losses += found
    }
    return losses
  }

  /// Tokens that can be scored at once.
  var scoreCapacity: Int { min(pass.logitCapacity, pass.flightLimit) }

  /// Forgets what was read.
  func begin() { pass.truncate(to: 0) }

  /// Reads tokens at full depth.
  func read(_ tokens: some Collection<TokenID>) {
    pass.read(Array(tokens)[...], route: dials.route)
  }

  /// Reads at most `scoreCapacity` tokens; `visit` sees, for each once and in any order, its index and
  /// the row of the logits that decide what follows it.
  func score(_ tokens: some Collection<TokenID>, visit: (Int, Logits, Int) -> Void) {
    pass.appendChain(tokens, retrievesFrom: 0)
    var open = Array(0..<tokens.count)
    var walk = DepthWalk(
      policy, along: dials.route, of: pass.blockCount, rowCount: tokens.count)
    var rows = RowsRead(pass: pass, route: dials.route, rule: policy.rule, running: open)
    while !open.isEmpty, let stop = walk.goOn(open, asking: &rows) {
      rows.visit(stop.rows, at: stop.depth, visit)
      open.removeAll { stop.rows.contains($0) }
      if dials.fill == .propagate {
        pass.fill(rows: stop.rows, blocks: stop.depth..<pass.blockCount, route: dials.route)
        rows.running = open
      }
    }
    rows.visit(open, at: pass.blockCount, visit)
    rows.advance(to: pass.blockCount)
    pass.noteLosses(of: tokens.dropFirst())
    pass.commit(path: Array(0..<tokens.count), route: dials.route)
  }
}

/// The rows of a text on their way down.
private struct RowsRead: EvidenceSource {
  let pass: ForwardPass
  let route: Route
  /// What chooses between big and small feed-forwards; nil where all are big.
  let rule: FeedForwardRule?
  /// The rows that run on: those that have not left, and with `FillPolicy.catchUp` the others as well.
  var running: [Int]
  /// How deep these have come.
  private var depth = 0

  init(pass: ForwardPass, route: Route, rule: FeedForwardRule?, running: [Int]) {
    self.pass = pass
    self.route = route
    self.rule = rule
    self.running = running
  }

  /// Takes every row that runs on to `target`.
  mutating func advance(to target: Int) {
    pass.run(rows: running, blocks: depth..<target, route: route, rule: rule)
    depth = target
  }

  mutating func gate(of row: Int, at depth: Int) -> Float? {
    advance(to: depth)
    return pass.gate(row: row, at: depth)
  }

  mutating func readouts(of rows: [Int], at depth: Int) -> [Readout?] {
    advance(to: depth)
    let logits = pass.logits(rows: rows, at: depth, short: false)
    return rows.indices.map { logits.readout(row: $0, depth: depth) }
  }

  /// Shows the logits that decide for `rows`, which leave at `target`.
  mutating func visit(_ rows: [Int], at target: Int, _ visit: (Int, Logits, Int) -> Void) {
    guard !rows.isEmpty else { return }
    advance(to: target)
    let logits = pass.logits(rows: rows, at: target, short: false)
    for (place, row) in rows.enumerated() { visit(row, logits, place) }
  }
}
