package import Dials

/// Thresholds for every exit of a trace and for the short head: one setting of the dials.
package struct ExitThresholds: Hashable, Sendable {
  /// Per exit: a token leaves when its confidence is above this; 1 never leaves, and asks for nothing.
  package var confidence: [Float]
  /// Per exit: module and head are asked where the gate is at least this; 0 always asks.
  package var gate: [Float]
  /// At the last layer: the short head decides above this probability; 1 leaves it to the whole head.
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
  /// Of these, the ones whose token is not the last layer's most probable one.
  package var misses: [Int] = []
  /// Weight bytes read for each text.
  package var bytes: [Int] = []
  /// Tokens decided after each of the exits, and at the last layer.
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
    let asked = depths.indices.filter { thresholds.confidence[$0] < 1 }
    let lastShort = thresholds.shortHead < 1 ? last : nil
    for range in texts {
      var account = costs.account(fill: fill)
      var missCount = 0
      for position in range {
        var place = depths.count
        for exit in asked {
          if thresholds.gate[exit] > 0, let gate = exits[exit].gate {
            account.askGate()
            if gate[position] < thresholds.gate[exit] { continue }
          }
          account.probe(exit)
          if exits[exit].confidence[position] > thresholds.confidence[exit] {
            place = exit
            break
          }
        }
        outcome.exits[place] += 1
        outcome.blocks += place < depths.count ? depths[place] : costs.blockCount
        if place < depths.count {
          account.leave(at: place)
          if !exits[place].agrees[position] { missCount += 1 }
        } else {
          var isRead = true
          if let lastShort {
            account.askShortHead()
            isRead = lastShort.confidence[position] <= thresholds.shortHead
            if !isRead, !lastShort.agrees[position] { missCount += 1 }
          }
          account.stay(readsHead: isRead)
        }
      }
      account.end()
      outcome.counts.append(range.count)
      outcome.misses.append(missCount)
      outcome.bytes.append(account.bytes)
    }
    return outcome
  }
}
