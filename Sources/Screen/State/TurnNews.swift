import Events

/// What becomes of turns of the conversation: they are taken back, pinned, forgotten.
enum TurnNews {
  /// Takes in such a change; false where it is another one.
  static func take(_ change: ParameterRecord, into state: inout ScreenState) -> Bool {
    guard let said = change.said(isHeard: false) else { return false }
    switch change.change {
    case .takenBack(let first): takeBack(first, from: &state)
    case .forgotten(_, let messages): state.forgotten = messages
    default: break
    }
    if !said.isEmpty { state.say(Notice(.information, said)) }
    return true
  }

  /// Takes message `first` off the screen, all that follows, and everything that speaks of them.
  private static func takeBack(_ first: Int, from state: inout ScreenState) {
    if let index = state.passages.firstIndex(where: { $0.turn.map { $0 >= first } ?? false }) {
      state.passages.removeLast(state.passages.count - index)
    }
    state.shelf.takeBack(from: first)
    state.contextUsed = state.tokens.last?.record.kv.used ?? 0
    (state.overlay, state.scrollTop) = (nil, nil)
    if let tally = state.tally, tally.turn >= first { (state.tally, state.comparison) = (nil, nil) }
  }
}

extension ParameterRecord {
  /// What a person reads of turns that were taken back, pinned or forgotten; nil where another setting
  /// changed. Who took something back need not be told: then `isHeard` is false, and nothing is said.
  func said(isHeard: Bool) -> String? {
    switch change {
    case .takenBack(let count):
      isHeard ? "Message \(count + 1) was taken back, with all that followed." : ""
    case .pinned(let turns): turns.isEmpty ? "No turn is pinned." : "Pinned: \(turns.asTurns)."
    case .forgotten(let turns, _):
      turns.isEmpty
        ? "Every turn is in sight again." : "Forgot \(turns.asTurns): out of the model's sight."
    default: nil
    }
  }
}

extension NumberSet {
  /// `turn 3`, `turns 3 to 7`.
  fileprivate var asTurns: String { "turn\(members.count == 1 ? "" : "s") \(words)" }
}
