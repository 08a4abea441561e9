/// The text that a person is writing: readline's keys over grapheme clusters, with a history.
package struct InputEditor: Hashable, Sendable {
  /// What a key did.
  package enum Outcome: Hashable, Sendable {
    /// The key means nothing here.
    case ignored
    /// The text, the cursor or the search changed.
    case edited
    /// The person sent this text; the editor is empty again.
    case sent(String)
  }

  /// A search in the history, newest first.
  package struct Search: Hashable, Sendable {
    /// What is looked for.
    package var query = ""
    /// The place in the history that matches.
    package var match: Int?
    /// What was written before the search began.
    var before: String
  }

  /// A text that was left to look at earlier ones.
  private struct Unsent: Hashable, Sendable {
    var text = ""
    var isQuoted = false
  }

  /// What a person is writing, with line feeds between lines.
  private(set) var written = PromptText()
  /// What was sent before, oldest first.
  package private(set) var history: [String]
  /// The search that is under way.
  package private(set) var search: Search?

  private var recalled: Int?
  private var unsent = Unsent()
  private var killed = ""
  /// Whether a person typed `"""` at the start: Enter breaks the line until they type it at the end.
  private var isQuoted = false
  private var isQuoteClosed = false

  /// The most entries of history that are kept.
  package static let historyLimit = 1000

  /// An empty editor that remembers `history`.
  package init(history: [String] = []) {
    self.history = Array(history.suffix(Self.historyLimit))
  }

  /// The text. O(n).
  package var text: String { written.string }
  /// Whether nothing is written.
  package var isEmpty: Bool { written.count == 0 }
  /// How many grapheme clusters stand before the cursor.
  package var cursor: Int { written.cursor }

  /// Breaks rows at this width.
  mutating func resize(columns: Int) { written.resize(columns: columns) }

  /// Puts another text in place, the cursor behind it. `"""` at its start was typed only where the text
  /// is another version of the one before, as `isSame` says.
  package mutating func replace(with text: String, isSame: Bool = false) {
    written = PromptText(text, columns: written.columns)
    recalled = nil
    search = nil
    isQuoted = isSame && isQuoted && QuotedText.begins(text)
    isQuoteClosed = isQuoted && QuotedText.content(of: text) != nil
  }

  /// Does what `key` means.
  package mutating func handle(_ key: Key) -> Outcome {
    if search != nil { return handleInSearch(key) }
    let cursor = written.cursor
    switch key {
    case .scalar(let scalar): type(scalar)
    case .paste(let text): insert(text)
    case .newline: insert("\n")
    case .enter: return enter()
    case .backspace, .control("h"): remove(cursor - 1..<cursor)
    case .delete, .control("d"): remove(cursor..<cursor + 1)
    case .left, .control("b"): written.move(to: cursor - 1)
    case .right, .control("f"): written.move(to: cursor + 1)
    case .home, .control("a"): written.move(to: written.lineStart)
    case .end, .control("e"): written.move(to: written.lineEnd)
    case .wordLeft, .alt("b"): written.move(to: written.wordStart)
    case .wordRight, .alt("f"): written.move(to: written.wordEnd)
    case .control("k"):
      let end = written.lineEnd
      kill(cursor..<(cursor == end ? cursor + 1 : end))
    case .control("u"): kill(written.lineStart..<cursor)
    case .control("w"): kill(written.wordStart..<cursor)
    case .alt("d"): kill(cursor..<written.wordEnd)
    case .control("y"): insert(killed)
    case .up: if !moveLine(by: -1) { recall(by: -1) }
    case .down: if !moveLine(by: 1) { recall(by: 1) }
    case .control("p"): recall(by: -1)
    case .control("n"): recall(by: 1)
    case .control("r"): search = Search(before: text)
    default: return .ignored
    }
    return .edited
  }
}

// MARK: - Text

extension InputEditor {
  private mutating func insert(_ new: String) {
    written.insert(new)
    recalled = nil
    checkQuotes()
  }

  private mutating func type(_ scalar: UnicodeScalar) {
    insert(String(scalar))
    guard scalar == "\"" else { return }
    if beginsQuoted, cursor == QuotedText.mark.count { isQuoted = true }
    isQuoteClosed = isQuoted && cursor == written.count && endsQuoted
  }

  /// After a change: a text without its opening quotes is not quoted, and the closing ones must be typed.
  private mutating func checkQuotes() {
    isQuoted = isQuoted && beginsQuoted
    isQuoteClosed = false
  }

  private var beginsQuoted: Bool { written.prefix(QuotedText.mark.count) == QuotedText.mark }

  /// Whether the text before the cursor ends with a mark that is not the one at its start.
  private var endsQuoted: Bool {
    let count = QuotedText.mark.count
    return cursor >= 2 * count && written.before.suffix(count).allSatisfy { $0.text == "\"" }
  }

  private mutating func remove(_ range: Range<Int>) {
    guard !range.clamped(to: 0..<written.count).isEmpty else { return }
    _ = written.remove(range)
    recalled = nil
    checkQuotes()
  }

  private mutating func kill(_ range: Range<Int>) {
    guard !range.clamped(to: 0..<written.count).isEmpty else { return }
    killed = written.remove(range)
    recalled = nil
    checkQuotes()
  }

  /// Moves a line up or down inside the text; false when there is none.
  private mutating func moveLine(by step: Int) -> Bool {
    let start = written.lineStart
    let column = cursor - start
    if step < 0 {
      guard start > 0 else { return false }
      written.move(to: start - 1)
    } else {
      let end = written.lineEnd
      guard end < written.count else { return false }
      written.move(to: end + 1)
    }
    written.move(to: min(written.lineStart + column, written.lineEnd))
    return true
  }

  /// Sends, or breaks the line of a quoted text.
  private mutating func enter() -> Outcome {
    if isQuoted && !isQuoteClosed {
      insert("\n")
      return .edited
    }
    let text = text
    let sent = isQuoted ? QuotedText.content(of: text) ?? text : text
    guard sent.contains(where: { !$0.isWhitespace }) else { return .edited }
    remember(sent)
    replace(with: "")
    return .sent(sent)
  }
}

// MARK: - History

extension InputEditor {
  /// Adds an entry to the history, unless it repeats the newest.
  package mutating func remember(_ entry: String) {
    recalled = nil
    guard history.last != entry else { return }
    history.append(entry)
    if history.count > Self.historyLimit { history.removeFirst() }
  }

  private mutating func recall(by step: Int) {
    let place = (recalled ?? history.count) + step
    guard (0...history.count).contains(place) else { return }
    if recalled == nil { unsent = Unsent(text: text, isQuoted: isQuoted) }
    if place == history.count {
      isQuoted = unsent.isQuoted
      replace(with: unsent.text, isSame: true)
    } else {
      replace(with: history[place])
      recalled = place
    }
  }

  private mutating func handleInSearch(_ key: Key) -> Outcome {
    guard var current = search else { return .ignored }
    switch key {
    case .scalar(let scalar):
      current.query.unicodeScalars.append(scalar)
      current.match = match(for: current.query, before: history.count)
    case .backspace:
      if !current.query.isEmpty { current.query.removeLast() }
      current.match = match(for: current.query, before: history.count)
    case .control("r"):
      current.match =
        match(for: current.query, before: current.match ?? history.count)
        ?? current.match
    case .escape, .control("g"), .control("c"):
      replace(with: current.before, isSame: true)
      return .edited
    default:
      if let match = current.match {
        replace(with: history[match])
      } else {
        replace(with: current.before, isSame: true)
      }
      return key == .enter ? .edited : handle(key)
    }
    search = current
    return .edited
  }

  private func match(for query: String, before end: Int) -> Int? {
    let query = query.lowercased()
    return query.isEmpty ? nil : history[..<end].lastIndex { $0.lowercased().contains(query) }
  }
}
