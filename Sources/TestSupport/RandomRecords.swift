import Dials
package import Events
import Techniques

extension Record {
  /// The names of all kinds of record that this version writes.
  package static let kinds = [
    "session", "turn", "token", "draft", "probe", "param", "end", "check", "compare", "measure",
    "mark",
  ]

  /// A record of a kind with every field drawn at random, optional ones there or not.
  package static func random(
    kind: String, using generator: inout some RandomNumberGenerator
  ) -> Record {
    switch kind {
    case "session": .session(.random(using: &generator))
    case "turn": .turn(.random(using: &generator))
    case "token": .token(.random(using: &generator))
    case "draft": .draft(.random(using: &generator))
    case "probe": .probe(.random(using: &generator))
    case "param": .parameter(.random(using: &generator))
    case "end": .end(.random(using: &generator))
    case "check": .check(.random(using: &generator))
    case "compare": .comparison(.random(using: &generator))
    case "measure": .measure(.random(using: &generator))
    default: .mark(.random(using: &generator))
    }
  }

  /// A conversation: the session's record and `turnCount` questions with their answers.
  package static func conversation(
    id: String, turnCount: Int, using generator: inout some RandomNumberGenerator
  ) -> [Record] {
    var session = SessionRecord.random(using: &generator)
    session.id = id
    var records: [Record] = [.session(session)]
    for turn in 0..<turnCount {
      records.append(
        .turn(TurnRecord(turn: turn * 2, role: .user, text: "question \(turn)", tNs: turn)))
      records.append(.turn(TurnRecord(turn: turn * 2 + 1, role: .assistant, text: "", tNs: turn)))
      for _ in 0..<3 {
        var token = TokenRecord.random(using: &generator)
        token.phase = .gen
        records.append(.token(token))
      }
      records.append(.end(.random(using: &generator)))
    }
    return records
  }
}

/// Random fields: short names, because every record below is made of them.
private struct Draw<Generator: RandomNumberGenerator> {
  var generator: Generator

  mutating func int(_ range: ClosedRange<Int> = 0...100_000) -> Int {
    .random(in: range, using: &generator)
  }
  mutating func float(_ range: ClosedRange<Float> = 0...1) -> Float {
    .random(in: range, using: &generator)
  }
  mutating func flag() -> Bool { .random(using: &generator) }
  mutating func pick<Value>(_ values: [Value]) -> Value { values[int(0...values.count - 1)] }
  mutating func text() -> String {
    let pieces = ["word", " ", "\n", "\"", "\\", "é", "漢", "🇨🇭", "\u{1B}[31m", "\u{0}", "/", ""]
    return (0..<int(0...6)).map { _ in pick(pieces) }.joined()
  }
  mutating func maybe<Value>(_ make: (inout Draw) -> Value) -> Value? {
    flag() ? make(&self) : nil
  }
  mutating func list<Value>(_ make: (inout Draw) -> Value) -> [Value] {
    (0..<int(0...3)).map { _ in make(&self) }
  }
  mutating func token() -> TokenID { TokenID(int(0...49_151)) }

  mutating func readout() -> Readout {
    Readout(
      depth: int(1...30), token: token(), probability: float(), margin: float(),
      entropy: float(0...10), shortlist: maybe { $0.int() }, needed: maybe { $0.float() })
  }

  mutating func settings() -> DialSettings {
    let exit: ExitSetting =
      switch int(0...2) {
      case 0: .off
      case 1: .fixed(depth: int(1...29))
      default:
        .confidence(
          measure: pick(ConfidenceMeasure.allCases),
          points: list {
            ExitPoint(
              depth: $0.int(1...29), threshold: $0.float(), gate: $0.maybe { $0.float() })
          })
      }
    return DialSettings(
      pruned: BlockSet(indices: list { $0.int(0...29) }), exit: exit,
      mode: pick(ExitMode.allCases), draftLength: int(1...64),
      draft: DraftSetting(
        flag() ? DraftSetting.auto.sources : list { $0.pick(Catalogue.drafters.map(\.source)) },
        limit: maybe { $0.int(DraftSetting.limits) }, isTimed: flag()),
      reach: reach(),
      budget: flag()
        ? .whole : BudgetSetting(share: Double(int(0...999)) / 1000, offset: maybe { $0.float() }))
  }

  mutating func sampler() -> SessionRecord.Sampler {
    SessionRecord.Sampler(
      temperature: float(0...2), topK: int(), topP: float(), minP: float(),
      repeatPenalty: float(1...2), repeatLastN: int(), seed: generator.next())
  }

  mutating func adapter() -> SessionRecord.Adapter {
    SessionRecord.Adapter(
      name: text(), exits: list { $0.int(1...29) }, isBuiltIn: flag(), changesModel: flag())
  }

  mutating func made() -> AnswerSettings {
    AnswerSettings(
      policy: settings(), sampler: sampler(),
      preset: PresetState(
        pick(Preset.allCases), objections: list { $0.pick(["another sampler", "pruned blocks"]) }),
      adapter: maybe { $0.adapter() })
  }

  mutating func reach() -> ReachSetting {
    ReachSetting(
      pick(ReachSetting.Technique.allCases), window: int(64...8192), sinks: int(0...64),
      distance: pick(ReachSetting.Distance.allCases), lookups: int(0...9), memory: int(0...999))
  }
}

extension RandomNumberGenerator {
  /// Makes a value from random fields and moves this generator on.
  fileprivate mutating func draw<Value>(_ make: (inout Draw<Self>) -> Value) -> Value {
    var draw = Draw(generator: self)
    defer { self = draw.generator }
    return make(&draw)
  }
}

extension SessionRecord {
  /// A session with random fields.
  package static func random(using generator: inout some RandomNumberGenerator) -> SessionRecord {
    generator.draw { draw in
      SessionRecord(
        id: draw.text(), started: "2026-01-02T03:04:05Z",
        tool: Tool(name: "fathom", version: draw.text(), commit: draw.maybe { $0.text() }),
        host: Host(
          os: draw.pick(["linux", "macos"]), cpu: draw.text(), threads: draw.int(),
          simd: draw.text()),
        model: Model(
          file: draw.text(), sha256: draw.maybe { _ in String(repeating: "0f", count: 32) },
          name: draw.text(), arch: "llama", nLayer: draw.int(0...128), nEmbd: draw.int(),
          nHead: draw.int(), nHeadKv: draw.int(), nVocab: draw.int(), ctxTrain: draw.int(),
          fileType: draw.text(), sizeBytes: draw.int(), nParams: draw.int()),
        adapter: draw.maybe { $0.adapter() },
        macs: Costs(block: draw.int(), head: draw.int(), attnPerPos: draw.int()),
        load: draw.maybe { draw in
          Load(
            openMs: Double(draw.float(0...9)), tokenizerMs: Double(draw.float(0...99)),
            repackMs: Double(draw.float(0...999)))
        },
        ctxSize: draw.int(),
        sampler: draw.sampler(),
        policy: draw.settings())
    }
  }
}

extension TurnRecord {
  /// A message with random fields.
  package static func random(using generator: inout some RandomNumberGenerator) -> TurnRecord {
    generator.draw { draw in
      TurnRecord(
        turn: draw.int(), role: draw.pick([.system, .user, .assistant]), text: draw.text(),
        nPrompt: draw.int(), nCached: draw.int(), answer: draw.maybe { $0.int() },
        made: draw.maybe { $0.made() }, opensThought: draw.maybe { $0.pick([true, false]) },
        tNs: draw.int(0...1 << 62))
    }
  }
}

extension TokenRecord {
  /// A token with random fields.
  package static func random(using generator: inout some RandomNumberGenerator) -> TokenRecord {
    generator.draw { draw in
      let exit = Exit(
        layers: draw.int(1...30),
        reason: draw.pick([.full, .threshold, .fixed]),
        conf: draw.maybe { $0.float() }, thr: draw.maybe { $0.float() }, probes: draw.int(0...3),
        readouts: draw.list { $0.readout() },
        gates: draw.maybe { draw in
          draw.list {
            GateReading(
              depth: $0.int(1...29), value: $0.float(), least: $0.maybe { $0.float() })
          }
        },
        scores: draw.maybe { draw in draw.list { $0.float(-9...3) } })
      let speculation = draw.maybe { draw in
        Speculation(
          round: draw.int(), k: draw.int(0...16), idx: draw.int(0...16),
          status: draw.pick([.accepted, .rejected, .corrected, .bonus]),
          draftLayers: draw.maybe { $0.int(1...30) }, pDraft: draw.maybe { $0.float() },
          source: draw.maybe { $0.pick(Catalogue.drafters.map(\.source)) })
      }
      return TokenRecord(
        turn: draw.int(), answer: draw.maybe { $0.int() }, i: draw.int(),
        pos: Position(draw.int()), tNs: draw.int(0...1 << 62),
        phase: draw.pick([.gen, .draft]), id: draw.token(), token: draw.text(),
        bytes: draw.list { UInt8($0.int(0...255)) }, special: draw.flag(),
        logprob: draw.float(-20...0), rank: draw.int(), entropy: draw.float(0...10),
        margin: draw.float(), u: draw.maybe { $0.float() },
        topLogprobs: draw.list {
          Alternative(id: $0.token(), token: $0.text(), logprob: $0.float(-20...0))
        },
        depth: DepthLine((0..<30).map { _ in draw.pick(DepthLine.Mark.allCases) }), exit: exit,
        spec: speculation, kv: Cache(used: draw.int(), bytes: draw.int(), filled: draw.int()),
        attn: draw.maybe { draw in
          Attention(
            seen: draw.int(), forgotten: draw.int(), sink: draw.maybe { $0.float() })
        },
        time: Time(
          total: draw.int(), blocks: draw.int(), head: draw.int(), probes: draw.int(),
          sample: draw.int(), fill: draw.int(), plain: draw.maybe { $0.int() },
          beside: draw.maybe { $0.int() }),
        cost: Cost(
          macs: draw.int(), macsFull: draw.int(), bytesRead: draw.int(),
          bytes: draw.maybe { draw in
            Bytes(
              blocks: draw.int(), head: draw.int(), probes: draw.int(), fill: draw.int(),
              full: draw.int())
          }))
    }
  }
}

extension DraftRecord {
  /// A round with random fields.
  package static func random(using generator: inout some RandomNumberGenerator) -> DraftRecord {
    generator.draw { draw in
      DraftRecord(
        turn: draw.int(), answer: draw.maybe { $0.int() }, round: draw.int(), kDrafted: draw.int(),
        kAccepted: draw.int(), draftLayers: draw.int(1...30), tDraftUs: draw.int(),
        tVerifyUs: draw.int(),
        nodes: draw.maybe { draw in
          (0..<draw.int(0...3)).map { index in
            Node(
              id: draw.token(), token: draw.text(),
              parent: index == 0 ? nil : draw.maybe { $0.int(0...index - 1) },
              source: draw.pick(Catalogue.drafters.map(\.source)), p: draw.maybe { $0.float() },
              accepted: draw.flag())
          }
        }, rest: draw.maybe { $0.int(1...128) })
    }
  }
}

extension ProbeRecord {
  /// A closer look with random fields.
  package static func random(using generator: inout some RandomNumberGenerator) -> ProbeRecord {
    generator.draw { draw in
      ProbeRecord(
        turn: draw.int(), answer: draw.maybe { $0.int() }, i: draw.int(),
        pos: Position(draw.int()), lens: "raw",
        layers: draw.list {
          Layer(l: $0.int(1...30), id: $0.token(), token: $0.text(), p: $0.float())
        }, settled: draw.int(1...30), agree: draw.flag())
    }
  }
}

extension ParameterRecord {
  /// A change with random fields.
  package static func random(using generator: inout some RandomNumberGenerator) -> ParameterRecord {
    generator.draw { draw in
      ParameterRecord(
        key: draw.text(), old: draw.text(), new: draw.text(), policy: draw.maybe { $0.settings() },
        adapter: draw.maybe { $0.adapter() }, tNs: draw.int(0...1 << 62))
    }
  }
}

extension EndRecord {
  /// The end of an answer with random fields.
  package static func random(using generator: inout some RandomNumberGenerator) -> EndRecord {
    generator.draw { draw in
      EndRecord(
        turn: draw.int(), answer: draw.maybe { $0.int() },
        reason: draw.pick([.stop, .length, .interrupt, .context, .circle, .error]),
        message: draw.maybe { $0.text() },
        timings: Timings(
          cacheN: draw.int(), promptN: draw.int(), promptMs: Double(draw.float(0...9000)),
          predictedN: draw.int(), predictedMs: Double(draw.float(0...9000)), draftN: draw.int(),
          draftNAccepted: draw.int()),
        fill: draw.maybe { Fill(macs: $0.int(), bytesRead: $0.int()) },
        repro: draw.maybe { $0.text() }, tNs: draw.int(0...1 << 62))
    }
  }
}

extension CheckRecord {
  /// A check with random fields.
  package static func random(using generator: inout some RandomNumberGenerator) -> CheckRecord {
    generator.draw { draw in
      CheckRecord(
        turn: draw.int(), answer: draw.maybe { $0.int() },
        line: String(draw.list { $0.flag() ? CheckRecord.same : CheckRecord.other }),
        others: draw.list { Other(i: $0.int(), id: $0.token(), token: $0.text()) }, tUs: draw.int())
    }
  }
}

extension ComparisonRecord {
  /// A comparison with random fields.
  package static func random(
    using generator: inout some RandomNumberGenerator
  ) -> ComparisonRecord {
    generator.draw { draw in
      ComparisonRecord(
        turn: draw.int(), answer: draw.maybe { $0.int() }, with: draw.maybe { $0.int() },
        wordsShared: draw.int(), words: draw.int(), marked: draw.text(), tNs: draw.int())
    }
  }
}

extension MeasureRecord {
  /// A measurement with random fields.
  package static func random(using generator: inout some RandomNumberGenerator) -> MeasureRecord {
    generator.draw { draw in
      MeasureRecord(
        policy: draw.settings(), summary: draw.text(), tokens: draw.int(),
        perplexityFull: Double(draw.float(1...99)), perplexity: Double(draw.float(1...99)),
        divergence: Double(draw.float()), sameTop: Double(draw.float()),
        note: draw.maybe { $0.text() }, tNs: draw.int())
    }
  }
}

extension MarkRecord {
  /// A mark with random fields.
  package static func random(using generator: inout some RandomNumberGenerator) -> MarkRecord {
    generator.draw { draw in MarkRecord(turn: draw.int(), text: draw.text(), tNs: draw.int()) }
  }
}

extension TokenRecord.Exit.Reason {
  /// Its confidence was above the threshold.
  package static let threshold = Self(rawValue: ConfidenceExit.reason)
  /// The exit is fixed.
  package static let fixed = Self(rawValue: FixedExit.reason)
}
