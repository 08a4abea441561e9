import Events

/// What keys do where answers are compared and thresholds slid.
enum Comparing {
  /// Has the last message answered again, beside the answer that is there; ends that where it is shown.
  static func toggle(in state: inout ScreenState) -> [Action] {
    if case .comparison = state.overlay {
      state.overlay = nil
      return []
    }
    guard case .chat = state.stage, !state.refusesWhileAnswering() else { return [] }
    guard begin(in: &state) else {
      state.hint = "no answer yet that could be compared"
      return []
    }
    return [.command(.compare)]
  }

  /// Lays the last answer beside the next one; false where there is none.
  @discardableResult
  static func begin(in state: inout ScreenState) -> Bool {
    guard let tally = state.tally, tally.end != nil else { return false }
    state.comparison = Comparison(tally, tokens: tokens(of: tally, in: state))
    state.overlay = .comparison
    return true
  }

  /// What another threshold would have made of the newest answer, or the conversation again.
  static func toggleWhatIf(in state: inout ScreenState) {
    if case .whatIf = state.overlay {
      state.overlay = nil
    } else if let tally = state.tally, tally.end != nil {
      if let whatIf = WhatIf(tally, tokens(of: tally, in: state)) {
        state.overlay = .whatIf(whatIf)
      } else {
        state.hint = WhatIf.nothingToAsk
      }
    } else {
      state.hint = "no answer yet to ask about"
    }
  }

  /// What a key means in a comparison or where thresholds are slid; nil where it means what it means
  /// everywhere.
  static func press(_ key: Key, in state: inout ScreenState) -> [Action]? {
    switch state.overlay {
    case .comparison: pressInComparison(key, in: &state)
    case .whatIf(let whatIf): press(key, whatIf, in: &state)
    default: nil
    }
  }

  private static func pressInComparison(_ key: Key, in state: inout ScreenState) -> [Action]? {
    switch key {
    case .escape, .function(5): state.overlay = nil
    case .pageUp: state.comparison?.scroll(-5)
    case .pageDown: state.comparison?.scroll(5)
    default: return nil
    }
    return []
  }

  private static func press(
    _ key: Key, _ whatIf: WhatIf, in state: inout ScreenState
  ) -> [Action]? {
    var whatIf = whatIf
    switch key {
    case .up, .left, .scalar("k"), .scalar("h"): whatIf.move(-1)
    case .down, .right, .scalar("j"), .scalar("l"): whatIf.move(1)
    case .home: whatIf.move(-whatIf.rows.count)
    case .end: whatIf.move(whatIf.rows.count)
    case .enter: return tryOut(whatIf, in: &state)
    case .escape, .function(6), .control("c"), .scalar("q"):
      state.overlay = nil
      return []
    case .function, .control: return nil
    default: state.hint = "Up and Down slide, Enter answers again so, Esc leaves"
    }
    state.overlay = .whatIf(whatIf)
    return []
  }

  /// Answers again under the setting that a person looks at, beside the answer that is there.
  private static func tryOut(_ whatIf: WhatIf, in state: inout ScreenState) -> [Action] {
    guard case .chat = state.stage else {
      state.hint = "a recording has no model to try it with"
      return []
    }
    guard let row = whatIf.selected, !state.refusesWhileAnswering(), begin(in: &state) else {
      return []
    }
    return [.command(.exitPolicy("\(row.setting)")), .command(.compare)]
  }

  /// The tokens of the text of an answer, as far as they are kept.
  private static func tokens(of tally: AnswerTally, in state: ScreenState) -> [TokenRecord] {
    state.shelf.entries.lazy.map(\.record).filter {
      $0.phase == .gen && $0.turn == tally.turn && $0.answer == tally.answer
    }
  }
}

extension Comparison {
  /// Moves by so many lines.
  mutating func scroll(_ step: Int) { top = max(0, top + step) }
}
