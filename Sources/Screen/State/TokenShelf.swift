package import Dials
package import Events

/// The newest tokens and rounds of drafting, with what was found out about them.
///
/// Tokens have numbers that stay theirs: the first one of a conversation is 0, and ``first`` says how
/// many were dropped since.
package struct TokenShelf: Hashable, Sendable {
  /// A token with what is known about it.
  package struct Entry: Hashable, Sendable {
    /// The token.
    package let record: TokenRecord
    /// What its answer is made with.
    package let settings: AnswerSettings
    /// The closer look, once there was time for one.
    package internal(set) var probe: ProbeRecord?
    /// Whether the whole model takes the same token, once it was asked about the answer.
    package internal(set) var check: Bool?
    /// What the whole model takes instead, where that was said.
    package internal(set) var other: String?
    /// What happened in its blocks beside running, leaving and being spared.
    let rareMarks: Set<DepthLine.Mark>

    /// A token of which nothing more is known yet.
    init(_ record: TokenRecord, settings: AnswerSettings) {
      (self.record, self.settings) = (record, settings)
      rareMarks = Set(record.depth.marks).subtracting([.ran, .exited, .notRun])
    }

    /// Whether the whole model takes the same token; nil where it was not asked. A look through the lens
    /// asks it where full depth is the whole model.
    package var isSame: Bool? {
      check ?? (settings.fullDepthIsWhole ? probe?.agree : nil)
    }

    /// After how many blocks the token was known: where it left, or else where the lens settled; nil where
    /// it ran to the last block and the lens has not looked.
    package var knownAt: Int? {
      record.depth.exitBlock == nil ? probe?.settled : record.depth.reached
    }
  }

  /// The newest tokens, oldest first; at most ``tokenLimit``.
  package private(set) var entries: [Entry] = []
  /// The number of the first of ``entries``: how many were dropped before it.
  package private(set) var first = 0
  /// The newest rounds of drafting, oldest first; at most ``roundLimit``.
  package private(set) var rounds: [DraftRecord] = []
  /// What tokens of the vocabulary are, as far as records have said it.
  private var names: [TokenID: String] = [:]
  /// The numbers of the tokens of the text by their places.
  private var numbers: [TokenPlace: Int] = [:]

  /// The most tokens that are kept for the panel.
  package static let tokenLimit = 4096
  /// The most rounds that are kept for the panel.
  package static let roundLimit = 1024

  /// An empty shelf.
  package init() {}

  /// The numbers of the tokens that are kept.
  package var range: Range<Int> { first..<first + entries.count }

  /// The number of the newest token; nil where there is none.
  package var last: Int? { entries.isEmpty ? nil : range.upperBound - 1 }

  /// The token of this number, if it is still kept.
  package subscript(number: Int) -> Entry? {
    range.contains(number) ? entries[number - first] : nil
  }

  /// The number of a token of the text, if it is still kept.
  func number(of token: TokenRecord) -> Int? { numbers[TokenPlace(token)] }

  /// The text of a token of the vocabulary, if a record has said it.
  package func name(of id: TokenID) -> String? { names[id] }

  /// The nearest token after `number`, or before it where `isBackward`, that `isMeant`; nil where none is.
  package func nearest(
    to number: Int, isBackward: Bool, where isMeant: (Entry) -> Bool
  ) -> Int? {
    isBackward
      ? (first..<max(first, min(number, range.upperBound))).last { isMeant(entries[$0 - first]) }
      : (max(first, number + 1)..<max(first, number + 1, range.upperBound)).first {
        range.contains($0) && isMeant(entries[$0 - first])
      }
  }

  /// Takes in a token of an answer made with `settings`, and gives its number.
  mutating func add(_ token: TokenRecord, settings: AnswerSettings) -> Int {
    let number = range.upperBound
    entries.append(Entry(token, settings: settings))
    if token.phase == .gen { numbers[TokenPlace(token)] = number }
    names[token.id] = token.token
    for choice in token.topLogprobs { names[choice.id] = choice.token }
    if entries.count > Self.tokenLimit { forget(Self.tokenLimit / 4) }
    return number
  }

  /// Drops the oldest tokens.
  private mutating func forget(_ count: Int) {
    first += count
    for token in entries.prefix(count) {
      let place = TokenPlace(token.record)
      if let number = numbers[place], number < first { numbers[place] = nil }
    }
    entries.removeFirst(count)
  }

  /// Forgets the tokens of message `turn` and of all behind it.
  mutating func takeBack(from turn: Int) {
    entries.removeLast(entries.reversed().prefix { $0.record.turn >= turn }.count)
    numbers = numbers.filter { $0.key.turn < turn }
  }

  /// Takes in a round of drafting.
  mutating func add(_ round: DraftRecord) {
    rounds.append(round)
    if rounds.count > Self.roundLimit { rounds.removeFirst(Self.roundLimit / 4) }
  }

  /// Takes in a look through the lens; the first at a token counts.
  mutating func add(_ probe: ProbeRecord) {
    let place = TokenPlace(turn: probe.turn, answer: probe.answer, i: probe.i)
    guard let index = index(of: place), entries[index].probe == nil else { return }
    entries[index].probe = probe
    for look in probe.layers { names[look.id] = look.token }
  }

  /// Takes in what the whole model says of an answer.
  mutating func add(_ check: CheckRecord) {
    for (i, isSame) in check.isSame.enumerated() {
      let place = TokenPlace(turn: check.turn, answer: check.answer, i: i)
      if let index = index(of: place) { entries[index].check = isSame }
    }
    for other in check.others {
      let place = TokenPlace(turn: check.turn, answer: check.answer, i: other.i)
      if let index = index(of: place) { entries[index].other = other.token }
    }
  }

  /// The newest token of the text at a place, if it is still kept.
  private func index(of place: TokenPlace) -> Int? { numbers[place].map { $0 - first } }
}
