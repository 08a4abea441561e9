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
    text += decoder.append(bytes)
    pieces.append(Piece(start: start, end: text.utf8.count, token: number))
  }

  /// Adds what was held back for want of the rest of a character.
  mutating func finish() { text += decoder.flush() }
}
