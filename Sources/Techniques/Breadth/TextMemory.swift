import Dials

/// The text at hand and those before it, as far as they are kept: the newest half of `capacity` tokens at
/// least, in two automata that take turns.
///
/// Where the older automaton holds half of the capacity the newer one begins; where it holds all of it, it
/// goes. So a token is added twice at most, and there is never anything to build anew.
struct TextMemory: Sendable {
  /// An automaton, and the states of the text at hand.
  private struct Track {
    var automaton = SuffixAutomaton()
    /// The first position of the text that it knows.
    var start: Int
    /// By position from there: the state of the text that ends with it.
    var states: [Int32] = []

    /// The state of the text.
    var last: Int32 { states.last ?? SuffixAutomaton.root }

    mutating func add(_ token: TokenID) {
      states.append(automaton.add(token.rawValue, after: last))
    }

    /// Goes back to the first `count` tokens of the text, or to none of it, where it goes on at `count`.
    mutating func rewind(to count: Int) {
      if count < start { return restart(at: count) }
      states.removeLast(max(0, states.count - (count - start)))
    }

    /// Another text, or the same one from a later position on.
    mutating func restart(at position: Int) {
      start = position
      states = []
    }
  }

  private let capacity: Int
  private var older = Track(start: 0)
  private var newer: Track?
  /// The text at hand from `start` on.
  private var text: [TokenID] = []
  private var start = 0

  /// Nothing, with room for so many tokens.
  init(capacity: Int) { self.capacity = max(2, capacity) }

  /// Tokens that are known.
  var count: Int { older.automaton.count }
  /// The end of the text at hand: positions of it that were read.
  var end: Int { start + text.count }

  /// Whether a text begins with half of the text at hand, or more.
  func holdsMost(of tokens: [TokenID]) -> Bool {
    common(with: tokens) * 2 >= text.count
  }

  private func common(with tokens: [TokenID]) -> Int {
    zip(text, tokens.dropFirst(start)).prefix { $0 == $1 }.count
  }

  /// Forgets everything.
  mutating func clear() { self = TextMemory(capacity: capacity) }

  /// Goes on with a text: what of it was read before is not read again. Other texts stay known.
  mutating func begin(_ tokens: [TokenID]) {
    let common = common(with: tokens)
    if common == 0, !text.isEmpty {
      restart(at: 0)
    } else if common < text.count {
      text.removeLast(text.count - common)
      let end = end
      older.rewind(to: end)
      newer?.rewind(to: end)
    }
    read(tokens)
  }

  /// Reads what of the text is new; of more than there is room for the end.
  mutating func read(_ tokens: [TokenID]) {
    if tokens.count - end > capacity { restart(at: tokens.count - capacity) }
    while end < tokens.count { add(tokens[end]) }
  }

  private mutating func restart(at position: Int) {
    start = position
    text = []
    older.restart(at: position)
    newer?.restart(at: position)
  }

  private mutating func add(_ token: TokenID) {
    if newer == nil, older.automaton.count >= capacity / 2 { newer = Track(start: end) }
    older.add(token)
    newer?.add(token)
    text.append(token)
    if older.automaton.count >= capacity, let newer {
      older = newer
      self.newer = nil
    }
    // No automaton knows more of the text.
    if text.count > 2 * capacity {
      start += text.count - capacity
      text.removeFirst(text.count - capacity)
    }
  }

  /// The longest end of a path that occurred before with something behind it.
  func place(after path: DraftPath) -> SuffixAutomaton.Place {
    var place = older.automaton.nowhere
    var rest = path.text.suffix(Self.lookBack)
    if goesOn(in: path.text) {
      place = older.automaton.place(of: older.last)
      rest = path.text[end...]
    }
    for token in rest { place = older.automaton.step(place, token.rawValue) }
    for token in path.draftTokens { place = older.automaton.step(place, token.rawValue) }
    return older.automaton.followed(place)
  }

  /// The automaton that knows most.
  var automaton: SuffixAutomaton { older.automaton }

  /// Tokens at the end of a text that is not the one at hand which are looked at.
  private static let lookBack = 32

  /// Whether a text begins with the one at hand, by its last tokens.
  private func goesOn(in tokens: [TokenID]) -> Bool {
    let count = min(8, text.count)
    return tokens.count >= end && tokens[(end - count)..<end].elementsEqual(text.suffix(count))
  }
}
