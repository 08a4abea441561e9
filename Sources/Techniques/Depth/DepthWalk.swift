package import Dials

/// Who shows a policy what it asks for: a pass, a record, or the columns of a trace.
package protocol EvidenceSource {
  /// What the gate of the exit at `depth` says of a row; nil where there is no gate.
  mutating func gate(of row: Int, at depth: Int) -> Float?

  /// The vocabulary as each of `rows` sees it from `depth`, in one reading of the head; nil for a row
  /// of which nobody knows.
  mutating func readouts(of rows: [Int], at depth: Int) -> [Readout?]
}

/// Rows on their way down the blocks, as a policy takes them. Nothing else asks a policy.
///
/// The walk stops wherever rows leave, so that its owner can decide their tokens, fill their deeper
/// keys and values, or give up rows that no longer matter, and then goes on with the rows that are
/// still open. A row's way depends on its own evidence alone, never on its company.
package struct DepthWalk {
  /// Where a row's way led.
  package struct Descent: Hashable, Sendable {
    /// What the blocks do for the row.
    package var route: Route
    /// Where it ended: blocks of the model passed, pruned ones included.
    package var depth: Int
    /// Why it ended there; nil at the last block, or while the row is still open.
    package var reason: ExitReason?
    /// What the policy was shown.
    package var evidence = Evidence()
    /// What decided between big and small feed-forwards on the way; nil: all were big.
    package var rule: FeedForwardRule?

    /// A way along `route` that ended after `depth` blocks.
    package init(route: Route, depth: Int) {
      self.route = route
      self.depth = depth
    }

    /// Whether the last readout saw what stands at the end of the way: no block ran since.
    package var sawItsEnd: Bool {
      evidence.readouts.last.map { route.passesBy($0.depth..<depth) } ?? false
    }

    /// Takes in what the routers of the blocks said on the way, and with it which feed-forwards were
    /// small.
    package mutating func settle(_ scores: some Collection<Float>) {
      guard let rule else { return }
      evidence.scores = Array(scores.prefix(depth))
      route = route.routed(by: rule, evidence.scores)
    }

    /// What happened in every block of a model of `blockCount`.
    package func line(of blockCount: Int) -> DepthLine { route.line(to: depth, of: blockCount) }
  }

  /// Rows that leave together.
  package struct Stop: Hashable, Sendable {
    /// Blocks that they have passed.
    package var depth: Int
    /// The rows.
    package var rows: [Int]
  }

  /// The rows, by number. A row that has not left ends at the last block.
  package private(set) var rows: [Descent]

  private let policy: any DepthPolicy
  private let stops: BlockSet
  private let route: Route
  private let blockCount: Int
  /// The next block before which the policy is asked.
  private var next = 0

  /// `rowCount` rows before the first of `blockCount` blocks, whose way is `route` where the policy
  /// does not say otherwise.
  package init(
    _ policy: any DepthPolicy, along route: Route = .plain, of blockCount: Int, rowCount: Int = 1
  ) {
    self.policy = policy
    stops = policy.stops
    self.route = route
    self.blockCount = blockCount
    var start = Descent(route: route, depth: blockCount)
    start.rule = policy.rule
    rows = Array(repeating: start, count: rowCount)
  }

  /// Begins anew, with other rows in place of these.
  package mutating func restart() {
    next = 0
    for row in rows.indices {
      rows[row].route = route
      rows[row].depth = blockCount
      rows[row].reason = nil
      rows[row].evidence.readouts.removeAll(keepingCapacity: true)
      rows[row].evidence.gates.removeAll(keepingCapacity: true)
      rows[row].evidence.scores.removeAll(keepingCapacity: true)
    }
  }

  /// Goes on with the rows that are `open` until some of them leave, and says which; nil at the last
  /// block. `source` shows what the policy asks for.
  package mutating func goOn(
    _ open: [Int], asking source: inout some EvidenceSource
  ) -> Stop? {
    while next < blockCount {
      let block = BlockIndex(next)
      next += 1
      guard stops.contains(block) else { continue }
      if block.rawValue > 0 { show(open, at: block.rawValue, from: &source) }
      let leaving = open.filter { step($0, before: block) }
      if !leaving.isEmpty { return Stop(depth: block.rawValue, rows: leaving) }
    }
    return nil
  }

  /// Adds to the evidence of a row what was read, and what it had to be above.
  package mutating func add(_ readout: Readout, needed: Float?, to row: Int) {
    var readout = readout
    readout.needed = needed
    rows[row].evidence.readouts.append(readout)
  }

  /// Shows the policy what it needs of the open rows at `depth`: gates first, then the vocabulary of
  /// all rows whose gate says enough.
  private mutating func show(_ open: [Int], at depth: Int, from source: inout some EvidenceSource) {
    guard case .readout(let leastGate, let needed) = policy.need(after: depth) else { return }
    var seeing = open
    if let leastGate {
      seeing = open.filter { row in
        guard let value = source.gate(of: row, at: depth) else { return true }
        rows[row].evidence.gates.append(
          GateReading(depth: depth, value: value, least: leastGate))
        return value >= leastGate
      }
    }
    if seeing.isEmpty { return }
    for (row, readout) in zip(seeing, source.readouts(of: seeing, at: depth)) {
      if let readout { add(readout, needed: needed, to: row) }
    }
  }

  /// Asks the policy for the step of a row. Whether the row leaves.
  private mutating func step(_ row: Int, before block: BlockIndex) -> Bool {
    switch policy.step(before: block, evidence: rows[row].evidence) {
    case .take(let action):
      if rows[row].route[block.rawValue] != .prune { rows[row].route[block.rawValue] = action }
      return false
    case .exit(let reason):
      rows[row].depth = block.rawValue
      rows[row].reason = reason
      return true
    }
  }
}
