import Dials
package import Techniques

/// Thresholds for every exit of a trace and for the short head: one setting of the dials.
package struct ExitThresholds: Hashable, Sendable {
  /// Per exit: a token leaves when its confidence is above this; 1 never leaves, and asks for nothing.
  package var confidence: [Float]
  /// Per exit: module and head are asked where the gate is at least this; 0 always asks.
  package var gate: [Float]
  /// At full depth: the short head decides above this probability; 1 leaves it to the whole head.
  package var shortHead: Float

  /// Thresholds.
  package init(confidence: [Float], gate: [Float]? = nil, shortHead: Float = 1) {
    self.confidence = confidence
    self.gate = gate ?? confidence.map { _ in 0 }
    self.shortHead = shortHead
  }

  /// Whether no token is ever decided early.
  package var isOff: Bool { shortHead >= 1 && confidence.allSatisfy { $0 >= 1 } }
}

/// What a setting would have done at the positions of a trace.
package struct ExitOutcome: Hashable, Sendable {
  /// Positions of each text.
  package var counts: [Int] = []
  /// Of these, the ones whose token is not full depth's most probable one.
  package var misses: [Int] = []
  /// Weight bytes read for each text.
  package var bytes: [Int] = []
  /// Tokens decided after each of the exits, and at full depth.
  package var exits: [Int] = []
  /// Blocks run, fill not counted.
  package var blocks = 0

  /// The outcome of no text.
  package init() {}

  /// Positions in all.
  package var count: Int { counts.reduce(0, +) }
  /// Disagreements in all.
  package var missCount: Int { misses.reduce(0, +) }
  /// The share of disagreements.
  package var risk: Double { Double(missCount) / Double(max(1, count)) }
  /// Bytes a token.
  package var bytesPerToken: Double {
    Double(bytes.reduce(0, +)) / Double(max(1, count))
  }
  /// Blocks a token.
  package var meanBlocks: Double { Double(blocks) / Double(max(1, count)) }
}

extension ExitTrace {
  /// What `thresholds` would have done, with bytes by `costs`.
  package func outcome(
    of thresholds: ExitThresholds, costs: ExitCosts, fill: FillPolicy
  ) -> ExitOutcome {
    var outcome = ExitOutcome()
    outcome.counts.reserveCapacity(texts.count)
    outcome.exits = Array(repeating: 0, count: depths.count + 1)
    let dials = thresholds.dials(depths: depths, fill: fill)
    let policy = Catalogue.depthPolicy(for: dials, blockCount: costs.blockCount)
    var walk = DepthWalk(policy, of: costs.blockCount)
    let open = [0]
    for range in texts {
      var columns = TraceColumns(trace: self, account: costs.account(fill: fill))
      var missCount = 0
      for position in range {
        columns.position = position
        walk.restart()
        _ = walk.goOn(open, asking: &columns)
        let depth = walk.rows[0].depth
        let place = depths.firstIndex(of: depth) ?? depths.count
        outcome.exits[place] += 1
        outcome.blocks += depth
        if columns.decide(at: place, shortHead: thresholds.shortHead) { missCount += 1 }
      }
      columns.account.end()
      outcome.counts.append(range.count)
      outcome.misses.append(missCount)
      outcome.bytes.append(columns.account.bytes)
    }
    return outcome
  }
}

/// What a trace says of one position, and what it would have cost to ask.
private struct TraceColumns: EvidenceSource {
  let trace: ExitTrace
  var account: ExitCosts.Account
  var position = 0

  mutating func gate(of row: Int, at depth: Int) -> Float? {
    guard let gate = trace.depths.firstIndex(of: depth).flatMap({ trace.exits[$0].gate }) else {
      return nil
    }
    account.askGate()
    return gate[position]
  }

  mutating func readouts(of rows: [Int], at depth: Int) -> [Readout?] {
    guard let place = trace.depths.firstIndex(of: depth) else { return [nil] }
    account.probe(place)
    let confidence = trace.exits[place].confidence[position]
    return [
      Readout(depth: depth, token: TokenID(0), probability: confidence, margin: 0, entropy: 0)
    ]
  }

  /// Books the decision at exit `place`, or at the last block, where the short head is asked first. Whether
  /// its token is not the last block's.
  mutating func decide(at place: Int, shortHead: Float) -> Bool {
    if place < trace.depths.count {
      account.leave(at: place)
      return !trace.exits[place].agrees[position]
    }
    guard shortHead < 1, let last = trace.last else {
      account.stay(readsHead: true)
      return false
    }
    account.askShortHead()
    let isSure = last.confidence[position] > shortHead
    account.stay(readsHead: !isSure)
    return isSure && !last.agrees[position]
  }
}
