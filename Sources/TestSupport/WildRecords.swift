import Dials
package import Events
import Techniques

/// Records that no engine would write: any order, any turn, any text, any numbers. They begin as
/// ``Record/random(kind:using:)`` gives them, and what a reader could trip over is spoilt.
package struct WildRecords {
  private var generator: SeededGenerator
  private let blockCount: Int

  /// The records of this seed, of a model of any size.
  package init(seed: UInt64) {
    generator = SeededGenerator(seed: seed)
    blockCount = [0, 1, 2, 12, 30, 48, 97, 200].randomElement(using: &generator) ?? 30
  }

  /// A number of the range.
  package mutating func number(_ range: ClosedRange<Int>) -> Int {
    Int.random(in: range, using: &generator)
  }

  /// One of the values, of which there is at least one.
  package mutating func pick<Value>(_ values: [Value]) -> Value {
    values[number(0...values.count - 1)]
  }

  /// Text of every kind in up to `limit` pieces: ASCII, wide, joined, combining, bidirectional, control.
  package mutating func text(_ limit: Int = 12) -> String {
    let pieces = [
      "a", " ", "word ", "日本", "\n", "\t", "\r\n", "e\u{301}", "👩‍👩‍👧", "🇩🇪", "👍🏽", "❤️", "\u{1b}[2J",
      "\u{7f}", "\u{9b}", "\u{202e}", "\u{200b}", "\u{301}", "क्षि", "ᄒ\u{1161}\u{11ab}", "\u{fffd}",
      "\0", "─", "\u{1fae8}", "\u{e0041}", "/help",
    ]
    return (0..<number(0...limit)).map { _ in pick(pieces) }.joined()
  }

  /// The next record: a token every other time.
  package mutating func record() -> Record {
    let kinds = [
      "session", "turn", "probe", "draft", "param", "end", "check", "compare", "measure", "mark",
      "newer",
    ]
    let kind = number(0...2 * kinds.count - 1)
    guard kind != kinds.count - 1 else { return .unknown(UnknownRecord(type: "newer")) }
    switch Record.random(kind: kind < kinds.count ? kinds[kind] : "token", using: &generator) {
    case .session(let session): return .session(spoilt(session))
    case .turn(var turn):
      (turn.turn, turn.text, turn.tNs) = (number(0...3), text(), number(-5...Int.max))
      turn.answer = answer()
      return .turn(turn)
    case .probe(let probe): return .probe(spoilt(probe))
    case .draft(let draft): return .draft(spoilt(draft))
    case .parameter(var change):
      (change.key, change.old, change.new) = (text(2), text(2), text(2))
      change.policy = settings()
      return .parameter(change)
    case .end(var end):
      (end.turn, end.answer, end.message) = (number(0...3), answer(), pick([nil, text()]))
      end.timings.predictedMs = Double(number(0...9))
      return .end(end)
    case .token(let token): return .token(spoilt(token))
    case .check(var check):
      (check.turn, check.answer, check.line) = (number(0...3), answer(), text())
      return .check(check)
    case .comparison(var comparison):
      (comparison.turn, comparison.marked) = (number(0...3), text())
      return .comparison(comparison)
    case .measure(var measure):
      measure.summary = text(3)
      measure.perplexityFull = pick([0, .nan, 20])
      return .measure(measure)
    case .mark(var mark):
      mark.text = text()
      return .mark(mark)
    case .unknown(let unknown): return .unknown(unknown)
    }
  }

  // MARK: - Pieces

  private mutating func answer() -> Int? { pick([nil, nil, 1]) }

  private mutating func settings() -> DialSettings {
    let exits: [ExitSetting] = [
      .off, .fixed(depth: 12), .confidence(measure: .entropy, points: []),
      .confidence(
        measure: .margin,
        points: [ExitPoint(depth: 3, threshold: -2), ExitPoint(depth: 9, threshold: .infinity)]),
    ]
    return DialSettings(
      pruned: BlockSet(indices: [number(0...40)]), exit: pick(exits),
      mode: pick(ExitMode.allCases), draftLength: number(-1...9),
      draft: pick([.off, .exits, .auto, DraftSetting([.skip, .released], limit: -4)]),
      reach: pick([
        .full, ReachSetting(.lambda, window: 8, sinks: 2), ReachSetting(.sliding, window: -1),
        ReachSetting(.lambda, window: .max, sinks: -7),
      ]),
      budget: pick([
        .whole, BudgetSetting(share: -1e300), BudgetSetting(share: 7, offset: 1e30),
        BudgetSetting(share: 0.3, offset: -2),
      ]))
  }

  private mutating func spoilt(_ session: SessionRecord) -> SessionRecord {
    var session = session
    session.model.nLayer = blockCount
    (session.model.file, session.model.name) = (text(3), text(3))
    (session.ctxSize, session.policy) = (number(0...9000), settings())
    return session
  }

  private mutating func spoilt(_ probe: ProbeRecord) -> ProbeRecord {
    var probe = probe
    (probe.turn, probe.i, probe.lens) = (number(0...3), number(0...20), text(2))
    probe.answer = answer()
    probe.settled = number(-1...210)
    for index in probe.layers.indices {
      probe.layers[index].l = number(0...40)
      (probe.layers[index].token, probe.layers[index].p) = (text(3), .nan)
    }
    return probe
  }

  /// Guesses whose parents may be anywhere, or nowhere.
  private mutating func spoilt(_ draft: DraftRecord) -> DraftRecord {
    var draft = draft
    (draft.turn, draft.round, draft.draftLayers) = (number(0...3), 0, number(-1...40))
    (draft.kDrafted, draft.kAccepted) = (number(0...4), number(0...4))
    draft.answer = answer()
    draft.rest = pick([nil, -1, 0, 8, 400])
    draft.nodes = (0..<number(0...20)).map { _ in
      DraftRecord.Node(
        id: TokenID(number(0...9)), token: text(3), parent: pick([nil, number(-2...25)]),
        source: pick(Catalogue.drafters.map(\.source)), p: pick([nil, 0.5, .nan, -3, 40]),
        accepted: number(0...1) == 0)
    }
    if number(0...3) == 0 { draft.nodes = nil }
    return draft
  }

  private mutating func spoilt(_ token: TokenRecord) -> TokenRecord {
    var token = token
    (token.turn, token.i, token.tNs) = (number(0...3), number(0...20), number(0...9))
    (token.pos, token.token) = (Position(number(0...1_000_000)), text(3))
    token.bytes = (0..<number(0...5)).map { _ in UInt8(number(0...255)) }
    token.answer = answer()
    token.time.beside = pick([nil, number(Int.min...Int.max)])
    token.time.plain = pick([nil, number(Int.min...Int.max)])
    token.logprob = pick([0, -1, .nan, -.infinity, 5])
    (token.entropy, token.margin) = (.infinity, .nan)
    token.topLogprobs = [.nan, 3].map {
      TokenRecord.Alternative(id: TokenID(1), token: text(3), logprob: $0)
    }
    token.depth = DepthLine((0..<number(0...blockCount)).map { _ in pick(DepthLine.Mark.allCases) })
    (token.exit.layers, token.exit.conf) = (number(-1...210), .nan)
    token.spec?.draftLayers = number(-1...210)
    token.spec?.pDraft = .infinity
    (token.kv.used, token.kv.bytes) = (number(0...99_999), number(0...Int.max))
    token.attn?.seen = number(-3...2000)
    token.attn?.forgotten = pick([0, number(0...Int.max)])
    (token.cost.macs, token.cost.macsFull) = (number(0...1000), number(0...1000))
    return token
  }
}
