/// The input: what a person is writing, the cursor in it.
enum PromptView {
  /// The rows the text takes at this width; at least one.
  static func rowCount(of state: ScreenState, width: Int) -> Int {
    guard case .chat = state.stage else { return 1 }
    return lines(of: state, width: width).lines.count
  }

  static func draw(_ state: ScreenState, in area: Area, of frame: inout Frame) {
    guard !area.isEmpty else { return }
    guard case .chat = state.stage else {
      drawReplay(state, in: area, of: &frame)
      return
    }
    let sign = sign(of: state, width: area.columns)
    let (lines, cursor) = lines(of: state, width: area.columns)
    let top = min(max(0, cursor.row - area.rows + 1), max(0, lines.count - area.rows))
    for row in 0..<min(area.rows, lines.count - top) {
      if top + row == 0 { frame.write(sign, .prompt, in: area) }
      frame.write(lines[top + row], .text, in: area, row: row, column: Glyph.width(of: sign))
    }
    let column = min(Glyph.width(of: sign) + cursor.column, area.columns - 1)
    frame.cursor = Frame.Place(row: area.row + cursor.row - top, column: area.column + column)
  }

  private static func drawReplay(_ state: ScreenState, in area: Area, of frame: inout Frame) {
    let text = state.hasReplayEnded ? "the record ends here" : "replaying"
    frame.write(
      [Span(area.columns > 20 ? " " : "", .text), Span(text, .notice)], in: area)
  }

  private static func sign(of state: ScreenState, width: Int) -> String {
    if let search = state.editor.search { return "search '\(search.query)': " }
    return width >= 6 ? "> " : ""
  }

  /// The text broken at the width (no words: the cursor must be able to stand anywhere), and where the
  /// cursor is in it.
  private static func lines(
    of state: ScreenState, width: Int
  ) -> (lines: [GlyphLine], cursor: (row: Int, column: Int)) {
    let room = max(1, width - Glyph.width(of: sign(of: state, width: width)))
    let editor = state.editor
    if let search = editor.search {
      let text = search.match.map { editor.history[$0] } ?? ""
      let line = Glyph.run(of: text.map { $0.isLineBreak ? " " : String($0) }.joined())
      return ([line], (0, 0))
    }
    var lines: [GlyphLine] = [[]]
    var column = 0
    var cursor = (row: 0, column: 0)
    for (place, character) in editor.text.enumerated() {
      if place == editor.cursor { cursor = (lines.count - 1, column) }
      if character.isLineBreak {
        lines.append([])
        column = 0
        continue
      }
      for glyph in Glyph.run(of: String(character)) {
        if column + glyph.width > room {
          lines.append([])
          column = 0
          if place == editor.cursor { cursor = (lines.count - 1, 0) }
        }
        lines[lines.count - 1].append(glyph)
        column += glyph.width
      }
    }
    if editor.cursor >= editor.text.count {
      if column >= room {
        lines.append([])
        column = 0
      }
      cursor = (lines.count - 1, column)
    }
    return (lines, cursor)
  }
}

/// The line above the input.
enum RuleView {
  static func draw(_ state: ScreenState, in area: Area, of frame: inout Frame) {
    guard !area.isEmpty else { return }
    frame.rule(in: area)
    if state.scrollTop != nil {
      frame.write(" scrolled up: Esc to the end ", .notice, in: area, column: 2)
    } else if let pending = state.pending {
      frame.write(" from the next answer on: \(pending) ", .notice, in: area, column: 2)
    }
  }
}

/// The last line: what the keys do now.
enum HintView {
  static func draw(_ state: ScreenState, in area: Area, of frame: inout Frame) {
    if let hint = state.hint {
      frame.write(hint, .notice, in: area, column: 1)
      return
    }
    var parts = keys(state).enumerated().map { importance, key in
      (importance: importance, spans: [Span(key.0, .detail), Span(" " + key.1, .hint)])
    }
    if Layout(of: state).rule.isEmpty, let pending = state.pending {
      parts.insert((-1, [Span("next: \(pending)", .notice)]), at: 0)
    }
    frame.write(fitting: parts, separator: "  ", in: area, column: 1)
  }

  private static func keys(_ state: ScreenState) -> [(String, String)] {
    switch (state.stage, state.overlay) {
    case (.chat, .help): [("Esc", "close"), ("PgUp PgDn", "scroll")]
    case (.replay, .help): [("Esc", "close"), ("PgUp PgDn", "scroll"), ("q", "quit")]
    case (.chat, .inspector):
      [("Left Right", "token"), ("Esc", "close"), ("^C", "stop"), ("F1", "help")]
    case (.replay, .inspector): [("Left Right", "token"), ("Esc", "close"), ("q", "quit")]
    case (_, .pruning):
      [
        ("Space", "mark"), ("Enter", "apply"), ("Esc", "leave"), ("u", "undo"),
        ("m", "measure"), ("e", "export"), ("Up Down", "block"),
      ]
    case (.replay, nil):
      [("q", "quit"), ("F1", "help"), ("F2", "inspect"), ("Up Down PgUp PgDn", "scroll")]
    case (.chat, nil) where state.isAnswering:
      [("^C", "stop"), ("F1", "help"), ("F2", "inspect"), ("PgUp PgDn", "scroll"), ("^D", "quit")]
    case (.chat, nil):
      [
        ("Enter", "send"), ("F1", "help"), ("F2", "inspect"), ("Alt-Enter", "newline"),
        ("Tab", "complete"), ("^R", "search"), ("PgUp PgDn", "scroll"), ("^D", "quit"),
      ]
    }
  }
}
