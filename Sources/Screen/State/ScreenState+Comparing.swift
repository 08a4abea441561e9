import Events

extension ScreenState {
  /// Has the last message answered again, beside the answer that is there; ends that where it is shown.
  mutating func toggleComparison() -> [Action] {
    if case .comparison = overlay {
      overlay = nil
      return []
    }
    guard case .chat = stage, !refusesWhileAnswering() else { return [] }
    guard let tally, tally.end != nil else {
      hint = "no answer yet that could be compared"
      return []
    }
    compare(with: tally)
    return [.command(.compare)]
  }

  /// Lays the answer that adds up to `tally` beside the next one.
  mutating func compare(with tally: AnswerTally) {
    comparison = Comparison(tally, tokens: answerTokens(of: tally))
    overlay = .comparison
  }

  /// What another threshold would have made of the newest answer, or the conversation again.
  mutating func toggleWhatIf() {
    if case .whatIf = overlay {
      overlay = nil
      return
    }
    guard let tally, tally.end != nil else {
      hint = "no answer yet to ask about"
      return
    }
    if let whatIf = WhatIf(tally, answerTokens(of: tally)) {
      overlay = .whatIf(whatIf)
    } else {
      hint = WhatIf.nothingToAsk
    }
  }

  /// What a key means beside a comparison; nil where it means what it means everywhere.
  mutating func pressInComparison(_ key: Key) -> [Action]? {
    switch key {
    case .escape, .function(5): overlay = nil
    case .pageUp: comparison?.scroll(-5)
    case .pageDown: comparison?.scroll(5)
    default: return nil
    }
    return []
  }

  /// What a key means where thresholds are slid; nil where it means what it means everywhere.
  mutating func press(_ key: Key, in whatIf: WhatIf) -> [Action]? {
    var whatIf = whatIf
    switch key {
    case .up, .left, .scalar("k"), .scalar("h"): whatIf.move(-1)
    case .down, .right, .scalar("j"), .scalar("l"): whatIf.move(1)
    case .home: whatIf.move(-whatIf.rows.count)
    case .end: whatIf.move(whatIf.rows.count)
    case .enter: return tryOut(whatIf)
    case .escape, .function(6), .control("c"), .scalar("q"):
      overlay = nil
      return []
    case .function, .control: return nil
    default: hint = "Up and Down slide, Enter answers again so, Esc leaves"
    }
    overlay = .whatIf(whatIf)
    return []
  }

  /// Answers again under the setting that a person looks at, beside the answer that is there.
  private mutating func tryOut(_ whatIf: WhatIf) -> [Action] {
    guard case .chat = stage else {
      hint = "a recording has no model to try it with"
      return []
    }
    guard let tally, let row = whatIf.selected, !refusesWhileAnswering() else { return [] }
    compare(with: tally)
    return [.command(.exitPolicy("\(row.setting)")), .command(.compare)]
  }

  /// The tokens of the text of an answer, as far as they are kept.
  private func answerTokens(of tally: AnswerTally) -> [TokenRecord] {
    shelf.entries.lazy.map(\.record).filter {
      $0.phase == .gen && $0.turn == tally.turn && $0.answer == tally.answer
    }
  }
}

extension Comparison {
  /// Moves by so many lines.
  mutating func scroll(_ step: Int) { top = max(0, top + step) }
}
