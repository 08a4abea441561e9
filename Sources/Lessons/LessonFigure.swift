import Dials
import Events
import Reports

/// A figure of a recording: what a text shows, and the number in it.
///
/// | figure | what |
/// |---|---|
/// | `word 1.6` | the sixth token of the first answer, in quotation marks |
/// | `left 1.6` | how deep it went: `19 of 30` |
/// | `sure 1.6` | how sure the decision was |
/// | `look 1.6 19`, `needs 1.6 19` | how sure the look after 19 blocks was, and had to be |
/// | `gate 1.6 19` | what the gate there said |
/// | `known 1.6` | from which block on the lens's first choice is the token |
/// | `said 1.6 10`, `saidsure 1.6 10` | the lens's first choice after 10 blocks, and how sure it is |
/// | `instead 1.6` | what the whole model takes in its place |
/// | `saw 1.6`, `forgot 1.6` | tokens that attention saw, and did not see |
/// | `words 1`, `early 1`, `full 1` | tokens; those that left early; those that ran every block |
/// | `same 1`, `differ 1` | tokens that the whole model takes too; that it does not |
/// | `passes 1`, `rate 1` | readings of the weights; words per reading |
/// | `guesses 1`, `right 1`, `wrong 1` | guesses; those that came true; the others |
/// | `small 1` | the share of feed-forwards that ran small |
/// | `weights 1` | weight bytes read, as a share of the dense model's |
/// | `speed 1` | words a second where it was recorded |
/// | `answer 1` | what it says, in quotation marks |
/// | `equal 1 2` | 1 where two answers say the same, else 0 |
package struct LessonFigure: Hashable, Sendable {
  /// What a text shows.
  package var text: String
  /// The number in it; nil where it is a text.
  package var number: Double?

  private init(_ text: String, _ number: Double? = nil) {
    self.text = text
    self.number = number
  }

  private init(_ number: Int) { self.init("\(number)", Double(number)) }

  private init(probability: Double) {
    self.init(Numbers.probability(probability), probability)
  }

  private init(share: Double) { self.init(Numbers.percent(share), share * 100) }

  private init(quoted text: String) {
    let line = text.trimming
    self.init("\"\(line.split(whereSeparator: \.isNewline).joined(separator: " ").visible)\"")
  }

  /// The figure that `words` name; throws where the recording has none.
  package init(_ words: String, in facts: LessonFacts) throws(LessonError) {
    let parts = words.split(separator: " ").map(String.init)
    let missing = LessonError(.claim, at: "{\(words)}", "the recording has no such figure.")
    guard let name = parts.first else { throw missing }
    let rest = parts.dropFirst()
    let found =
      if let place = rest.first.flatMap(Lesson.WordPlace.init(parsing:)) {
        Self.ofWord(name, place, depth: rest.dropFirst().first.flatMap { Int($0) }, facts)
      } else {
        Self.ofAnswer(name, rest.compactMap { Int($0) }, facts)
      }
    guard let found else { throw missing }
    self = found
  }

  // MARK: - Tokens

  private static func ofWord(
    _ name: String, _ place: Lesson.WordPlace, depth: Int?, _ facts: LessonFacts
  ) -> LessonFigure? {
    guard let token = facts.token(place), let answer = facts.answer(place.answer) else {
      return nil
    }
    switch name {
    case "word": return LessonFigure(quoted: token.special ? "the end" : token.token)
    case "left":
      let reached = token.depth.reached
      return LessonFigure("\(reached) of \(token.depth.marks.count)", Double(reached))
    case "sure":
      return LessonFigure(
        probability: token.exit.conf.map(Double.init)
          ?? Numbers.exponential(Double(token.logprob)))
    case "look", "needs":
      guard let look = token.exit.readouts.first(where: { $0.depth == depth }) else { return nil }
      let value = name == "look" ? look.probability : look.needed
      return value.map { LessonFigure(probability: Double($0)) }
    case "gate":
      let gate = token.exit.gates?.first { $0.depth == depth }
      return gate.map { LessonFigure(probability: Double($0.value)) }
    case "instead":
      let other = answer.check?.others.first { $0.i == token.i }
      return other.map { LessonFigure(quoted: $0.token) }
    case "saw": return token.attn.map { LessonFigure($0.seen) }
    case "forgot": return token.attn.map { LessonFigure($0.forgotten) }
    default: return answer.probes[token.i].flatMap { ofLens(name, $0, depth: depth) }
    }
  }

  private static func ofLens(_ name: String, _ probe: ProbeRecord, depth: Int?) -> LessonFigure? {
    if name == "known" { return LessonFigure(probe.settled) }
    guard let look = probe.layers.first(where: { $0.l == depth }) else { return nil }
    return name == "said"
      ? LessonFigure(quoted: look.token)
      : name == "saidsure" ? LessonFigure(probability: Double(look.p)) : nil
  }

  // MARK: - Answers

  private static func ofAnswer(
    _ name: String, _ numbers: [Int], _ facts: LessonFacts
  ) -> LessonFigure? {
    guard let answer = numbers.first.flatMap(facts.answer) else { return nil }
    let tokens = answer.tokens
    switch name {
    case "answer": return LessonFigure(quoted: answer.text)
    case "equal":
      guard numbers.count == 2, let other = facts.answer(numbers[1]) else { return nil }
      return LessonFigure(answer.text == other.text ? 1 : 0)
    case "words": return LessonFigure(tokens.count)
    case "early": return LessonFigure(tokens.count { $0.exit.left != nil })
    case "full": return LessonFigure(tokens.count { $0.exit.left == nil })
    case "same", "differ":
      guard let same = answer.check?.isSame else { return nil }
      return LessonFigure(same.count { $0 == (name == "same") })
    case "weights":
      let bytes = tokens.compactMap(\.cost.bytes)
      let (read, full) = bytes.reduce((0.0, 0.0)) {
        ($0.0 + Double($1.total), $0.1 + Double($1.full))
      }
      return full > 0 ? LessonFigure(share: read / full) : nil
    case "small":
      let small = tokens.reduce(0) { $0 + $1.depth.smallCount }
      let all = tokens.reduce(0) { $0 + $1.depth.executedCount }
      return all > 0 ? LessonFigure(share: Double(small) / Double(all)) : nil
    case "speed":
      let speed = answer.end?.timings.predictedPerSecond
      return speed.map { LessonFigure(Numbers.fixed($0, 0), $0) }
    default: return ofGuesses(name, answer)
    }
  }

  private static func ofGuesses(_ name: String, _ answer: LessonFacts.Answer) -> LessonFigure? {
    let guessed = answer.rounds.reduce(0) { $0 + $1.kDrafted }
    let right = answer.rounds.reduce(0) { $0 + $1.kAccepted }
    // The first token comes out of the prompt's own pass. A round with guesses has a record of its own; any
    // other is a token that nobody guessed.
    let later = answer.tokens.filter { $0.i > 0 }
    let passes = answer.rounds.count + later.count { $0.spec == nil }
    switch name {
    case "guesses": return LessonFigure(guessed)
    case "right": return LessonFigure(right)
    case "wrong": return LessonFigure(guessed - right)
    case "passes": return LessonFigure(passes)
    case "rate":
      let rate = Double(later.count) / Double(max(1, passes))
      return LessonFigure(Numbers.fixed(rate, 2), rate)
    default: return nil
    }
  }
}
