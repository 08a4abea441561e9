package import Events

/// A replay on the screen: the state at a place of the records, and the keys that move there.
///
/// The state is a fold over the records, so going back is folding again: from the nearest of a few states
/// that are kept on the way.
package struct ReplayScreen: Scene, Hashable, Sendable {
  /// What the screen shows.
  package private(set) var state: ScreenState
  /// Where the replay stands.
  package private(set) var playback: Playback
  /// What is to be said at the end, such as that the file is cut off.
  package let ending: String

  /// States on the way, by the count of records in them; the first is before all records.
  private var kept: [Int: ScreenState]
  /// Records between two states that are kept: there are at most about sixteen.
  private let stride: Int

  /// A replay of `records` that stands before the first.
  package init(
    _ records: [Record], file: String, pace: Playback.Pace = .times(1),
    ending: String = "the record ends here"
  ) {
    state = ScreenState(stage: .replay(file: file))
    playback = Playback(records, pace: pace)
    self.ending = ending
    kept = [0: state]
    stride = max(512, records.count / 16)
  }

  // MARK: - Time and places

  package mutating func pass(_ time: Duration) -> Bool {
    let due = playback.pass(time)
    show(due)
    return !due.isEmpty
  }

  /// Plays until `count` records are shown; where more are, it goes back there.
  package mutating func play(to count: Int) {
    if playback.position > count { go(to: count) }
    playback.play(to: count)
  }

  /// Goes to where `count` records are shown.
  package mutating func go(to count: Int) {
    let before = playback.position
    playback.go(to: count)
    if playback.position < before { forget(to: playback.position) }
    show(max(before, 0)..<max(before, playback.position))
  }

  /// Sets how fast it goes.
  package mutating func set(_ pace: Playback.Pace) { playback.pace = pace }

  /// Shows more records.
  private mutating func show(_ range: Range<Int>) {
    for index in range {
      _ = state.update(.record(playback.records[index]))
      if (index + 1).isMultiple(of: stride), kept[index + 1] == nil { kept[index + 1] = state }
    }
    state.hasReplayEnded = playback.isAtEnd
    if let number = state.selected, state.token(number) == nil { state.overlay = nil }
  }

  /// Makes the state with `count` records from the nearest kept one. Size and what lies over the
  /// conversation stay.
  private mutating func forget(to count: Int) {
    let (rows, columns, overlay) = (state.rows, state.columns, state.overlay)
    let start = kept.keys.filter { $0 <= count }.max() ?? 0
    guard let nearest = kept[start] else { return }
    state = nearest
    _ = state.update(.resized(rows: rows, columns: columns))
    show(start..<count)
    state.scrollTop = nil
    if case .inspector(let number) = overlay, state.token(number) == nil { return }
    state.overlay = overlay
  }

  // MARK: - Looking

  /// Opens the inspector on a token that is shown, or closes it.
  package mutating func look(at token: TokenRecord?) {
    let number = token.flatMap { state.shelf.number(of: $0) }
    state.overlay = number.map { .inspector(token: $0) }
  }

  // MARK: - Messages

  package mutating func update(_ message: Message) -> [Action] {
    switch message {
    case .key(let key):
      guard let move = move(for: key) else { return state.update(.key(key)) }
      state.hint = nil
      perform(move)
      return []
    case .record, .replayEnded, .progress, .blockFacts, .input, .conversations, .welcome, .copy:
      return []
    case .resized, .notice: return state.update(message)
    }
  }

  /// What a key does to a replay.
  private enum Move {
    case pause, slower, faster
    case go(Int?)
    case start, end
  }

  private func move(for key: Key) -> Move? {
    // What is typed to go to a word is no key of the replay.
    guard state.choices.entry == nil else { return nil }
    let isInspecting = state.selected != nil
    switch key {
    case .scalar(" "), .scalar("p"): return .pause
    case .scalar("-"), .scalar("_"): return .slower
    case .scalar("+"), .scalar("="): return .faster
    case .right where !isInspecting: return .go(playback.step(isForward: true))
    case .left where !isInspecting: return .go(playback.step(isForward: false))
    case .scalar("."): return .go(playback.step(isForward: true))
    case .scalar(","): return .go(playback.step(isForward: false))
    case .scalar("]"): return .go(playback.answer(isForward: true))
    case .scalar("["): return .go(playback.answer(isForward: false))
    case .scalar("m") where !isInspecting: return .go(playback.mark(isForward: true))
    case .scalar("M"): return .go(playback.mark(isForward: false))
    case .home where !isInspecting: return .start
    case .end where !isInspecting: return .end
    default: return nil
    }
  }

  private mutating func perform(_ move: Move) {
    switch move {
    case .pause:
      if playback.isAtEnd {
        go(to: 0)
        playback.isPaused = false
      } else {
        playback.isPaused.toggle()
      }
    case .slower: playback.change(isFaster: false)
    case .faster: playback.change(isFaster: true)
    case .go(let place):
      playback.isPaused = true
      if let place { go(to: place) } else { state.hint = "there is none" }
    case .start:
      playback.isPaused = true
      go(to: 0)
    case .end: go(to: playback.records.count)
    }
  }

  package func drawn() -> Frame {
    var frame = draw(state)
    ReplayView.draw(self, in: Layout(of: state), of: &frame)
    return frame
  }
}
