package import Events
package import Reports

/// What an answer adds up to: a fold over its records.
package struct AnswerTally: Hashable, Sendable {
  /// The answer.
  package let turn: Int
  /// Tokens that were committed, the end of the turn included.
  package private(set) var tokenCount = 0
  /// Committed tokens by the blocks executed for their decision.
  package private(set) var depths: [Int: Int] = [:]
  /// Multiply-accumulates of everything, rejected drafts included.
  package private(set) var macs = 0
  /// Multiply-accumulates of the dense model for the committed tokens.
  package private(set) var macsFull = 0
  /// Weight bytes read, by what for; nil in older records.
  package private(set) var bytes: TokenRecord.Bytes?
  /// Microseconds of everything.
  package private(set) var microseconds = 0
  /// Of these, microseconds of rounds that verified guesses, and what plain passes would have taken for
  /// the same tokens; 0 where nobody knows.
  private var draftedMicroseconds = 0
  private var plainMicroseconds = 0
  /// Microseconds of the running round's tokens, whose own record comes last.
  private var pendingMicroseconds = 0
  /// Rounds of drafting.
  package private(set) var rounds = 0
  /// Tokens drafted.
  package private(set) var drafted = 0
  /// Of these, accepted.
  package private(set) var accepted = 0
  /// Blocks executed for the newest draft; nil before the first.
  package private(set) var draftLayers: Int?
  /// What attention had in sight at the last token; nil where it sees everything.
  package private(set) var attention: TokenRecord.Attention?
  /// What guesses were worth.
  package private(set) var breadth = BreadthTally()
  /// Tokens that the lens has looked at, by the depth at which they settled.
  package private(set) var settled: [Int: Int] = [:]
  /// How the answer ended; nil while it streams.
  package private(set) var end: EndRecord?

  /// An answer of which nothing is known yet.
  package init(turn: Int) { self.turn = turn }

  /// Adds a record; records of other turns count for nothing.
  package mutating func add(_ record: Record) {
    switch record {
    case .token(let token) where token.turn == turn:
      macs += token.cost.macs
      microseconds += token.time.total
      guard token.phase == .gen else { break }
      tokenCount += 1
      macsFull += token.cost.macsFull
      if let read = token.cost.bytes { bytes = bytes.map { $0 + read } ?? read }
      depths[token.exit.layers, default: 0] += 1
      attention = token.attn
      if token.spec != nil { pendingMicroseconds += token.time.total }
      breadth.add(token)
    case .draft(let round) where round.turn == turn:
      rounds += 1
      drafted += round.kDrafted
      accepted += round.kAccepted
      draftLayers = round.draftLayers > 0 ? round.draftLayers : draftLayers
      breadth.add(round)
      if let plain = round.tPlainUs {
        draftedMicroseconds += pendingMicroseconds
        plainMicroseconds += plain
      }
      pendingMicroseconds = 0
    case .probe(let probe) where probe.turn == turn: settled[probe.settled, default: 0] += 1
    case .end(let record) where record.turn == turn:
      end = record
      macs += record.fill?.macs ?? 0
      bytes?.fill += record.fill?.bytesRead ?? 0
    default: break
    }
  }

  /// Tokens per second: the engine's own figure once the answer has ended, before that the tokens over
  /// the time of their passes; nil before the first.
  package var tokensPerSecond: Double? {
    if let end { return end.timings.predictedPerSecond }
    return microseconds > 0 ? Double(tokenCount) * 1e6 / Double(microseconds) : nil
  }

  /// How many times as fast as plain decoding the answer came, by what plain passes took on the same
  /// occasion; nil where nothing was guessed.
  package var pace: Double? {
    guard plainMicroseconds > 0, microseconds > 0 else { return nil }
    return Double(microseconds - draftedMicroseconds + plainMicroseconds) / Double(microseconds)
  }

  /// Blocks executed for a decision, on average; nil before the first token.
  package var meanDepth: Double? { mean(of: depths) }

  /// The depth at which the lens settled, on average; nil when it has not looked yet.
  package var meanSettled: Double? { mean(of: settled) }

  /// The share of the dense model's work that was not done; negative when more was done.
  package var computeSaved: Double? {
    macsFull > 0 ? 1 - Double(macs) / Double(macsFull) : nil
  }

  /// The share of the dense model's weight bytes that were read for a part of the work; nil where it is
  /// not known.
  package func bytesShare(of part: KeyPath<TokenRecord.Bytes, Int>) -> Double? {
    bytes.flatMap { $0.full > 0 ? Double($0[keyPath: part]) / Double($0.full) : nil }
  }

  /// The depth below or at which `share` of the tokens were decided; nil before the first.
  package func depth(atShare share: Double) -> Int? {
    var passed = 0
    for (depth, count) in depths.sorted(by: { $0.key < $1.key }) {
      passed += count
      if Double(passed) >= share * Double(tokenCount) { return depth }
    }
    return nil
  }

  private func mean(of counts: [Int: Int]) -> Double? {
    let total = counts.values.reduce(0, +)
    guard total > 0 else { return nil }
    return Double(counts.reduce(0) { $0 + $1.key * $1.value }) / Double(total)
  }
}

/// How often full depth takes the token that was taken, under the settings in force.
package struct Agreement: Hashable, Sendable {
  /// Tokens that full depth has checked.
  package var checked = 0
  /// Of these, the same.
  package var agreed = 0

  /// Nothing checked yet.
  package init() {}

  /// The share that agrees; nil when nothing was checked.
  package var share: Double? { checked > 0 ? Double(agreed) / Double(checked) : nil }

  /// The exact 95 % interval of that share.
  package var interval: BinomialInterval { BinomialInterval(successes: agreed, of: checked) }
}
