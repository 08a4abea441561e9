/// The input: what a person is writing, the cursor in it.
enum PromptView {
  /// Columns of a row of the text where the screen is so wide.
  static func textColumns(width: Int) -> Int { max(1, width - Glyph.width(of: sign(width: width))) }

  /// The rows that the text takes, counted up to `limit`; at least one.
  static func rowCount(of state: ScreenState, atMost limit: Int) -> Int {
    guard case .chat = state.stage, state.editor.search == nil else { return 1 }
    return state.editor.written.rowCount(atMost: limit)
  }

  static func draw(_ state: ScreenState, in area: Area, of frame: inout Frame) {
    guard !area.isEmpty else { return }
    guard case .chat = state.stage else {
      drawReplay(state, in: area, of: &frame)
      return
    }
    if let search = state.editor.search {
      drawSearch(search, state.editor, in: area, of: &frame)
      return
    }
    let sign = sign(width: area.columns)
    let indent = Glyph.width(of: sign)
    let window = state.editor.written.window(rows: area.rows)
    if window.isAtStart { frame.write(sign, .prompt, in: area) }
    for (row, glyphs) in window.rows.enumerated() {
      frame.write(glyphs, .text, in: area, row: row, column: indent)
    }
    let column = min(indent + window.cursor.column, area.columns - 1)
    frame.cursor = Frame.Place(row: area.row + window.cursor.row, column: area.column + column)
  }

  private static func drawReplay(_ state: ScreenState, in area: Area, of frame: inout Frame) {
    let text = state.hasReplayEnded ? "the record ends here" : "replaying"
    frame.write(
      [Span(area.columns > 20 ? " " : "", .text), Span(text, .notice)], in: area)
  }

  /// What matches, in one line.
  private static func drawSearch(
    _ search: InputEditor.Search, _ editor: InputEditor, in area: Area, of frame: inout Frame
  ) {
    let column = frame.write("search '\(search.query)': ", .prompt, in: area)
    let text = search.match.map { editor.history[$0] } ?? ""
    frame.write(
      text.prefix(area.columns).map { $0.isLineBreak ? " " : String($0) }.joined(), .text, in: area,
      column: column)
    frame.cursor = Frame.Place(
      row: area.row, column: area.column + min(column, area.columns - 1))
  }

  private static func sign(width: Int) -> String { width >= 6 ? "> " : "" }
}

/// The line above the input.
enum RuleView {
  static func draw(_ state: ScreenState, in area: Area, of frame: inout Frame) {
    guard !area.isEmpty else { return }
    frame.rule(in: area)
    let words =
      if let progress = state.progress {
        progress.words
      } else if state.scrollTop != nil {
        "scrolled up: Esc to the end"
      } else {
        state.pending.map { "from the next answer on: \($0)" }
          ?? state.slowMotion.map {
            "slowed to \(Playback.Pace.tokens($0)); times are the engine's"
          }
      }
    guard let words else { return }
    frame.write(
      [Span(" ", .rule), Span(words, .notice)].fitted(area.columns - 5) + [Span(" ", .rule)],
      in: area, column: 2)
  }
}

/// The last line: what the keys do now.
enum HintView {
  static func draw(_ state: ScreenState, in area: Area, of frame: inout Frame) {
    if let words = entry(state) ?? state.hint {
      frame.write(clipping: words, .notice, in: area, column: 1)
      return
    }
    var parts = (thoughtKeys(state) + keys(state)).enumerated().map { importance, key in
      (importance: importance, spans: [Span(key.0, .detail), Span(" " + key.1, .hint)])
    }
    if Layout(of: state).rule.isEmpty, let pending = state.pending {
      parts.insert((-1, [Span("next: \(pending)", .notice)].fitted(area.columns - 2)), at: 0)
    }
    frame.write(fitting: parts, separator: "  ", in: area, column: 1)
  }

  /// What a person types to go to a word.
  private static func entry(_ state: ScreenState) -> String? {
    guard state.selected != nil else { return nil }
    switch state.choices.entry {
    case .word(let text): return "go to the word with: \(text)▌   Enter goes, Esc stops"
    case .number(let text): return "go to word number: \(text)▌   Enter goes, Esc stops"
    case nil: return nil
    }
  }

  private static func thoughtKeys(_ state: ScreenState) -> [(String, String)] {
    guard state.overlay == nil, !state.thoughts.isEmpty else { return [] }
    return [("Alt-t", state.thoughts.areUnfolded ? "fold thoughts" : "unfold thoughts")]
  }

  private static func keys(_ state: ScreenState) -> [(String, String)] {
    let panel = ("F3", "panel: \(state.choices.panel.next.rawValue)")
    return switch (state.stage, state.overlay) {
    case (.chat, .help): [("Esc", "close"), ("PgUp PgDn", "scroll")]
    case (.replay, .help): [("Esc", "close"), ("PgUp PgDn", "scroll"), ("q", "quit")]
    case (.chat, .inspector) where !state.editor.isEmpty:
      [("Left Right", "word"), ("Enter", "send"), ("Esc", "close"), ("F1", "help"), panel]
    case (.chat, .inspector): inspectorKeys + [panel, ("F1", "help")]
    case (.replay, .inspector): inspectorKeys + [panel, ("q", "quit")]
    case (_, .pruning):
      [
        ("Space", "mark"), ("Enter", "apply"), ("Esc", "leave"), ("u", "undo"),
        ("m", "measure"), ("e", "export"), ("Up Down", "block"),
      ]
    case (_, .conversations(let board)): ConversationsView.keys(board)
    case (_, .comparison): [("Esc", "close"), ("PgUp PgDn", "scroll"), ("^C", "stop")]
    case (.chat, .whatIf): [("Up Down", "slide"), ("Enter", "answer so"), ("Esc", "close")]
    case (.replay, .whatIf): [("Up Down", "slide"), ("Esc", "close"), ("q", "quit")]
    case (.replay, nil):
      [
        ("q", "quit"), ("F1", "help"), ("F2", "look at a word"), panel,
        ("Up Down PgUp PgDn", "scroll"),
      ]
    case (.chat, nil) where state.isAnswering:
      [
        ("^C", "stop"), ("F1", "help"), ("F2", "look at a word"), panel, ("PgUp PgDn", "scroll"),
        ("^D", "leave"),
      ]
    case (.chat, nil):
      [
        ("Enter", "send"), ("F1", "help"), ("F2", "look at a word"), panel, ("^D", "leave"),
        ("F4", "blocks"), ("F5", "compare"), ("Alt-Enter", "newline"), ("PgUp PgDn", "scroll"),
        ("^R", "search"),
      ]
    }
  }

  private static let inspectorKeys = [
    ("Left Right", "word"), ("n N", "next late or other word"), ("Esc", "close"), ("/", "search"),
    ("g", "number"), ("m", "more"), ("Home End", "first, last"),
  ]
}
