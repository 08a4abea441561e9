package import Events
import Reports

extension ScreenState {
  /// Takes in one record.
  mutating func apply(_ record: Record) {
    switch record {
    case .session(let session): begin(session)
    case .turn(let turn): begin(turn)
    case .token(let token): add(token)
    case .draft(let round): shelf.add(round)
    case .probe(let probe): shelf.add(probe)
    case .check(let check): shelf.add(check)
    case .comparison(let comparison): say(comparison.notice)
    case .measure(let measure): say(measure.notice)
    case .mark(let mark): say(Notice(.information, mark.line))
    case .parameter(let change): apply(change)
    case .end(let end): apply(end)
    case .unknown: break
    }
    tally?.add(record)
    let made = shown
    comparison?.take(record, settings: made)
    if let seam = Seam(tally, behind: record) { passages.note(seam) }
  }

  /// Forgets the conversation; the session and what a person is writing stay.
  mutating func clearConversation() {
    passages = []
    shelf = TokenShelf()
    (tally, comparison) = (nil, nil)
    contextUsed = 0
    forgotten = NumberSet([])
    isAnswering = false
    thoughts.clear()
    scrollTop = nil
    overlay = nil
    fit()
  }

  private mutating func begin(_ session: SessionRecord) {
    // What was said before the first session, about terminal or theme, still holds.
    let notices = self.session == nil ? passages : []
    clearConversation()
    passages = notices
    self.session = session
    force = SettingsInForce(session)
  }

  private mutating func begin(_ turn: TurnRecord) {
    switch turn.role {
    case .system: append(Passage(.system, turn: turn.turn, turn.text))
    case .user: append(Passage(.user, turn: turn.turn, turn.text))
    case .assistant:
      thoughts.begin()
      if !turn.text.isEmpty { takeBack(turn.turn) }
      append(Passage(.model, turn: turn.turn, ""))
      grow(.turn(turn), turn: turn.turn)
      tally = AnswerTally(turn, settings: force?.settings(of: turn) ?? shown)
      isAnswering = true
    }
  }

  /// Takes an answer that goes on off the screen, with what was said of its end: it comes again as one
  /// passage.
  private mutating func takeBack(_ turn: Int) {
    thoughts.takeBack(turn, from: &passages)
    guard let index = passages.answer(to: turn) else { return }
    passages.remove(at: index)
    guard tally?.turn == turn, let notice = tally?.end?.notice(in: stage) else { return }
    let said = passages.lastIndex {
      $0.speaker == .notice(notice.kind) && $0.text == notice.text
    }
    if let said { passages.remove(at: said) }
  }

  private mutating func add(_ token: TokenRecord) {
    progress = nil
    let (first, number) = (shelf.first, shelf.add(token, settings: shown))
    if shelf.first > first {
      for index in passages.indices { passages[index].forgetTokens(before: shelf.first) }
    }
    // The panel comes with the first word.
    if number == 0 { fit() }
    contextUsed = token.kv.used
    guard token.phase == .gen, !token.special else { return }
    grow(.token(token), turn: token.turn, token: number)
  }

  private mutating func apply(_ change: ParameterRecord) {
    force?.apply(change)
    if let session = change.session {
      // What is known of blocks is known of one model's.
      if session.model != self.session?.model { blockFacts = nil }
      self.session = session
    }
    guard change.session == nil else { return }
    if TurnNews.take(change, into: &self) { return }
    append(
      Passage(
        .notice(.information),
        "\(change.key): \(change.old) → \(change.new)"
          + (tally == nil || !change.isForNextAnswer ? "" : ", from the next answer on")))
    if case .thinking = change.change { showThoughts() }
  }

  private mutating func apply(_ end: EndRecord) {
    isAnswering = false
    hint = nil
    progress = nil
    grow(.end(end), turn: end.turn)
    if let notice = end.notice(in: stage) { say(notice) }
  }
}

extension ComparisonRecord {
  /// What a person reads.
  package var notice: Notice {
    Notice(
      .information,
      wordsShared == words && !marked.contains("[-")
        ? "The answers are the same, word for word."
        : "Against the answer before ([-gone-] {+new+}): \(marked)")
  }
}

extension MeasureRecord {
  /// What a person reads.
  package var notice: Notice {
    let change = perplexity / perplexityFull - 1
    return Notice(
      .information,
      "\(summary): perplexity \(Numbers.fixed(perplexityFull, 2)) → "
        + "\(Numbers.fixed(perplexity, 2)) (\(change < 0 ? "" : "+")\(Numbers.percent(change, 1))) on "
        + "\(tokens) held-out tokens, mean KL \(Numbers.fixed(divergence, 3)) nats, the same first "
        + "choice for \(Numbers.percent(sameTop, 1))" + (note.map { " (\($0))." } ?? "."))
  }
}
