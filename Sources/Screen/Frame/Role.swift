/// What a cell is there for. A theme turns roles into colours; frames and tests know roles only.
package enum Role: String, CaseIterable, Hashable, Sendable {
  // The furniture.
  case text
  case title
  case detail
  case rule
  case prompt
  case hint
  case number
  case selected
  case identical
  case approximate

  // Who speaks.
  case user
  case model
  case notice
  case warning
  case error

  // What happened in a block.
  case ran
  case small
  case skipped
  case pruned
  case exited
  case notRun = "not-run"
  case drafted
  case settled

  // What became of a token.
  case accepted
  case rejected
  case corrected
  case bonus
  case agrees
  case differs

  // How much, in five steps.
  case amount1
  case amount2
  case amount3
  case amount4
  case amount5

  // What is said, besides prose.
  case code
  case codeComment = "code-comment"
  case codeString = "code-string"
  case codeNumber = "code-number"
  case codeKeyword = "code-keyword"
  case address
  case forgotten

  /// The amounts, little to much.
  package static let amounts: [Role] = [.amount1, .amount2, .amount3, .amount4, .amount5]

  /// The step for a share, 0...1; anything outside counts as the nearest end.
  package static func amount(_ share: Double) -> Role {
    guard share > 0 else { return .amount1 }
    return amounts[min(amounts.count - 1, Int(min(share, 1) * Double(amounts.count)))]
  }
}
