package import Events

/// The list of the conversations that are kept, over the one on the screen.
package struct ConversationsBoard: Hashable, Sendable {
  /// What keys are for.
  package enum Mode: Hashable, Sendable {
    /// Letters are commands.
    case choosing
    /// Letters are added to what is looked for.
    case searching
    /// Letters are added to the name that the conversation will have.
    case renaming(String)
    /// `y` deletes.
    case deleting
  }

  /// What a key asks for.
  private enum Outcome {
    case shown
    case find
    case act(ConversationCommand)
    case resume(String)
    case leave
    /// The key means here what it means everywhere.
    case passed
  }

  /// What is looked for.
  package private(set) var query: String
  /// What was found; nil until that is known.
  package private(set) var found: FoundConversations?
  /// The place of the chosen conversation in the list.
  package private(set) var cursor = 0
  /// What keys are for.
  package private(set) var mode = Mode.choosing

  /// A list of those in which `query` was said, as soon as it is known.
  package init(_ query: String = "") { self.query = query }

  /// The conversations.
  package var lines: [ConversationLine] { found?.lines ?? [] }

  /// The chosen one.
  package var chosen: ConversationLine? {
    lines.indices.contains(cursor) ? lines[cursor] : nil
  }

  /// Takes in what was found, unless something else is looked for by now.
  package mutating func take(_ found: FoundConversations) {
    guard found.query == query else { return }
    let id = chosen?.id
    self.found = found
    cursor = lines.firstIndex { $0.id == id } ?? min(cursor, max(0, lines.count - 1))
  }

  private mutating func move(_ step: Int) -> Outcome {
    if mode == .searching { mode = .choosing }
    cursor = max(0, min(cursor + step, lines.count - 1))
    return .shown
  }

  private mutating func look(for text: String) -> Outcome {
    (query, cursor) = (text, 0)
    return .find
  }

  // MARK: - Keys

  private mutating func press(_ key: Key) -> Outcome {
    switch mode {
    case .choosing: return choose(key)
    case .searching: return search(key)
    case .renaming(let name): return rename(key, name)
    case .deleting:
      mode = .choosing
      guard key == .scalar("y") || key == .scalar("Y"), let chosen else { return .shown }
      return .act(.delete(id: chosen.id, thenFind: query))
    }
  }

  private mutating func choose(_ key: Key) -> Outcome {
    if let outcome = move(key) { return outcome }
    switch key {
    case .scalar("k"): return move(-1)
    case .scalar("j"): return move(1)
    case .scalar("r"): if let chosen { mode = .renaming(chosen.title) }
    case .scalar("d"): if chosen != nil { mode = .deleting }
    case .scalar("q"): return .leave
    case .scalar("/"): mode = .searching
    case .scalar(let scalar):
      mode = .searching
      return look(for: query + String(scalar))
    default: return always(key)
    }
    return .shown
  }

  private mutating func search(_ key: Key) -> Outcome {
    if let outcome = move(key) { return outcome }
    if let text = Self.written(key, behind: query) { return look(for: text) }
    if key == .tab { mode = .choosing }
    return always(key)
  }

  private mutating func rename(_ key: Key, _ name: String) -> Outcome {
    if let text = Self.written(key, behind: name) {
      mode = .renaming(text)
      return .shown
    }
    switch key {
    case .enter:
      mode = .choosing
      return chosen.map { .act(.rename(id: $0.id, to: name, thenFind: query)) } ?? .shown
    case .escape, .control("c"):
      mode = .choosing
      return .shown
    default: return .shown
    }
  }

  /// Keys that move, whatever letters are for.
  private mutating func move(_ key: Key) -> Outcome? {
    switch key {
    case .up, .control("p"): move(-1)
    case .down, .control("n"): move(1)
    case .pageUp: move(-10)
    case .pageDown: move(10)
    case .home: move(-lines.count)
    case .end: move(lines.count)
    default: nil
    }
  }

  private mutating func always(_ key: Key) -> Outcome {
    switch key {
    case .enter: return chosen.map { .resume($0.id) } ?? .shown
    case .control("c"): return .leave
    case .escape:
      if query.isEmpty, mode == .choosing { return .leave }
      mode = .choosing
      return query.isEmpty ? .shown : look(for: "")
    case .function, .control: return .passed
    default: return .shown
    }
  }

  /// A line of text after a key that writes; nil where the key does something else.
  private static func written(_ key: Key, behind text: String) -> String? {
    switch key {
    case .scalar(let scalar): text + String(scalar)
    case .paste(let more): text + more.split(whereSeparator: \.isWhitespace).joined(separator: " ")
    case .backspace, .control("h"): String(text.dropLast())
    case .control("u"): ""
    default: nil
    }
  }
}

// MARK: - On the screen

extension ConversationsBoard {
  /// Shows the list, and asks for it.
  static func open(_ query: String, in state: inout ScreenState) -> [Action] {
    state.overlay = .conversations(ConversationsBoard(query))
    return [.command(.conversations(.find(query)))]
  }

  /// Takes what was found into the list on the screen, if there is one.
  static func take(_ found: FoundConversations, in state: inout ScreenState) {
    guard case .conversations(var board) = state.overlay else { return }
    board.take(found)
    state.overlay = .conversations(board)
  }

  /// What a key means in the list on the screen; nil where there is none, or the key means there what it means
  /// everywhere.
  static func press(_ key: Key, in state: inout ScreenState) -> [Action]? {
    guard case .conversations(var board) = state.overlay else { return nil }
    let isOpen = board.chosen.map { $0.id == state.session?.id } ?? false
    if key == .scalar("d"), board.mode == .choosing, isOpen {
      state.hint = "this conversation is the one on the screen: /clear begins another"
      return []
    }
    let outcome = board.press(key)
    if case .passed = outcome { return nil }
    state.overlay = .conversations(board)
    switch outcome {
    case .shown, .passed: return []
    case .find: return [.command(.conversations(.find(board.query)))]
    case .act(let command): return [.command(.conversations(command))]
    case .resume(let id):
      if state.refusesWhileAnswering() { return [] }
      state.overlay = nil
      return isOpen ? [] : [.command(.conversations(.resume(id)))]
    case .leave:
      state.overlay = nil
      return []
    }
  }
}
