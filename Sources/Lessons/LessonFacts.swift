package import Events

/// What a recording holds, answer by answer, where a lesson's figures and stops are looked up.
package struct LessonFacts: Sendable {
  /// One answer.
  package struct Answer: Sendable {
    /// The tokens of its text, the end of the turn included.
    package internal(set) var tokens: [TokenRecord] = []
    /// The rounds of drafting.
    package internal(set) var rounds: [DraftRecord] = []
    /// The looks through the lens, by place.
    package internal(set) var probes: [Int: ProbeRecord] = [:]
    /// What the whole model says; nil where it was not asked.
    package internal(set) var check: CheckRecord?
    /// How it ended; nil where the recording does not say.
    package internal(set) var end: EndRecord?
    /// How many records lie before and in each token's place, its own included.
    var tokenEnds: [Int] = []
    /// How many records lie before the first that does not belong to it any more.
    var recordEnd = 0

    /// What it says.
    package var text: String {
      String(decoding: tokens.filter { !$0.special }.flatMap(\.bytes), as: UTF8.self)
    }
  }

  /// The answers, in order.
  package private(set) var answers: [Answer] = []
  /// How many records lie before each mark, its own included.
  private(set) var markEnds: [Int] = []
  /// All records.
  package let recordCount: Int

  /// What `records` hold.
  package init(_ records: [Record]) {
    recordCount = records.count
    var isInAnswer = false
    for (index, record) in records.enumerated() {
      switch record {
      case .turn(let turn) where turn.role == .assistant:
        isInAnswer = true
        if turn.text.isEmpty || answers.isEmpty { answers.append(Answer()) }
      case .turn, .parameter, .session, .mark: isInAnswer = false
      default: if isInAnswer { add(record, index + 1) }
      }
      if case .mark = record { markEnds.append(index + 1) }
      if isInAnswer { answers[answers.count - 1].recordEnd = index + 1 }
    }
  }

  private mutating func add(_ record: Record, _ count: Int) {
    let last = answers.count - 1
    switch record {
    case .token(let token) where token.phase == .gen:
      answers[last].tokens.append(token)
      answers[last].tokenEnds.append(count)
    case .draft(let round): answers[last].rounds.append(round)
    case .probe(let probe): answers[last].probes[probe.i] = probe
    case .check(let check): answers[last].check = check
    case .end(let end): answers[last].end = end
    default: break
    }
  }

  /// The answer of this number; nil where there are fewer.
  package func answer(_ number: Int) -> Answer? {
    answers.indices.contains(number - 1) ? answers[number - 1] : nil
  }

  /// The token at a place; nil where there is none.
  package func token(_ place: Lesson.WordPlace) -> TokenRecord? {
    guard let answer = answer(place.answer), answer.tokens.indices.contains(place.word - 1) else {
      return nil
    }
    return answer.tokens[place.word - 1]
  }

  /// How many records come before a stop; nil where the recording has no such place.
  package func count(before stop: Lesson.Stop) -> Int? {
    switch stop {
    case .end: return recordCount
    case .answer(let number): return answer(number)?.recordEnd
    case .mark(let number):
      return markEnds.indices.contains(number - 1) ? markEnds[number - 1] : nil
    case .word(let place):
      guard token(place) != nil else { return nil }
      return answer(place.answer)?.tokenEnds[place.word - 1]
    }
  }
}
