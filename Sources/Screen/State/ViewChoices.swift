/// What a person wants to see beside the conversation, and how.
package struct ViewChoices: Hashable, Sendable {
  /// What stands beside the conversation, or below it.
  package enum Panel: String, Hashable, CaseIterable, Sendable {
    /// Nothing: the conversation has the whole screen.
    case off
    /// How far each word climbed: a map, or a row for each word where the screen is narrow.
    case map
    /// What attention saw.
    case reach
    /// What was guessed, and what became of it.
    case guesses

    /// The one that comes when a person turns the panel.
    package var next: Panel {
      let all = Self.allCases
      return all[((all.firstIndex(of: self) ?? 0) + 1) % all.count]
    }
  }

  /// What a person types to go to a word.
  package enum Entry: Hashable, Sendable {
    /// Part of the word.
    case word(String)
    /// Its number in the answer.
    case number(String)
  }

  /// What stands beside the conversation.
  package internal(set) var panel = Panel.map
  /// Whether the inspector shows figures for those who measure.
  package internal(set) var isDetailed = false
  /// What is being typed to go to a word; nil where nothing is.
  package internal(set) var entry: Entry?

  /// The choices of somebody who has not chosen yet.
  package init() {}
}

extension ScreenState {
  /// The number of the word that the inspector shows closely; nil where it is closed.
  package var selected: Int? {
    if case .inspector(let number) = overlay { number } else { nil }
  }

  /// What stands beside the conversation: nothing before the first word.
  var panel: ViewChoices.Panel { shelf.last == nil ? .off : choices.panel }

  /// Turns the panel to `panel`, or to the next one.
  mutating func turnPanel(to panel: ViewChoices.Panel? = nil) {
    choices.panel = panel ?? choices.panel.next
    hint = "panel: \(choices.panel.rawValue); F3 turns it"
  }
}
