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

  /// Whether every token runs every living block.
  var isFullDepth: Bool { dials.exit == .off || dials.mode == .identical }

  /// Reads tokens at full depth and returns what each loses when the text goes on with its target, in
  /// nats: `score` without a look at the logits, in larger waves.
  func losses(_ tokens: some Collection<TokenID>, targets: some Collection<TokenID>) -> [Double] {
    var losses: [Double] = []
    var rest = tokens.dropFirst(0)
    var left = targets.dropFirst(0)
    while !rest.isEmpty {
      let part = rest.prefix(pass.flightLimit)
      pass.appendChain(part, looksUpFrom: 0)
      pass.run(
        rows: 0..<part.count, blocks: 0..<pass.blockCount, route: Route(pruned: dials.pruned))
      let found = pass.losses(of: 0..<part.count, targets: Array(left.prefix(part.count)))
      pass.note(surprises: found)
      losses += found
      pass.commit(path: Array(0..<part.count), route: Route(pruned: dials.pruned))
      rest = rest.dropFirst(part.count)
      left = left.dropFirst(part.count)
    }
    return losses
  }

  /// Tokens that can be scored at once.
  var scoreCapacity: Int { min(pass.logitCapacity, pass.flightLimit) }

  /// Forgets what was read.
  func begin() { pass.truncate(to: 0) }

  /// Reads tokens at full depth.
  func read(_ tokens: some Collection<TokenID>) {
    var rest = tokens.dropFirst(0)
    while !rest.isEmpty {
      let part = rest.prefix(pass.flightLimit)
      pass.appendChain(part)
      pass.run(
        rows: 0..<part.count, blocks: 0..<pass.blockCount, route: Route(pruned: dials.pruned))
      pass.noteSurprises(of: rest.dropFirst().prefix(part.count))
      pass.commit(path: Array(0..<part.count), route: Route(pruned: dials.pruned))
      rest = rest.dropFirst(part.count)
    }
  }

  /// Reads at most `scoreCapacity` tokens; `visit` sees, for each once and in any order, its index and
  /// the row of the logits that decide what follows it.
  func score(_ tokens: some Collection<TokenID>, visit: (Int, Logits, Int) -> Void) {
    pass.appendChain(tokens, looksUpFrom: 0)
    var rows = Rows(pass: pass, dials: dials, count: tokens.count)
    for depth in 0..<pass.blockCount {
      if depth > 0, policy.needsReadout(after: depth) {
        rows.look(at: depth, leastGate: policy.leastGate(after: depth))
      }
      let leaving = rows.staying.filter {
        policy.verdict(before: BlockIndex(depth), readouts: rows.readouts[$0]) == .exit
      }
      rows.leave(leaving, at: depth, visit: visit)
    }
    rows.leave(rows.staying, at: pass.blockCount, visit: visit)
    rows.advance(to: pass.blockCount)
    pass.noteSurprises(of: tokens.dropFirst())
    pass.commit(path: Array(0..<tokens.count), route: Route(pruned: dials.pruned))
  }
}

/// Rows on their way down.
private struct Rows {
  let pass: ForwardPass
  let dials: DialSettings
  /// The rows that the policy has not let go.
  var staying: [Int]
  /// What the policy has seen of each row.
  var readouts: [[Readout]]
  /// The rows that run on: those that stay, and with `FillPolicy.catchUp` those that left as well.
  private var running: [Int]
  /// How deep these have come.
  private var depth = 0

  init(pass: ForwardPass, dials: DialSettings, count: Int) {
    self.pass = pass
    self.dials = dials
    staying = Array(0..<count)
    running = staying
    readouts = Array(repeating: [], count: count)
  }

  /// Shows the policy the vocabulary of every row that stays and whose gate, if it is asked, says
  /// enough.
  mutating func look(at target: Int, leastGate: Float?) {
    guard !staying.isEmpty else { return }
    advance(to: target)
    let looking = staying.filter { row in
      guard let leastGate, let gate = pass.gate(row: row, at: target) else { return true }
      return gate >= leastGate
    }
    guard !looking.isEmpty else { return }
    let logits = pass.logits(rows: looking, at: target, short: false)
    for (index, row) in looking.enumerated() {
      readouts[row].append(logits.readout(row: index, depth: target))
    }
  }

  /// Lets `leaving` go at `target`: they are visited, and deeper blocks get keys and values from there
  /// unless the rows run on for them.
  mutating func leave(_ leaving: [Int], at target: Int, visit: (Int, Logits, Int) -> Void) {
    guard !leaving.isEmpty else { return }
    advance(to: target)
    for (depth, rows) in Dictionary(grouping: leaving, by: { exitDepth(of: $0, at: target) }) {
      let logits = pass.logits(rows: rows, at: depth, short: false)
      for (index, row) in rows.enumerated() { visit(row, logits, index) }
    }
    let gone = Set(leaving)
    staying.removeAll { gone.contains($0) }
    guard dials.fill == .propagate else { return }
    for run in leaving.runs {
      pass.fill(rows: run, blocks: target..<pass.blockCount, route: Route(pruned: dials.pruned))
    }
    running = staying
  }

  /// The depth whose exit decides for a row that leaves at `target`: pruned blocks change nothing, so
  /// what was read before them is what stands behind them.
  private func exitDepth(of row: Int, at target: Int) -> Int {
    guard let depth = readouts[row].last?.depth,
      dials.pruned.covers(depth..<target)
    else { return target }
    return depth
  }

  /// Takes every row that runs on to `target`, neighbours together: by then those before them are there
  /// or have left.
  mutating func advance(to target: Int) {
    for run in running.runs {
      pass.run(rows: run, blocks: depth..<target, route: Route(pruned: dials.pruned))
    }
    depth = target
  }
}

extension [Int] {
  /// The ascending numbers as ranges of neighbours.
  fileprivate var runs: [Range<Int>] {
    reduce(into: []) { runs, number in
      if let last = runs.last, last.upperBound == number {
        runs[runs.count - 1] = last.lowerBound..<number + 1
      } else {
        runs.append(number..<number + 1)
      }
    }
  }
}
