/// A tour of two minutes through a recording: texts, stretches to play, one question and its answer.
///
/// A lesson is a text of lines; ``init(parsing:number:)`` says of each what it may be. What it says of the
/// recording are figures (``LessonFigure``) that are looked up there, and checks that must hold.
package struct Lesson: Hashable, Sendable {
  /// A token of an answer, both counted from 1.
  package struct WordPlace: Hashable, Sendable {
    /// The answer, in the order of the recording.
    package var answer: Int
    /// The token in the answer.
    package var word: Int
  }

  /// Where playing stops.
  package enum Stop: Hashable, Sendable {
    /// Behind the last record.
    case end
    /// Behind an answer and what belongs to it.
    case answer(Int)
    /// Behind a mark, counted from 1.
    case mark(Int)
    /// Behind a token.
    case word(WordPlace)
  }

  /// One step.
  package enum Step: Hashable, Sendable {
    /// Show a text and wait for a key.
    case say(String)
    /// Show the question and wait for a key.
    case ask(String)
    /// Show the answer to the question and wait for a key.
    case reveal(String)
    /// Play so many tokens a second from now on.
    case pace(Double)
    /// Play until there.
    case play(Stop)
    /// Look at a token closely; nil: no longer.
    case look(WordPlace?)
  }

  /// Its number, from 1.
  package let number: Int
  /// What it is called.
  package private(set) var title = ""
  /// What it shows, in a sentence.
  package private(set) var about = ""
  /// What was typed into a chat to make its recording, line by line.
  package private(set) var typed: [String] = []
  /// Whether the recording holds a look at every token through the lens.
  package private(set) var needsLens = false
  /// The steps.
  package private(set) var steps: [Step] = []
  /// What must be so in its recording.
  package private(set) var checks: [LessonCheck] = []

  /// Reads a lesson.
  ///
  /// A line is a word and what follows it; lines that are indented go on with the one before, an empty one
  /// among them breaks the text. `#` begins a comment.
  ///
  /// | line | meaning |
  /// |---|---|
  /// | `title TEXT`, `about TEXT` | what it is called and what it shows |
  /// | `type LINE` | what was typed to make the recording; once for each line |
  /// | `lens` | the recording holds a look through the lens at every token |
  /// | `say TEXT`, `ask TEXT`, `reveal TEXT` | a text, the question, its answer; each waits for a key |
  /// | `pace N` | play so many tokens a second |
  /// | `play end`, `play answer 1`, `play mark 2`, `play word 1.6` | play until behind that |
  /// | `look 1.6`, `look off` | look at the sixth token of the first answer; no longer |
  /// | `check FIGURE = VALUE` | must be so in the recording; also `<`, `>`, `<=`, `>=` |
  ///
  /// In texts, `{FIGURE}` stands for a figure of the recording.
  package init(parsing text: String, number: Int) throws(LessonError) {
    self.number = number
    for line in Self.logicalLines(of: text) { try take(line) }
    let questions = steps.count { if case .ask = $0 { true } else { false } }
    guard !title.isEmpty, !steps.isEmpty, !typed.isEmpty, questions == 1 else {
      throw LessonError(
        .line, at: "lesson \(number)", "it must have a title, typed lines, steps and one question.")
    }
  }

  /// A line with those that go on with it.
  private struct Line {
    let number: Int
    let word: String
    var text: String
  }

  private static func logicalLines(of text: String) -> [Line] {
    var lines: [Line] = []
    for (index, line) in text.split(separator: "\n", omittingEmptySubsequences: false).enumerated()
    {
      let isBlank = line.allSatisfy(\.isWhitespace)
      if line.hasPrefix("#") || (isBlank && lines.isEmpty) { continue }
      if line.first == " " || isBlank {
        guard !lines.isEmpty else { continue }
        let words = line.trimming
        let isOpen = !lines[lines.count - 1].text.hasSuffix("\n")
        lines[lines.count - 1].text +=
          isBlank ? "\n\n" : (isOpen && !lines[lines.count - 1].text.isEmpty ? " " : "") + words
        continue
      }
      let word = String(line.prefix { $0 != " " })
      lines.append(
        Line(number: index + 1, word: word, text: String(line.dropFirst(word.count)).trimming))
    }
    for index in lines.indices { lines[index].text = lines[index].text.trimming }
    return lines
  }

  private mutating func take(_ line: Line) throws(LessonError) {
    let wrong = LessonError(
      .line, at: "lesson \(number), line \(line.number)",
      "\"\(line.word) \(line.text)\" is no line of a lesson; the lines stand at Lesson.init(parsing:)."
    )
    switch line.word {
    case "title": title = line.text
    case "about": about = line.text
    case "type": typed.append(line.text)
    case "lens": needsLens = true
    case "say": steps.append(.say(line.text))
    case "ask": steps.append(.ask(line.text))
    case "reveal": steps.append(.reveal(line.text))
    case "pace":
      guard let pace = Double(line.text), pace > 0, pace.isFinite else { throw wrong }
      steps.append(.pace(pace))
    case "play":
      guard let stop = Stop(parsing: line.text) else { throw wrong }
      steps.append(.play(stop))
    case "look":
      let place = WordPlace(parsing: line.text)
      guard place != nil || line.text == "off" else { throw wrong }
      steps.append(.look(place))
    case "check":
      guard let check = LessonCheck(parsing: line.text) else { throw wrong }
      checks.append(check)
    default: throw wrong
    }
  }
}

extension Lesson.WordPlace {
  /// Reads `1.6`; nil when the text is something else.
  package init?(parsing text: some StringProtocol) {
    let parts = text.split(separator: ".", omittingEmptySubsequences: false).map { Int($0) ?? 0 }
    guard parts.count == 2, parts.allSatisfy({ (1...9999).contains($0) }) else { return nil }
    self.init(answer: parts[0], word: parts[1])
  }
}

extension Lesson.Stop {
  init?(parsing text: String) {
    let words = text.split(separator: " ")
    switch (words.first, words.count) {
    case ("end", 1): self = .end
    case ("answer", 2):
      guard let number = Int(words[1]), number > 0 else { return nil }
      self = .answer(number)
    case ("mark", 2):
      guard let number = Int(words[1]), number > 0 else { return nil }
      self = .mark(number)
    case ("word", 2):
      guard let place = Lesson.WordPlace(parsing: words[1]) else { return nil }
      self = .word(place)
    default: return nil
    }
  }
}

extension StringProtocol {
  /// The text without white space at its ends.
  var trimming: String {
    String(drop(while: \.isWhitespace).reversed().drop(while: \.isWhitespace).reversed())
  }
}
