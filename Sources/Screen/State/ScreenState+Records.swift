import Events

extension ScreenState {
  /// Takes in one record.
  mutating func apply(_ record: Record) {
    switch record {
    case .session(let session): begin(session)
    case .turn(let turn): begin(turn)
    case .token(let token): add(token)
    case .draft(let round): add(round)
    case .probe(let probe): add(probe)
    case .parameter(let change): apply(change)
    case .end(let end): apply(end)
    case .unknown: break
    }
    tally?.add(record)
  }

  /// Forgets the conversation; the session and what a person is writing stay.
  mutating func clearConversation() {
    passages = []
    tokens = []
    firstToken = 0
    rounds = []
    tally = nil
    agreement = Agreement()
    contextUsed = 0
    isAnswering = false
    scrollTop = nil
    overlay = nil
  }

  private mutating func begin(_ session: SessionRecord) {
    // What was said before the first session, about terminal or theme, still holds.
    let notices = self.session == nil ? passages : []
    clearConversation()
    passages = notices
    self.session = session
    policy = session.policy
    preset = .off
    epoch = 0
  }

  private mutating func begin(_ turn: TurnRecord) {
    switch turn.role {
    case .system: passages.append(Passage(.system, turn: turn.turn, turn.text))
    case .user: passages.append(Passage(.user, turn: turn.turn, turn.text))
    case .assistant:
      passages.append(Passage(.model, turn: turn.turn, turn.text))
      tally = AnswerTally(turn: turn.turn)
      isAnswering = turn.text.isEmpty
    }
  }

  private mutating func add(_ token: TokenRecord) {
    progress = nil
    tokens.append(TokenEntry(record: token, epoch: epoch))
    if tokens.count > Self.tokenLimit {
      let surplus = Self.tokenLimit / 4
      tokens.removeFirst(surplus)
      firstToken += surplus
    }
    contextUsed = token.kv.used
    guard token.phase == .gen, !token.special else { return }
    if let index = passage(of: token.turn) { passages[index].append(token.bytes) }
  }

  private mutating func add(_ round: DraftRecord) {
    rounds.append(round)
    if rounds.count > Self.roundLimit { rounds.removeFirst(Self.roundLimit / 4) }
  }

  private mutating func add(_ probe: ProbeRecord) {
    let index = tokens.lastIndex {
      $0.record.turn == probe.turn && $0.record.i == probe.i && $0.record.phase == .gen
    }
    guard let index, tokens[index].probe == nil else { return }
    tokens[index].probe = probe
    guard tokens[index].epoch == epoch else { return }
    agreement.checked += 1
    if probe.agree { agreement.agreed += 1 }
  }

  private mutating func apply(_ change: ParameterRecord) {
    passages.append(
      Passage(.notice(.information), "\(change.key): \(change.old) → \(change.new)"))
    var changesModel = false
    switch change.change {
    case .parameter(let parameter): _ = session?.sampler.set(parameter, to: change.new)
    case .preset(let state): preset = state
    case .adapter(let adapter):
      session?.adapter = adapter
      changesModel = true
    case .other: break
    }
    guard changesModel || change.policy ?? policy != policy else { return }
    policy = change.policy ?? policy
    epoch += 1
    agreement = Agreement()
  }

  private mutating func apply(_ end: EndRecord) {
    isAnswering = false
    hint = nil
    progress = nil
    if let index = passage(of: end.turn) { passages[index].finish() }
    switch end.reason {
    case .stop: break
    case .length: say(Notice(.information, "The limit on new tokens is reached (num_predict)."))
    case .interrupt: say(Notice(.information, "Stopped."))
    case .context:
      say(Notice(.warning, end.message ?? EndRecord.fullContext))
    case .error: say(Notice(.error, end.message ?? "The answer failed."))
    }
  }

  private func passage(of turn: Int) -> Int? {
    passages.lastIndex { $0.turn == turn && $0.speaker == .model }
  }
}
