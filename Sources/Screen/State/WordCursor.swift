import Dials
import Events
import Techniques

/// The word that is looked at closely, and how keys lead to another one.
package struct WordCursor: Hashable, Sendable {
  /// The number of the word.
  package private(set) var number: Int
  /// What a person has chosen to see, and types to go to a word.
  package private(set) var choices: ViewChoices
  /// A word about the last key.
  package private(set) var hint: String?
  /// Where the words are.
  private let shelf: TokenShelf

  /// A cursor at the word `number`.
  package init(at number: Int, in shelf: TokenShelf, _ choices: ViewChoices) {
    (self.number, self.shelf, self.choices) = (number, shelf, choices)
  }

  /// Does what `key` means here; false where it means what it means everywhere. Letters belong to the
  /// cursor as long as nothing is written.
  package mutating func press(_ key: Key, isWriting: Bool) -> Bool {
    if let entry = choices.entry { return press(key, in: entry) }
    switch key {
    case .left: go(shelf.nearest(to: number, isBackward: true) { $0.isWord })
    case .right: go(shelf.nearest(to: number, isBackward: false) { $0.isWord })
    case .home where !isWriting: go(shelf.range.first { shelf[$0]?.isWord == true })
    case .end where !isWriting: go(shelf.lastWord)
    case .scalar("n") where !isWriting: goToRemarkable(isBackward: false)
    case .scalar("N") where !isWriting: goToRemarkable(isBackward: true)
    case .scalar("/") where !isWriting: choices.entry = .word("")
    case .scalar("g") where !isWriting: choices.entry = .number("")
    case .scalar("m") where !isWriting: choices.isDetailed.toggle()
    default: return false
    }
    return true
  }

  private mutating func go(_ number: Int?) { self.number = number ?? self.number }

  /// To the next word that went all the way, or that the whole model takes another for.
  private mutating func goToRemarkable(isBackward: Bool) {
    let found = shelf.nearest(to: number, isBackward: isBackward) { $0.isWord && $0.isRemarkable }
    if found == nil { hint = "no such word \(isBackward ? "before" : "after")" }
    go(found)
  }

  private mutating func press(_ key: Key, in entry: ViewChoices.Entry) -> Bool {
    switch (key, entry) {
    case (.enter, _):
      choices.entry = nil
      find(entry)
    case (.escape, _), (.control("c"), _): choices.entry = nil
    case (.backspace, .word(let text)):
      choices.entry = text.isEmpty ? nil : .word(String(text.dropLast()))
    case (.backspace, .number(let text)):
      choices.entry = text.isEmpty ? nil : .number(String(text.dropLast()))
    case (.scalar(let scalar), .word(let text)): choices.entry = .word(text + String(scalar))
    case (.scalar(let scalar), .number(let text)):
      if ("0"..."9").contains(scalar), text.count < 9 {
        choices.entry = .number(text + String(scalar))
      }
    case (.paste(let more), .word(let text)): choices.entry = .word(text + more.prefix(100))
    case (.function, _), (.control, _): return false
    default: break
    }
    return true
  }

  private mutating func find(_ entry: ViewChoices.Entry) {
    switch entry {
    case .word(let text):
      guard !text.isEmpty else { return }
      let isMeant = { (entry: TokenShelf.Entry) in
        entry.isWord && entry.record.token.lowercased().contains(text.lowercased())
      }
      let found =
        shelf.nearest(to: number, isBackward: false, where: isMeant)
        ?? shelf.nearest(to: shelf.first - 1, isBackward: false, where: isMeant)
      if found == nil { hint = "no word has \"\(text)\" in it" }
      go(found)
    case .number(let text):
      guard let place = Int(text), let here = shelf[number]?.record else { return }
      let found = shelf.nearest(to: shelf.first - 1, isBackward: false) { entry in
        entry.isWord && entry.record.i + 1 == place && entry.record.turn == here.turn
          && entry.record.answer == here.answer
      }
      if found == nil { hint = "this answer has no word \(place)" }
      go(found)
    }
  }
}

extension TokenShelf {
  /// The number of the newest word of the text; nil where there is none.
  package var lastWord: Int? {
    nearest(to: range.upperBound, isBackward: true) { $0.isWord }
  }
}

extension TokenShelf.Entry {
  /// Whether it is part of the text, and no guess that came to nothing.
  package var isWord: Bool { record.phase == .gen }

  /// Whether it went all the way up, as far as is known, or the whole model takes another.
  package var isRemarkable: Bool {
    if isSame == false { return true }
    guard record.depth.exitBlock == nil else { return false }
    if !settings.policy.leavesEarly, let known = probe?.settled {
      return 10 * known >= 9 * record.depth.marks.count
    }
    return settings.policy.leavesEarly
  }
}
