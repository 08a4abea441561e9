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

  /// The text, with line feeds between lines.
  package private(set) var text = ""
  /// How many grapheme clusters stand before the cursor.
  package private(set) var cursor = 0
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

  /// Puts another text in place, the cursor behind it. `"""` at its start was typed only where the text
  /// is another version of the one before, as `isSame` says.
  package mutating func replace(with text: String, isSame: Bool = false) {
    self.text = text
    cursor = text.count
    recalled = nil
    search = nil
    isQuoted = isSame && isQuoted && QuotedText.begins(text)
    isQuoteClosed = isQuoted && QuotedText.content(of: text) != nil
  }

  /// Does what `key` means.
  package mutating func handle(_ key: Key) -> Outcome {
    if search != nil { return handleInSearch(key) }
    switch key {
    case .scalar(let scalar): type(scalar)
    case .paste(let text): insert(text)
    case .newline: insert("\n")
    case .enter: return enter()
    case .backspace, .control("h"): remove(cursor - 1..<cursor)
    case .delete, .control("d"): remove(cursor..<cursor + 1)
    case .left, .control("b"): move(to: cursor - 1)
    case .right, .control("f"): move(to: cursor + 1)
    case .home, .control("a"): move(to: lineStart)
    case .end, .control("e"): move(to: lineEnd)
    case .wordLeft, .alt("b"): move(to: wordStart)
    case .wordRight, .alt("f"): move(to: wordEnd)
    case .control("k"): kill(cursor..<(cursor == lineEnd ? cursor + 1 : lineEnd))
    case .control("u"): kill(lineStart..<cursor)
    case .control("w"): kill(wordStart..<cursor)
    case .alt("d"): kill(cursor..<wordEnd)
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
    let place = index(cursor)
    let head = String(text[..<place]) + new
    text = head + text[place...]
    // Counted anew: a combining mark joins the cluster before it.
    cursor = min(text.count, head.count)
    recalled = nil
    checkQuotes()
  }

  private mutating func type(_ scalar: UnicodeScalar) {
    insert(String(scalar))
    guard scalar == "\"" else { return }
    if QuotedText.begins(text), cursor == QuotedText.mark.count { isQuoted = true }
    isQuoteClosed = isQuoted && cursor == text.count && QuotedText.content(of: text) != nil
  }

  /// After a change: a text without its opening quotes is not quoted, and the closing ones must be typed.
  private mutating func checkQuotes() {
    isQuoted = isQuoted && QuotedText.begins(text)
    isQuoteClosed = false
  }

  private mutating func remove(_ range: Range<Int>) {
    let range = range.clamped(to: 0..<text.count)
    guard !range.isEmpty else { return }
    text.removeSubrange(index(range.lowerBound)..<index(range.upperBound))
    move(to: range.lowerBound)
    recalled = nil
    checkQuotes()
  }

  private mutating func kill(_ range: Range<Int>) {
    let range = range.clamped(to: 0..<text.count)
    guard !range.isEmpty else { return }
    killed = String(text[index(range.lowerBound)..<index(range.upperBound)])
    remove(range)
  }

  private mutating func move(to place: Int) { cursor = min(max(0, place), text.count) }

  private func index(_ place: Int) -> String.Index {
    text.index(text.startIndex, offsetBy: place, limitedBy: text.endIndex) ?? text.endIndex
  }

  private var before: Substring { text[..<index(cursor)] }
  private var after: Substring { text[index(cursor)...] }

  private var lineStart: Int {
    before.lastIndex(where: \.isLineBreak).map {
      cursor - before.distance(from: $0, to: before.endIndex) + 1
    }
      ?? 0
  }

  private var lineEnd: Int {
    cursor + after.prefix { !$0.isLineBreak }.count
  }

  private var wordStart: Int {
    let spaces = before.reversed().prefix { !$0.isWordPart }.count
    let letters = before.reversed().dropFirst(spaces).prefix(while: \.isWordPart).count
    return cursor - spaces - letters
  }

  private var wordEnd: Int {
    let spaces = after.prefix { !$0.isWordPart }.count
    return cursor + spaces + after.dropFirst(spaces).prefix(while: \.isWordPart).count
  }

  /// Moves a line up or down inside the text; false when there is none.
  private mutating func moveLine(by step: Int) -> Bool {
    let column = cursor - lineStart
    if step < 0 {
      guard lineStart > 0 else { return false }
      move(to: lineStart - 1)
    } else {
      guard lineEnd < text.count else { return false }
      move(to: lineEnd + 1)
    }
    move(to: min(lineStart + column, lineEnd))
    return true
  }

  /// Sends, or breaks the line of a quoted text.
  private mutating func enter() -> Outcome {
    var sent = text
    if isQuoted {
      guard isQuoteClosed, let content = QuotedText.content(of: text) else {
        insert("\n")
        return .edited
      }
      sent = content
    }
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

extension Character {
  fileprivate var isWordPart: Bool { isLetter || isNumber || self == "_" }
}
