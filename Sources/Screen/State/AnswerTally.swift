package import Dials
package import Events
package import Reports
import Techniques

/// What an answer adds up to: a fold over its records.
package struct AnswerTally: Hashable, Sendable {
  /// The message.
  package let turn: Int
  /// The number of the answer; nil in older records.
  package let answer: Int?
  /// What it is made with.
  package let settings: AnswerSettings
  /// Tokens that were committed, the end of the turn included.
  package private(set) var tokenCount = 0
  /// Blocks of the model that made it; nil before the first token.
  package private(set) var blockCount: Int?
  /// Committed tokens by the blocks executed for their decision.
  package private(set) var depths: [Int: Int] = [:]
  /// Blocks that ran with the small feed-forward.
  package private(set) var smallCount = 0
  /// All blocks that ran for tokens whose routers were asked.
  package private(set) var routedCount = 0
  /// Multiply-accumulates of everything, wrong drafts included.
  package private(set) var macs = 0
  /// Multiply-accumulates of the dense model for the committed tokens.
  package private(set) var macsFull = 0
  /// Weight bytes read, by what for; nil in older records.
  package private(set) var bytes: TokenRecord.Bytes?
  /// How fast it came.
  package private(set) var pace = PaceTally()
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
  /// What the whole model says; nil where nobody asked it.
  package private(set) var agreement: Agreement?
  /// By place in the answer, what the whole model takes where that is another token.
  private var others: [Int: TokenID] = [:]
  /// By place in the answer, whether the whole model takes the same.
  private var isSame: [Bool] = []
  /// How the answer ended; nil while it streams.
  package private(set) var end: EndRecord?

  /// By place in the answer, whether the token left early.
  private var leftEarly: [Bool] = []

  /// An answer of which nothing is known yet.
  package init(_ turn: TurnRecord, settings: AnswerSettings) {
    self.turn = turn.turn
    answer = turn.answer
    self.settings = settings
  }

  /// Adds a record; records of other answers count for nothing.
  package mutating func add(_ record: Record) {
    guard let place = record.place, place.turn == turn, place.answer == answer else { return }
    switch record {
    case .token(let token): add(token)
    case .draft(let round):
      rounds += 1
      drafted.addClamped(round.kDrafted)
      accepted.addClamped(round.kAccepted)
      draftLayers = round.draftLayers > 0 ? round.draftLayers : draftLayers
      breadth.add(round)
    case .probe(let probe): add(probe)
    case .check(let check):
      agreement = Agreement(isSame: check.isSame, leftEarly: leftEarly)
      isSame = check.isSame
      others = Dictionary(check.others.map { ($0.i, $0.id) }, uniquingKeysWith: { $1 })
    case .end(let record):
      end = record
      macs.addClamped(record.fill?.macs ?? 0)
      bytes?.fill.addClamped(record.fill?.bytesRead ?? 0)
      pace.add(record)
    default: break
    }
  }

  private mutating func add(_ token: TokenRecord) {
    macs.addClamped(token.cost.macs)
    guard token.phase == .gen else { return }
    tokenCount += 1
    blockCount = token.depth.marks.isEmpty ? nil : token.depth.marks.count
    macsFull.addClamped(token.cost.macsFull)
    if let read = token.cost.bytes { bytes = bytes.map { $0 + read } ?? read }
    depths[token.exit.layers, default: 0] += 1
    if token.exit.scores != nil {
      smallCount += token.depth.smallCount
      routedCount += token.depth.executedCount
    }
    leftEarly.append(token.exit.left != nil)
    attention = token.attn
    pace.add(token)
    breadth.add(token)
  }

  /// A look through the lens; in records that are older than checks it says what full depth takes.
  private mutating func add(_ probe: ProbeRecord) {
    settled[probe.settled, default: 0] += 1
    guard answer == nil, settings.fullDepthIsWhole, settings.contract != .identical else { return }
    agreement = agreement ?? Agreement()
    agreement?.add(
      isSame: probe.agree,
      leftEarly: leftEarly.indices.contains(probe.i) && leftEarly[probe.i])
  }

  /// What the whole model takes in the place of a token of the answer; nil where it was not asked.
  package func whole(for token: TokenRecord) -> TokenID? {
    guard isSame.indices.contains(token.i) else { return nil }
    return isSame[token.i] ? token.id : others[token.i]
  }

  /// Tokens per second; nil before the second.
  package var tokensPerSecond: Double? { pace.tokensPerSecond }

  /// Blocks executed for a decision, on average; nil before the first token.
  package var meanDepth: Double? { mean(of: depths) }

  /// The depth at which the lens settled, on average; nil when it has not looked yet.
  package var meanSettled: Double? { mean(of: settled) }

  /// Multiplications done, as a share of the dense model's; nil before the first token.
  package var arithmetic: Double? {
    macsFull > 0 ? Double(macs) / Double(macsFull) : nil
  }

  /// The share of feed-forwards that ran big where routers were asked; nil where none was.
  package var bigShare: Double? {
    routedCount > 0 ? 1 - Double(smallCount) / Double(routedCount) : nil
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

extension Record {
  /// Which answer a record is about; nil where it is about none.
  var place: (turn: Int, answer: Int?)? {
    switch self {
    case .token(let token): (token.turn, token.answer)
    case .draft(let round): (round.turn, round.answer)
    case .probe(let probe): (probe.turn, probe.answer)
    case .check(let check): (check.turn, check.answer)
    case .end(let end): (end.turn, end.answer)
    default: nil
    }
  }
}

/// How often the whole model takes the token that was taken, in one answer.
package struct Agreement: Hashable, Sendable {
  /// Tokens of a kind.
  package struct Share: Hashable, Sendable {
    /// Tokens that the whole model has checked.
    package var checked = 0
    /// Of these, the same.
    package var agreed = 0

    /// The share that agrees; nil when nothing was checked.
    package var value: Double? { checked > 0 ? Double(agreed) / Double(checked) : nil }

    /// The exact 95 % interval of that share.
    package var interval: BinomialInterval { BinomialInterval(successes: agreed, of: checked) }
  }

  /// All tokens.
  package private(set) var all = Share()
  /// Those that left early.
  package private(set) var early = Share()

  /// Nothing checked yet.
  package init() {}

  /// What a check says, by place in the answer.
  init(isSame: [Bool], leftEarly: [Bool]) {
    for (isSame, leftEarly) in zip(isSame, leftEarly) { add(isSame: isSame, leftEarly: leftEarly) }
  }

  /// Takes in one token.
  mutating func add(isSame: Bool, leftEarly: Bool) {
    all.checked += 1
    if isSame { all.agreed += 1 }
    guard leftEarly else { return }
    early.checked += 1
    if isSame { early.agreed += 1 }
  }
}
