package import Events
package import Reports

/// Two answers to the same message, side by side: the one that stood there, and the one that comes.
///
/// The first plays again at the pace at which it came, as its records tell, beside the second: two
/// clocks, one race.
package struct Comparison: Hashable, Sendable {
  /// One answer.
  package struct Side: Hashable, Sendable {
    /// What it adds up to, with what it was made with.
    package fileprivate(set) var tally: AnswerTally
    /// Its text, piece by piece, with the time since its first token in nanoseconds.
    fileprivate var pieces: [Piece] = []
    /// When its first token came.
    private var start: Int?
    private var text = ReplyText()

    fileprivate struct Piece: Hashable {
      var text: String
      var time: Int
    }

    /// An answer of which nothing is known yet but what it is made with.
    init(_ tally: AnswerTally) { self.tally = tally }

    /// Takes in a token, and what it says.
    fileprivate mutating func add(_ token: TokenRecord) {
      guard token.phase == .gen else { return }
      start = start ?? token.tNs
      let piece = Piece(text: text.append(.token(token)), time: token.tNs - (start ?? 0))
      if !piece.text.isEmpty { pieces.append(piece) }
    }

    /// Takes in that the answer is over.
    fileprivate mutating func finish(_ end: EndRecord) {
      let rest = text.append(.end(end))
      if !rest.isEmpty { pieces.append(Piece(text: rest, time: time)) }
    }

    /// Nanoseconds from the first token to the last so far.
    package var time: Int { pieces.last?.time ?? 0 }

    /// What stood there so long after the first token.
    fileprivate func text(at time: Int) -> String {
      pieces.prefix { $0.time <= time }.map(\.text).joined()
    }

    /// All that is there.
    fileprivate var whole: String { pieces.map(\.text).joined() }
  }

  /// The answer that stood there.
  package let before: Side
  /// The answer that comes; nil before it begins.
  package private(set) var now: Side?
  /// What became of the first, word by word, as far as the second goes.
  package private(set) var difference: WordDifference
  /// What the settings of the second do to a held-out text, where that was measured.
  package private(set) var measure: MeasureRecord?
  /// The first line shown.
  package internal(set) var top = 0
  private var wordCount = 0

  /// Words that are compared while an answer still comes.
  private static let limit = 300

  /// The answer that adds up to `tally`, of these tokens; another one is awaited.
  package init(_ tally: AnswerTally, tokens: some Sequence<TokenRecord>) {
    var side = Side(tally)
    for token in tokens { side.add(token) }
    before = side
    difference = WordDifference(from: side.whole, to: side.whole)
  }

  /// Takes in a record; only those of the next answer to the same message count. `settings` are those
  /// that it is made with, where it begins.
  mutating func take(_ record: Record, settings: AnswerSettings) {
    if case .turn(let turn) = record, now == nil, turn.role == .assistant,
      turn.turn == before.tally.turn
    {
      now = Side(AnswerTally(turn, settings: settings))
      difference = WordDifference(from: "", to: "")
      return
    }
    now?.tally.add(record)
    if case .measure(let record) = record, now != nil { measure = record }
    guard let tally = now?.tally, let place = record.place, place.turn == tally.turn,
      place.answer == tally.answer
    else { return }
    switch record {
    case .token(let token):
      now?.add(token)
      compare(isOver: false)
    case .end(let end):
      now?.finish(end)
      compare(isOver: true)
    default: break
    }
  }

  /// Whether both answers are there.
  package var isOver: Bool { now?.tally.end != nil }

  /// What is shown of both. Of the first as far as it had come by then, and all of it before the second
  /// begins and once it is over.
  package var texts: (before: String, now: String) {
    guard let now, !isOver else { return (before.whole, now?.whole ?? "") }
    return (before.text(at: now.time), now.whole)
  }

  private mutating func compare(isOver: Bool) {
    let (old, new) = texts
    let count = new.count(where: \.isWhitespace)
    // A word at a time, and of long answers only the beginning until the end.
    guard isOver || count != wordCount else { return }
    wordCount = count
    guard isOver || count <= Self.limit else { return }
    difference = WordDifference(from: old, to: new)
  }
}
