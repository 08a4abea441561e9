import Events
import Reports

/// The first screen, where nothing is said yet: what to go on with, what to watch, and that one may just type.
enum WelcomeView {
  /// Draws the offers into `area`, below what the program said as it began.
  static func draw(_ state: ScreenState, in area: Area, of frame: inout Frame) {
    var area = area
    let said = TranscriptView.lineCount(of: state)
    TranscriptView.draw(state, in: area.takeTop(min(said, area.rows)), of: &frame)
    guard !area.isEmpty else { return }
    if let progress = state.progress {
      frame.write(progress.words, .notice, in: area.takeBottom(1), column: 1)
    }
    for (row, line) in lines(state, room: area.rows, columns: area.columns).enumerated() {
      frame.write(line, in: area, row: row, column: 1)
    }
  }

  /// What this is, and what to do first.
  private static func opening(_ state: ScreenState) -> [String] {
    let blocks = state.blockCount.map { "\($0) of them" } ?? "of them"
    return [
      "A language model is a stack of blocks. Every word normally climbs through all \(blocks).",
      "Fathom lets you see, and change, how far each word climbs. /help and F1 say how.",
    ]
  }

  private static let closing = [
    "Or just type. The words of the answer are coloured by how early the model knew them."
  ]

  /// The lines that fit into so many rows: the opening words always, blank lines where there is room.
  private static func lines(_ state: ScreenState, room: Int, columns: Int) -> [[Span]] {
    let welcome = state.welcome
    let parts = [
      wrapped(opening(state), columns), recent(welcome, columns: columns),
      lessons(welcome, columns: columns), wrapped(closing, columns),
    ].filter { !$0.isEmpty }
    let isLoose = room >= parts.reduce(0) { $0 + $1.count + 1 }
    return Array(parts.flatMap { isLoose ? [[]] + $0 : $0 }.prefix(max(0, room)))
  }

  private static func wrapped(_ sentences: [String], _ columns: Int) -> [[Span]] {
    sentences.flatMap { Wrapping.lines(of: $0, width: max(1, columns - 2)) }
      .map { [Span($0.map(\.text).joined(), .notice)] }
  }

  /// What to go on with, each with its key.
  private static func recent(_ welcome: Welcome, columns: Int) -> [[Span]] {
    guard welcome.total > 0 else { return [] }
    var rows = welcome.recent.enumerated().map { index, line in
      entry(index + 1, (line.when, 18), "\"\(line.title)\"", line.answers, columns: columns)
    }
    let all = welcome.total == 1 ? "the one conversation" : "all \(welcome.total) conversations"
    rows.append(entry(Welcome.allKey, (all + ", search", 18), "", "/sessions", columns: columns))
    return headed("Go on with", rows)
  }

  private static func lessons(_ welcome: Welcome, columns: Int) -> [[Span]] {
    headed(
      "Watch",
      welcome.lessons.enumerated().map { index, lesson in
        entry(
          Welcome.firstLessonKey + index, (lesson.title, 28), lesson.about,
          "/lesson \(lesson.number)",
          columns: columns)
      })
  }

  /// The rows, the first of them behind a word that says what they are.
  private static func headed(_ head: String, _ rows: [[Span]]) -> [[Span]] {
    rows.enumerated().map { index, row in
      [Span(padded(index == 0 ? head : "", 12), .prompt)] + row
    }
  }

  /// ` 1  Yesterday 18:40   "Why is the sky blue?"      3 answers`
  private static func entry(
    _ key: Int, _ first: (text: String, columns: Int), _ second: String, _ last: String,
    columns: Int
  ) -> [Span] {
    let firstColumns = max(first.columns, Glyph.width(of: first.text))
    let room = min(columns, 100) - 12 - 3 - firstColumns - 2 - Glyph.width(of: last) - 4
    return [
      Span("\(key)  ", .title), Span(padded(first.text, firstColumns) + "  ", .text),
      Span(padded(cut(second, max(0, room)), max(0, room)), .text), Span("  " + last, .detail),
    ]
  }

  private static func cut(_ text: String, _ columns: Int) -> String {
    guard Glyph.width(of: text) > columns else { return text }
    var kept = ""
    for character in text {
      if Glyph.width(of: kept + String(character)) >= columns { break }
      kept.append(character)
    }
    return columns > 0 ? kept + "…" : ""
  }

  private static func padded(_ text: String, _ columns: Int) -> String {
    text + String(repeating: " ", count: max(0, columns - Glyph.width(of: text)))
  }
}
