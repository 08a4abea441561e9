import Dials
import Events

/// What a model thinks before it answers, as the screen shows it: passages in front of those of what it
/// says.
package struct Thoughts: Hashable, Sendable {
  /// Whether a person wants to read them.
  package internal(set) var areUnfolded = false
  /// Whether there are none in this conversation.
  package private(set) var isEmpty = true
  /// The answer that comes, in what is thought and what is said.
  private var reply = ReplyParts()
  /// The tokens that were thought in the answer that goes on.
  private var takenBack = 0

  /// How much is shown of them: what is set, unless a person unfolds them.
  func extent(_ thinking: Thinking?) -> Passage.Extent {
    if areUnfolded { return .whole }
    return thinking == .hide ? .hidden : .folded
  }

  /// Forgets the conversation.
  mutating func clear() {
    let areUnfolded = areUnfolded
    self = Thoughts()
    self.areUnfolded = areUnfolded
  }

  /// Takes in a record of the answer to message `turn`: what it completes goes to what is thought or to what
  /// is said. `number` is that of the token; nil where it is none.
  mutating func grow(
    _ passages: inout [Passage], by record: Record, turn: Int, token number: Int? = nil,
    width: Int, _ extent: Passage.Extent
  ) {
    let wasThinking = reply.isThinking
    let piece = reply.append(record)
    guard var said = passages.answer(to: turn) else { return }
    var thought = passages.thought(in: turn)
    if piece.beginsThought, thought == nil {
      passages.insert(Passage(thoughtIn: turn, tokenCount: takenBack, extent), at: said)
      passages[said].wrap(width: width)
      isEmpty = false
      thought = said
      said += 1
    }
    for part in piece.parts {
      switch part {
      case .reasoning(let text): passages[thought ?? said].append(text, ofToken: number)
      case .answer(let text): passages[said].append(text, ofToken: number)
      }
    }
    // A token that completes nothing belongs to what comes.
    if piece.parts.isEmpty, number != nil {
      let isThought = wasThinking || reply.isThinking
      passages[isThought ? thought ?? said : said].append("", ofToken: number)
    }
    if let thought, !reply.isThinking || record.isEnd { passages[thought].finish() }
  }

  /// Takes what was thought in message `turn` off the screen; its count of tokens is for what comes again.
  mutating func takeBack(_ turn: Int, from passages: inout [Passage]) {
    takenBack = 0
    guard let index = passages.thought(in: turn) else { return }
    takenBack = passages[index].tokenCount
    passages.remove(at: index)
  }

  /// Notes that an answer begins of which nothing was there before.
  mutating func begin() { takenBack = 0 }
}

extension [Passage] {
  /// What the model says in message `turn`, the newest time that it does.
  func answer(to turn: Int) -> Int? { lastIndex { $0.turn == turn && $0.speaker == .model } }

  /// What the model thought in message `turn`: it stands in front of what it says.
  func thought(in turn: Int) -> Int? {
    guard let said = answer(to: turn), said > 0 else { return nil }
    return self[said - 1].speaker == .thought && self[said - 1].turn == turn ? said - 1 : nil
  }
}

extension Record {
  fileprivate var isEnd: Bool { if case .end = self { true } else { false } }
}
