package import Events

/// One piece of the conversation as the screen shows it.
package struct Passage: Hashable, Sendable {
  /// Who says it.
  package enum Speaker: Hashable, Sendable {
    case system
    case user
    case model
    case notice(Notice.Kind)
  }

  /// Who says it.
  package let speaker: Speaker
  /// The message's number; nil for the program's own words.
  package let turn: Int?
  /// What is said so far.
  package private(set) var text: String

  /// Where the text of each token ends, in bytes of UTF-8, and the token's number on the screen.
  package private(set) var pieces: [Piece] = []

  /// Where its lines begin, at the width of the screen; nil where nobody has looked at that width yet.
  private(set) var wrapped: WrappedText?

  /// How many lines it has at that width.
  private(set) var lineCount = 0

  private var decoder = StreamingDecoder()

  /// A stretch of text that a token completed.
  package struct Piece: Hashable, Sendable {
    /// Its first byte of UTF-8.
    package let start: Int
    /// One past its last byte.
    package let end: Int
    /// The number of the token (``ScreenState/firstToken`` and up).
    package let token: Int
  }

  /// A passage that says `text` so far.
  package init(_ speaker: Speaker, turn: Int? = nil, _ text: String) {
    self.speaker = speaker
    self.turn = turn
    self.text = text
  }

  /// Adds the bytes of a token.
  mutating func append(_ bytes: [UInt8], ofToken number: Int) {
    let start = text.utf8.count
    grow(by: decoder.append(bytes))
    pieces.append(Piece(start: start, end: text.utf8.count, token: number))
  }

  /// Forgets which tokens with lower numbers made which pieces of the text, which stays.
  mutating func forgetTokens(before number: Int) {
    guard let first = pieces.first, first.token < number else { return }
    pieces.removeAll { $0.token < number }
  }

  /// Adds what was held back for want of the rest of a character.
  mutating func finish() { grow(by: decoder.flush()) }

  private mutating func grow(by more: String) {
    text += more
    wrapped?.extend(to: text)
    countLines()
  }

  /// Finds out where its lines begin at a width.
  mutating func wrap(width: Int) {
    if wrapped?.width != width { wrapped = WrappedText(text, width: width) }
    countLines()
  }

  /// Forgets where its lines begin.
  mutating func unwrap() { wrapped = nil }

  private mutating func countLines() {
    if let wrapped { lineCount = wrapped.closed.count + wrapped.open(text).count }
  }
}
