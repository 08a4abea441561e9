package import Events

/// What the first screen offers, where nothing is said yet: digits are keys.
package struct Welcome: Hashable, Sendable {
  /// The conversations that were last used, on the keys from 1; at most ``recentLimit``.
  package private(set) var recent: [ConversationLine]
  /// How many conversations there are in all.
  package private(set) var total: Int
  /// The first lessons, on the keys from ``firstLessonKey``.
  package private(set) var lessons: [LessonList.Entry]

  /// The most conversations that are offered by themselves; the key behind them shows all.
  package static let recentLimit = 2
  /// The key of the list of all conversations.
  package static let allKey = recentLimit + 1
  /// The most lessons that are offered: the others are in the list of ``/lesson``.
  package static let lessonLimit = 4
  /// The key of the first lesson.
  package static let firstLessonKey = allKey + 1

  /// An offer of what was `found` last, and of the first of `lessons`.
  package init(
    _ found: FoundConversations = FoundConversations(), lessons: [LessonList.Entry] = []
  ) {
    recent = Array(found.lines.prefix(Self.recentLimit))
    total = found.total
    self.lessons = Array(lessons.prefix(Self.lessonLimit))
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
    if welcome.lessons.indices.contains(digit - firstLessonKey) {
      return [.lesson(welcome.lessons[digit - firstLessonKey].number)]
    }
    return nil
  }
}
