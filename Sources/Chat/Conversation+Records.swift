package import Events
package import Inference
package import Tokenization

extension Conversation {
  /// The conversation that a session's records tell.
  package init(records: [Record], template: ChatTemplate) {
    self.init(template: template)
    var text = ReplyText()
    var answer: String?
    var begun: String?
    for record in records {
      switch record {
      case .turn(let turn):
        switch turn.role {
        case .system: instruct(turn.text)
        case .user: say(.user, turn.text)
        case .assistant:
          // An answer that is given again or goes on takes the place of the one before.
          let before = takeBack(.assistant)
          begun = turn.text.isEmpty ? nil : before
          answer = text.append(record)
        }
      case .parameter(let record):
        switch record.change {
        case .takenBack(let count): takeBack(from: count)
        case .pinned(let turns): pinned = Set(turns.members)
        default: break
        }
      case .token: answer? += text.append(record)
      case .end(let end):
        answer? += text.append(record)
        if let answer, end.reason != .error { say(.assistant, answer) }
        if end.reason == .error {
          if let begun { say(.assistant, begun) } else { _ = takeBack(.user) }
        }
        (answer, begun) = (nil, nil)
      default: break
      }
    }
  }
}
