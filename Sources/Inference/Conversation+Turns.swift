import Tokenization

extension Conversation {
  /// The messages of each turn, a question with its answer: the first turn is number 1.
  package var turns: [Range<Int>] {
    let questions = messages.indices.filter { messages[$0].role == .user }
    return zip(questions, questions.dropFirst() + [messages.count]).map { $0..<$1 }
  }

  /// What turn `number` asked, and what was answered; nil where there is no such turn.
  package func turn(_ number: Int) -> (question: String, answer: String?)? {
    let turns = turns
    guard turns.indices.contains(number - 1) else { return nil }
    let range = turns[number - 1]
    return (
      messages[range.lowerBound].content,
      messages[range].first { $0.role == .assistant }?.content
    )
  }

  /// Takes back message `first` and all that follow.
  package mutating func takeBack(from first: Int) {
    guard first >= 0, first < messages.count else { return }
    keep(first)
  }
}
