/// Draws the state: the same state gives the same frame, on any terminal and on none.
package func draw(_ state: ScreenState) -> Frame {
  var frame = Frame(rows: state.rows, columns: state.columns)
  let layout = Layout(of: state)
  TitleView.draw(state, in: layout.title, of: &frame)
  let body = layout.body(of: frame)
  switch state.overlay {
  case .help(let line): HelpView.draw(from: line, in: body, of: &frame)
  case .pruning(let editor):
    PruneEditorView.draw(
      editor, state.blockFacts, progress: state.progress?.words, in: body, of: &frame)
  case .comparison:
    if let comparison = state.comparison {
      ComparisonView.draw(comparison, in: body, of: &frame)
    }
  case .whatIf(let whatIf): WhatIfView.draw(whatIf, in: body, of: &frame)
  // Drawn last: the cursor may be in it.
  case .conversations: break
  case .inspector, nil:
    if Welcome.isShown(in: state) {
      WelcomeView.draw(state, in: body, of: &frame)
    } else {
      drawConversation(state, layout, of: &frame)
    }
  }
  RuleView.draw(state, in: layout.rule, of: &frame)
  PromptView.draw(state, in: layout.input, of: &frame)
  HintView.draw(state, in: layout.hint, of: &frame)
  if case .conversations(let board) = state.overlay {
    ConversationsView.draw(board, in: body, of: &frame)
  }
  return frame
}

/// The conversation with what stands beside it.
private func drawConversation(_ state: ScreenState, _ layout: Layout, of frame: inout Frame) {
  TranscriptView.draw(state, in: layout.transcript, of: &frame)
  DepthStrip.draw(state, in: layout.strip, of: &frame)
  DepthMap.draw(state, in: layout.map, of: &frame)
  StatisticsView.draw(state, in: layout.statistics, of: &frame)
  InspectorView.draw(state, in: layout.inspector, of: &frame)
  ReachView.draw(state, in: layout.reach, of: &frame)
  GuessView.draw(state, in: layout.guesses, of: &frame)
  for row in 0..<layout.divider.rows {
    frame.write("│", .rule, in: layout.divider, row: row)
  }
}

/// A piece of a line: text and what it is there for.
struct Span {
  var text: String
  var role: Role

  init(_ text: String, _ role: Role) {
    self.text = text
    self.role = role
  }

  var width: Int { Glyph.width(of: text) }
}

extension Frame {
  /// Writes pieces one after the other; returns the column behind the last.
  @discardableResult
  mutating func write(_ spans: [Span], in area: Area, row: Int = 0, column: Int = 0) -> Int {
    spans.reduce(column) { write($1.text, $1.role, in: area, row: row, column: $0) }
  }

  /// Writes as many of `parts`, the most important (lowest number) first, as fit into a line, in their
  /// order, with `separator` between them; the most important is cut when even it does not fit.
  mutating func write(
    fitting parts: [(importance: Int, spans: [Span])], separator: String, in area: Area,
    row: Int = 0, column: Int = 0
  ) {
    let gap = Glyph.width(of: separator)
    var room = area.columns - column + gap
    var chosen: Set<Int> = []
    for index in parts.indices.sorted(by: { parts[$0].importance < parts[$1].importance }) {
      let width = parts[index].spans.reduce(gap) { $0 + $1.width }
      if width > room && chosen.isEmpty { break }
      guard width <= room else { continue }
      room -= width
      chosen.insert(index)
    }
    if chosen.isEmpty, let first = parts.min(by: { $0.importance < $1.importance }) {
      write(first.spans, in: area, row: row, column: column)
    }
    var column = column
    for (place, index) in chosen.sorted().enumerated() {
      if place > 0 { column = write(separator, .rule, in: area, row: row, column: column) }
      column = write(parts[index].spans, in: area, row: row, column: column)
    }
  }

  /// Draws the line that a box begins with: its title at the left and, where there is room, the longest of
  /// `notes` at the right.
  mutating func head(_ title: [Span], notes: [[Span]] = [], in area: Area) {
    guard !area.isEmpty else { return }
    rule(in: area)
    let end = write([Span(" ", .rule)] + title.fitted(area.columns - 4), in: area, column: 1)
    write(" ", .rule, in: area, column: end)
    let room = area.columns - end - 5
    let fitting = notes.filter { $0.width <= room }.max { $0.width < $1.width }
    guard let note = fitting, !note.isEmpty else { return }
    let start = area.columns - note.width - 3
    write([Span(" ", .rule)] + note + [Span(" ", .rule)], in: area, column: start)
  }

  /// Writes `text`, with an ellipsis where there is no room for all of it; returns the column behind it.
  @discardableResult
  mutating func write(
    clipping text: String, _ role: Role, in area: Area, row: Int = 0, column: Int = 0
  ) -> Int {
    write([Span(text, role)].fitted(area.columns - column), in: area, row: row, column: column)
  }

  private static let dash = Glyph.run(of: "─").first ?? .space

  /// Draws a line across `area`.
  mutating func rule(in area: Area, row: Int = 0) {
    let line = repeatElement(Self.dash, count: area.columns)
    write(line, .rule, in: area, row: row)
  }
}

extension [Span] {
  var width: Int { reduce(0) { $0 + $1.width } }

  /// The pieces, with an ellipsis where they are wider than `room`.
  func fitted(_ room: Int) -> [Span] {
    guard width > room else { return self }
    var (left, shown) = (room - 1, [Span]())
    for span in self where left > 0 {
      var text = ""
      for character in span.text {
        let width = Glyph.width(of: String(character))
        if width > left {
          left = 0
          break
        }
        text.append(character)
        left -= width
      }
      shown.append(Span(text, span.role))
    }
    return room > 0 ? shown + [Span("…", .detail)] : []
  }
}
