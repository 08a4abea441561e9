package import Events
package import Inference
package import Tokenization

extension Conversation {
  /// The conversation that a session's records tell.
  package init(records: [Record], template: ChatTemplate) {
    self.init(template: template)
    var text = ReplyText()
    var answer: String?
    for record in records {
      switch record {
      case .turn(let turn):
        switch turn.role {
        case .system: instruct(turn.text)
        case .user: say(.user, turn.text)
        case .assistant:
          // An answer given again takes the place of the one before.
          _ = takeBack(.assistant)
          answer = ""
        }
      case .token: answer? += text.append(record)
      case .end(let end):
        answer? += text.append(record)
        if let answer, end.reason != .error { say(.assistant, answer) }
        if end.reason == .error { _ = takeBack(.user) }
        answer = nil
      default: break
      }
    }
  }
}
