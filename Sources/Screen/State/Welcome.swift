package import Events

/// What the first screen offers, where nothing is said yet: digits are keys.
package struct Welcome: Hashable, Sendable {
  /// A tour that can be watched.
  package struct Lesson: Hashable, Sendable {
    /// What it shows.
    package var title: String
    /// How long it takes, and what it needs.
    package var detail: String
    /// The command that plays it.
    package var command: String

    /// A tour.
    package init(title: String, detail: String, command: String) {
      (self.title, self.detail, self.command) = (title, detail, command)
    }
  }

  /// The conversations that were last used, on the keys from 1; at most ``recentLimit``.
  package private(set) var recent: [ConversationLine]
  /// How many conversations there are in all.
  package private(set) var total: Int
  /// Tours, on the keys from ``firstLessonKey``.
  package var lessons: [Lesson]

  /// The most conversations that are offered by themselves; the key behind them shows all.
  package static let recentLimit = 2
  /// The key of the list of all conversations.
  package static let allKey = recentLimit + 1
  /// The key of the first tour.
  package static let firstLessonKey = allKey + 1

  /// An offer of what was `found` last, and of tours.
  package init(_ found: FoundConversations = FoundConversations(), lessons: [Lesson] = []) {
    recent = Array(found.lines.prefix(Self.recentLimit))
    total = found.total
    self.lessons = lessons
  }

  /// Whether nothing is offered.
  package var isEmpty: Bool { total == 0 && lessons.isEmpty }

  /// Whether the first screen is to be seen: nobody said anything yet, and nothing lies over it.
  static func isShown(in state: ScreenState) -> Bool {
    guard case .chat = state.stage, state.overlay == nil, !state.isAnswering else { return false }
    return state.passages.allSatisfy {
      switch $0.speaker {
      case .notice, .system: true
      case .user, .model, .thought: false
      }
    }
  }

  /// What a digit means that is the very first key; nil where it is one to be written.
  static func press(_ key: Key, in state: inout ScreenState) -> [Action]? {
    guard case .scalar(let scalar) = key, let digit = Int(String(scalar)), state.editor.isEmpty,
      state.editor.search == nil, isShown(in: state)
    else { return nil }
    let welcome = state.welcome
    if welcome.recent.indices.contains(digit - 1) {
      return [.command(.conversations(.resume(welcome.recent[digit - 1].id)))]
    }
    if digit == allKey, welcome.total > 0 { return ConversationsBoard.open("", in: &state) }
    return nil
  }
}
