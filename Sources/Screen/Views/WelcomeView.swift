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
    for (row, line) in lines(state.welcome, room: area.rows, columns: area.columns).enumerated() {
      frame.write(line, in: area, row: row, column: 1)
    }
  }

  private static let opening = [
    "Say something, and see how deep every token goes.",
    "/help lists the commands, F1 the keys, ^D leaves.",
  ]

  /// The lines that fit into so many rows: the opening words always, blank lines where there is room.
  private static func lines(_ welcome: Welcome, room: Int, columns: Int) -> [[Span]] {
    let opening = opening.map { [Span($0, .notice)] }
    let parts = [
      opening, recent(welcome, columns: columns), lessons(welcome, columns: columns),
    ].filter { !$0.isEmpty }
    let isLoose = room >= parts.reduce(0) { $0 + $1.count + 1 }
    return Array(parts.flatMap { isLoose ? [[]] + $0 : $0 }.prefix(max(0, room)))
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
          Welcome.firstLessonKey + index, (lesson.title, 28), lesson.detail, lesson.command,
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
