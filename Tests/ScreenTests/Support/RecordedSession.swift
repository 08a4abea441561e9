import Dials
import Events
import Techniques
import TestSupport

/// A session as an engine records it, made from a seed: a model of 30 blocks answers once with verified
/// drafts and once with early exits that are taken.
///
/// It holds every state that the screen knows: drafts accepted, rejected, corrected and bonus, pruned
/// blocks, exits, probes that agree and that do not, wide characters, halves of characters, control
/// characters, an answer that was stopped.
struct RecordedSession {
  static let blockCount = 30
  static let costs = SessionRecord.Costs(block: 3_538_944, head: 28_311_552, attnPerPos: 1152)

  private(set) var records: [Record] = []
  private var generator: SeededGenerator
  private var policy = DialSettings(exit: .fixed(depth: 12), draftLength: 4)
  private var now = 0
  private var position = 31
  private var token = 0
  private var turn = 0

  /// The session of this seed.
  static func make(seed: UInt64 = 7) -> [Record] {
    var session = RecordedSession(seed: seed)
    session.begin()
    session.say("What is the capital of Australia?")
    session.answer(
      [
        "The", " capital", " of", " Australia", " is", " Canberr", "a", ".", " It", " lies", " in",
        " the", " Australian", " Capital", " Territory", ",", " and", " it", " was", " chosen",
        " as", " a", " compromise", " between", " Sydney", " and", " Melbourne", ".",
      ])
    session.turn(
      to: .approximate,
      .confidence(measure: .top1, points: [10, 20].map { ExitPoint(depth: $0, threshold: 0.8) }))
    session.say("And in 日本語, with an animal 🦘?")
    session.answer(
      [
        "オ", "ースト", "ラリア", "の", "首都", "は", "キャン", "ベラ", "です", "。", " ", "🦘", "\n\n",
        "Not", " Sydney", ",", " not", "\u{1b}[31m", " Melbourne", ".", " A", " cafe\u{301}",
      ], isStopped: true)
    return session.records
  }

  private init(seed: UInt64) { generator = SeededGenerator(seed: seed) }

  private mutating func begin() {
    let model = SessionRecord.Model(
      file: "SmolLM2-135M-Instruct.Q4_1.gguf", sha256: nil, name: "SmolLM2 135M Instruct",
      arch: "llama", nLayer: Self.blockCount, nEmbd: 576, nHead: 9, nHeadKv: 3, nVocab: 49_152,
      ctxTrain: 8192, fileType: "Q4_1", sizeBytes: 98_362_432, nParams: 134_515_008)
    records.append(
      .session(
        SessionRecord(
          id: "0192f0c1-0000-7000-8000-000000000007", started: "2026-11-21T12:00:00Z",
          tool: .init(name: "fathom", version: "0.1.0"),
          host: .init(os: "linux", cpu: "a processor", threads: 2, simd: "avx2"), model: model,
          macs: Self.costs, ctxSize: 8192, sampler: .init(), policy: policy)))
  }

  private mutating func say(_ text: String) {
    now += 3_000_000_000
    records.append(.turn(TurnRecord(turn: turn, role: .user, text: text, tNs: now)))
    turn += 1
  }

  /// Changes mode, exits and pruned blocks, each with its record.
  private mutating func turn(to mode: ExitMode, _ exit: ExitSetting) {
    let old = policy
    policy.exit = exit
    change("exit-policy", "fixed 12", "top1 .8 at 10,20")
    policy.mode = mode
    change("mode", old.mode.rawValue, mode.rawValue)
    policy.pruned = BlockSet(indices: [24, 25])
    change("prune", old.pruned.description, policy.pruned.description)
  }

  private mutating func change(_ key: String, _ old: String, _ new: String) {
    now += 100_000_000
    records.append(
      .parameter(ParameterRecord(key: key, old: old, new: new, policy: policy, tNs: now)))
  }

  private mutating func answer(_ pieces: [String], isStopped: Bool = false) {
    let asked = now
    now += 110_000_000
    records.append(
      .turn(
        TurnRecord(
          turn: turn, role: .assistant, text: "", nPrompt: position, nCached: 0, tNs: asked)))
    token = 0
    let first = records.count
    if policy.mode == .identical { speculate(pieces) } else { leaveEarly(pieces) }
    let tokens = records[first...].compactMap {
      if case .token(let token) = $0 { token } else { nil }
    }
    end(tokens, isStopped: isStopped, prompt: now - asked)
    let committed = tokens.filter { $0.phase == .gen }
    if policy.contract == .approximate { check(committed) }
    for record in committed { probe(record) }
    turn += 1
  }

  // MARK: - The two modes

  private mutating func speculate(_ pieces: [String]) {
    var rest = pieces[...]
    var round = 0
    while !rest.isEmpty {
      let drafted = min(4, rest.count)
      let accepted = Int.random(in: 0...drafted, using: &generator)
      for index in 0..<accepted {
        commit(
          rest.removeFirst(),
          .init(
            round: round, k: drafted, idx: index, status: .accepted, draftLayers: 12,
            pDraft: random(0.4...1)))
      }
      if accepted < drafted {
        commit(
          " wrong",
          .init(
            round: round, k: drafted, idx: accepted, status: .rejected, draftLayers: 12,
            pDraft: random(0.2...0.7)), phase: .draft)
        commit(
          rest.removeFirst(), .init(round: round, k: drafted, idx: accepted, status: .corrected))
      } else if !rest.isEmpty {
        commit(rest.removeFirst(), .init(round: round, k: drafted, idx: accepted, status: .bonus))
      }
      records.append(
        .draft(
          DraftRecord(
            turn: turn, round: round, kDrafted: drafted, kAccepted: accepted, draftLayers: 12,
            tDraftUs: 4200, tVerifyUs: 7900)))
      round += 1
    }
    commit("<|im_end|>", nil, isSpecial: true)
  }

  private mutating func leaveEarly(_ pieces: [String]) {
    for piece in pieces {
      // A character of four bytes comes in two halves, as byte-level vocabularies give it.
      let bytes = Array(piece.utf8)
      if piece == "🦘" {
        commit("\u{fffd}", nil, bytes: Array(bytes[..<2]))
        commit("\u{fffd}", nil, bytes: Array(bytes[2...]))
      } else {
        commit(piece, nil)
      }
    }
  }

  // MARK: - Records

  /// The whole model takes other tokens in every fifth place.
  private mutating func check(_ tokens: [TokenRecord]) {
    let others = tokens.filter { $0.i % 5 == 3 }
    records.append(
      .check(
        CheckRecord(
          turn: turn, answer: nil,
          line: String(
            tokens.map { $0.i % 5 == 3 ? CheckRecord.other : CheckRecord.same }),
          others: others.map { .init(i: $0.i, id: TokenID(260), token: " the") }, tUs: 4200)))
  }

  private mutating func commit(
    _ text: String, _ spec: TokenRecord.Speculation?, phase: TokenRecord.Phase = .gen,
    isSpecial: Bool = false, bytes: [UInt8]? = nil
  ) {
    now += Int.random(in: 9_000_000...21_000_000, using: &generator)
    let probability = random(0.25...1)
    let exit = exit(phase: phase)
    let depth = line(exit, phase: phase)
    let id = TokenID(Int.random(in: 100..<49_000, using: &generator))
    let ran = depth.executedCount
    let dense = 30 * (Self.costs.block + Self.costs.attnPerPos * position) + Self.costs.head
    let alternatives = [
      (id, text, probability),
      (TokenID(260), " the", min(0.9 * probability, (1 - probability) * 0.6)),
      (TokenID(284), " and", min(0.4 * probability, (1 - probability) * 0.2)),
    ]
    records.append(
      .token(
        TokenRecord(
          turn: turn, i: token, pos: Position(position), tNs: now, phase: phase, id: id,
          token: text,
          bytes: bytes ?? Array(text.utf8), special: isSpecial, logprob: ln(probability), rank: 0,
          entropy: random(0.1...2.5), margin: probability * 0.8, u: nil,
          topLogprobs: alternatives.map { .init(id: $0.0, token: $0.1, logprob: ln($0.2)) },
          depth: depth, exit: exit, spec: spec,
          kv: .init(used: position + 1, bytes: (position + 1) * 23_040, filled: 30 - ran),
          time: .init(
            total: 9000 + ran * 300, blocks: ran * 300, head: 4100, probes: 900, sample: 200,
            fill: 400),
          cost: .init(
            macs: dense - (30 - ran) * Self.costs.block, macsFull: dense, bytesRead: 60_000_000))))
    if phase == .gen {
      token += 1
      position += 1
    }
  }

  private mutating func exit(phase: TokenRecord.Phase) -> TokenRecord.Exit {
    if phase == .draft { return .init(layers: 12, reason: .fixed) }
    if policy.mode == .identical { return .init(layers: 30, reason: .full) }
    switch Int.random(in: 0..<10, using: &generator) {
    case 0..<4: return .init(layers: 10, reason: .threshold, conf: random(0.8...1), thr: 0.8)
    case 4..<7:
      return .init(layers: 20, reason: .threshold, conf: random(0.8...1), thr: 0.8, probes: 1)
    default: return .init(layers: 28, reason: .full, conf: random(0.2...0.8), thr: 0.8, probes: 2)
    }
  }

  private func line(_ exit: TokenRecord.Exit, phase: TokenRecord.Phase) -> DepthLine {
    let isEarly = exit.reason != .full
    return DepthLine(
      (0..<Self.blockCount).map { block in
        if policy.pruned.contains(BlockIndex(block)) { return .pruned }
        if isEarly && block == exit.layers - 1 { return .exited }
        return isEarly && block >= exit.layers ? .notRun : .ran
      })
  }

  private mutating func end(_ tokens: [TokenRecord], isStopped: Bool, prompt: Int) {
    let committed = tokens.filter { $0.phase == .gen }
    let drafts = tokens.filter { $0.spec?.draftLayers != nil }
    let time = tokens.reduce(0) { $0 + $1.time.total }
    records.append(
      .end(
        EndRecord(
          turn: turn, reason: isStopped ? .interrupt : .stop,
          timings: .init(
            cacheN: 0, promptN: 31, promptMs: 110.7, predictedN: committed.count,
            predictedMs: Double(time) / 1000, draftN: drafts.count,
            draftNAccepted: drafts.count(where: { $0.spec?.status == .accepted })), tNs: now)))
  }

  private mutating func probe(_ record: TokenRecord) {
    guard Int.random(in: 0..<8, using: &generator) > 0 else { return }
    let deepest = record.exit.layers
    // A pruned block decides nothing: what settled in one settled before it.
    let chosen = Int.random(in: max(1, deepest - 12)...deepest, using: &generator)
    let settled = policy.pruned.contains(BlockIndex(chosen - 1)) ? 24 : chosen
    let layers = (1...deepest).map { depth in
      let text = depth >= settled ? record.token : [" the", " of", "ing"][depth / 5 % 3]
      let id = depth >= settled ? record.id : TokenID(200 + depth / 5 % 3)
      return ProbeRecord.Layer(l: depth, id: id, token: text, p: Float(depth) / 40 + 0.1)
    }
    records.append(
      .probe(
        ProbeRecord(
          turn: record.turn, i: record.i, pos: record.pos, lens: "raw", layers: layers,
          settled: settled, agree: deepest >= 28 || Int.random(in: 0..<4, using: &generator) > 0)))
  }

  private mutating func random(_ range: ClosedRange<Float>) -> Float {
    // Two digits, so that a record survives any printing of it.
    (Float.random(in: range, using: &generator) * 100).rounded() / 100
  }

  private func ln(_ probability: Float) -> Float { Logarithm.natural(of: probability) }
}
