package import Events

/// One piece of the conversation as the screen shows it.
package struct Passage: Hashable, Sendable {
  /// Who says it.
  package enum Speaker: Hashable, Sendable {
    case system
    case user
    case model
    /// The model, before it says something.
    case thought
    case notice(Notice.Kind)
  }

  /// How much of a passage is shown.
  package enum Extent: Hashable, Sendable {
    case whole
    /// One line that says how long it is.
    case folded
    /// A word while it grows, then nothing.
    case hidden
  }

  /// Who says it.
  package let speaker: Speaker
  /// The message's number; nil for the program's own words.
  package let turn: Int?
  /// What is said so far.
  package private(set) var text: String
  /// How much of it is shown.
  package private(set) var extent = Extent.whole
  /// Whether more of it comes.
  package private(set) var isGrowing = false
  /// The tokens that it was made of.
  package private(set) var tokenCount = 0

  /// Where the text of each token ends, in bytes of UTF-8, and the token's number on the screen.
  package private(set) var pieces: [Piece] = []

  /// Whether it is shown as it came, whatever it is.
  package private(set) var isRaw = false
  /// What its answer comes to, once it has ended.
  var seam: Seam?

  /// Where the lines of what is shown are, at the width of the screen; nil where nobody has looked at that
  /// width yet.
  private(set) var layout: TextLayout?

  /// How many lines that makes; nil where they were not counted since it grew.
  private var countedLines: Int?

  /// How many lines it has at that width.
  var lineCount: Int {
    if let countedLines { return countedLines }
    guard let layout, !isInvisible else { return 0 }
    return layout.closedCount + layout.open(shown, isGrowing: false).count
  }

  /// A stretch of text that a token completed.
  package struct Piece: Hashable, Sendable {
    /// Its first byte of UTF-8.
    package let start: Int
    /// One past its last byte.
    package let end: Int
    /// The number of the token (``TokenShelf/range``).
    package let token: Int
  }

  /// A passage that says `text` so far.
  package init(_ speaker: Speaker, turn: Int? = nil, _ text: String) {
    self.speaker = speaker
    self.turn = turn
    self.text = text
  }

  /// What the model thinks in message `turn`, of which nothing is known yet but `tokenCount` tokens of before.
  init(thoughtIn turn: Int, tokenCount: Int, _ extent: Extent) {
    self.init(.thought, turn: turn, "")
    (isGrowing, self.tokenCount, self.extent) = (true, tokenCount, extent)
  }

  /// What is shown of it.
  package var shown: String {
    switch extent {
    case .whole: text
    case .folded: summary
    case .hidden: isGrowing ? "thinking" : ""
    }
  }

  /// Whether nothing of it is shown: it is hidden, or says nothing.
  package var isInvisible: Bool {
    speaker == .thought && !isGrowing && (extent == .hidden || text.allSatisfy(\.isWhitespace))
  }

  /// `▸ thought for 312 tokens`
  private var summary: String {
    let count = tokenCount > 0 ? " for \(tokenCount) token\(tokenCount == 1 ? "" : "s")" : ""
    return "▸ " + (isGrowing ? "thinking" : "thought") + count
  }

  /// Adds text, be it none, that a token completed, if it was one.
  mutating func append(_ more: String, ofToken number: Int?) {
    let start = text.utf8.count
    if number != nil { tokenCount += 1 }
    grow(by: more)
    guard let number else { return }
    pieces.append(Piece(start: start, end: text.utf8.count, token: number))
  }

  /// Forgets which tokens with lower numbers made which pieces of the text, which stays.
  mutating func forgetTokens(before number: Int) {
    guard let first = pieces.first, first.token < number else { return }
    pieces.removeAll { $0.token < number }
  }

  /// Notes that no more of it comes.
  mutating func finish() {
    guard isGrowing else { return }
    isGrowing = false
    while text.last?.isNewline == true { text.removeLast() }
    wrapAgain()
  }

  private mutating func grow(by more: String) {
    text += more
    if extent == .whole {
      layout?.extend(to: text)
      countedLines = nil
    } else {
      wrapAgain()
    }
  }

  /// Shows as much of it as `extent` says.
  mutating func show(_ extent: Extent) {
    guard self.extent != extent else { return }
    self.extent = extent
    unwrap()
  }

  /// Shows it as it came, or as what it is.
  mutating func show(raw isRaw: Bool) {
    guard self.isRaw != isRaw else { return }
    self.isRaw = isRaw
    unwrap()
  }

  /// Its lines at a width.
  func layout(width: Int) -> TextLayout {
    TextLayout(shown, width: width, isMarkdown: speaker == .model && extent == .whole && !isRaw)
  }

  /// Finds out where its lines begin at a width.
  mutating func wrap(width: Int) {
    if layout?.width != width {
      layout = layout(width: width)
      countedLines = nil
    }
    countedLines = lineCount
  }

  /// Forgets where its lines begin.
  mutating func unwrap() { (layout, countedLines) = (nil, nil) }

  private mutating func wrapAgain() {
    if let width = layout?.width { layout = layout(width: width) }
    countedLines = nil
  }
}
