import Dials
import Events
import Screen
import Techniques
import TestSupport

/// Records that no engine would write: any order, any turn, any text, any numbers.
struct RandomRecords {
  private var generator: SeededGenerator
  private let blocks: Int

  init(seed: UInt64) {
    generator = SeededGenerator(seed: seed)
    blocks = [0, 1, 2, 12, 30, 48, 97, 200].randomElement(using: &generator) ?? 30
  }

  mutating func number(_ range: ClosedRange<Int>) -> Int {
    Int.random(in: range, using: &generator)
  }

  /// Text of every kind: ASCII, wide, joined, combining, bidirectional, control.
  mutating func text(_ limit: Int = 12) -> String {
    let pieces = [
      "a", " ", "word ", "日本", "\n", "\t", "\r\n", "e\u{301}", "👩‍👩‍👧", "🇩🇪", "👍🏽", "❤️", "\u{1b}[2J",
      "\u{7f}", "\u{9b}", "\u{202e}", "\u{200b}", "\u{301}", "क्षि", "ᄒ\u{1161}\u{11ab}", "\u{fffd}",
      "\0", "─",
      "\u{1fae8}", "\u{e0041}", "/help",
    ]
    return (0..<number(0...limit)).map { _ in pieces.randomElement(using: &generator) ?? "" }
      .joined()
  }

  mutating func record() -> Record {
    switch number(0...11) {
    case 0: .session(session())
    case 1:
      .turn(
        TurnRecord(
          turn: number(0...3), role: [.user, .assistant, .system][number(0...2)], text: text(),
          tNs: number(-5...Int.max)))
    case 2: .probe(probe())
    case 3:
      .draft(
        DraftRecord(
          turn: number(0...3), round: 0, kDrafted: number(0...4), kAccepted: number(0...4),
          draftLayers: number(-1...40), tDraftUs: 0, tVerifyUs: 0, nodes: nodes(),
          rest: [nil, -1, 0, 8, 400][number(0...4)]))
    case 4:
      .parameter(
        ParameterRecord(key: text(2), old: text(2), new: text(2), policy: settings(), tNs: 0))
    case 5: .end(end())
    case 6: .unknown(type: "mark")
    default: .token(token())
    }
  }

  mutating func key() -> Key {
    let keys: [Key] = [
      .enter, .newline, .tab, .backspace, .delete, .left, .right, .up, .down, .home, .end, .pageUp,
      .pageDown, .escape, .function(1), .function(2), .function(10), .control("a"), .control("c"),
      .control("k"), .control("r"), .control("u"), .control("w"), .control("y"), .control("l"),
      .alt("b"),
      .alt("f"), .wordLeft, .backtab,
    ]
    if number(0...2) == 0 { return .paste(text()) }
    if number(0...2) == 0 { return .scalar(["/", "h", "é", "日", "\u{301}", " "][number(0...5)]) }
    return keys.randomElement(using: &generator) ?? .enter
  }

  // MARK: - Pieces

  private mutating func settings() -> DialSettings {
    let exits: [ExitSetting] = [
      .off, .fixed(depth: 12), .confidence(measure: .entropy, points: []),
      .confidence(
        measure: .margin,
        points: [ExitPoint(depth: 3, threshold: -2), ExitPoint(depth: 9, threshold: .infinity)]),
    ]
    return DialSettings(
      pruned: BlockSet(indices: [number(0...40)]), exit: exits[number(0...3)],
      mode: number(0...1) == 0 ? .identical : .approximate, draftLength: number(-1...9),
      draft: [.off, .exits, .auto, DraftSetting([.skip, .released], limit: -4)][number(0...3)],
      reach: [
        .full, ReachSetting(.lambda, window: 8, sinks: 2), ReachSetting(.sliding, window: -1),
        ReachSetting(.lambda, window: .max, sinks: -7),
      ][number(0...3)])
  }

  /// Guesses whose parents may be anywhere, or nowhere.
  private mutating func nodes() -> [DraftRecord.Node]? {
    guard number(0...3) > 0 else { return nil }
    return (0..<number(0...20)).map { _ in
      DraftRecord.Node(
        id: TokenID(number(0...9)), token: text(3),
        parent: number(0...2) == 0 ? nil : number(-2...25),
        source: Catalogue.drafters.map(\.source)[number(0...8)],
        p: [nil, 0.5, .nan, -3, 40][number(0...4)],
        accepted: number(0...1) == 0)
    }
  }

  private mutating func session() -> SessionRecord {
    SessionRecord(
      id: "", started: "", tool: .init(name: "", version: ""),
      host: .init(os: "", cpu: "", threads: 0, simd: ""),
      model: .init(
        file: text(3), sha256: nil, name: text(3), arch: "", nLayer: blocks, nEmbd: 0, nHead: 0,
        nHeadKv: 0, nVocab: 0, ctxTrain: 0, fileType: text(2), sizeBytes: 0, nParams: 0),
      macs: .init(block: 0, head: 0, attnPerPos: 0), ctxSize: number(0...9000), sampler: .init(),
      policy: settings())
  }

  private mutating func end() -> EndRecord {
    EndRecord(
      turn: number(0...3), reason: [.stop, .length, .interrupt, .context, .error][number(0...4)],
      message: number(0...1) == 0 ? nil : text(),
      timings: .init(
        cacheN: 0, promptN: 1, promptMs: 0, predictedN: 3, predictedMs: Double(number(0...9)),
        draftN: 0, draftNAccepted: 0), tNs: 0)
  }

  private mutating func probe() -> ProbeRecord {
    let layers = (0..<number(0...5)).map { _ in
      ProbeRecord.Layer(l: number(0...40), id: TokenID(number(0...3)), token: text(3), p: .nan)
    }
    return ProbeRecord(
      turn: number(0...3), i: number(0...20), pos: Position(0), lens: text(2), layers: layers,
      settled: number(-1...210), agree: number(0...1) == 0)
  }

  private mutating func token() -> TokenRecord {
    let marks = (0..<number(0...blocks)).map { _ in
      DepthLine.Mark.allCases.randomElement(using: &generator) ?? .ran
    }
    let status: [TokenRecord.Speculation.Status] = [.accepted, .rejected, .corrected, .bonus]
    let spec = TokenRecord.Speculation(
      round: 0, k: 1, idx: 0, status: status[number(0...3)], draftLayers: number(-1...210),
      pDraft: .infinity)
    return TokenRecord(
      turn: number(0...3), i: number(0...20), pos: Position(number(0...1_000_000)),
      tNs: number(0...9), phase: number(0...3) == 0 ? .draft : .gen,
      id: TokenID(number(0...9)), token: text(3),
      bytes: (0..<number(0...5)).map { _ in UInt8(number(0...255)) }, special: number(0...9) == 0,
      logprob: [0, -1, .nan, -.infinity, 5][number(0...4)], rank: 0, entropy: .infinity,
      margin: .nan, u: nil,
      topLogprobs: [
        .init(id: TokenID(1), token: text(3), logprob: .nan),
        .init(id: TokenID(2), token: text(3), logprob: 3),
      ],
      depth: DepthLine(marks),
      exit: .init(layers: number(-1...210), reason: .threshold, conf: .nan, thr: nil, probes: 1),
      spec: number(0...1) == 0 ? spec : nil,
      kv: .init(used: number(0...99_999), bytes: number(0...Int.max), filled: 0),
      attn: [
        nil, .init(seen: number(-3...2000), forgotten: number(0...Int.max), sink: 0.5),
        .init(seen: 0, forgotten: 0),
      ][number(0...2)],
      time: .init(total: number(0...100), blocks: 0, head: 0, probes: 0, sample: 0, fill: 0),
      cost: .init(macs: number(0...1000), macsFull: number(0...1000), bytesRead: 0))
  }
}
