/// The two lowest lines of a replay: where it stands, and what the keys do.
enum ReplayView {
  static func draw(_ replay: ReplayScreen, in layout: Layout, of frame: inout Frame) {
    frame.clear(layout.input)
    frame.write(
      fitting: place(replay), separator: "   ", in: layout.input,
      column: layout.input.columns > 20 ? 1 : 0)
    guard replay.state.hint == nil, replay.state.overlay == nil else { return }
    frame.clear(layout.hint)
    let parts = keys.enumerated().map { importance, key in
      (importance: importance, spans: [Span(key.0, .detail), Span(" " + key.1, .hint)])
    }
    frame.write(fitting: parts, separator: "  ", in: layout.hint, column: 1)
  }

  private static func place(_ replay: ReplayScreen) -> [(importance: Int, spans: [Span])] {
    let playback = replay.playback
    let state =
      playback.isAtEnd ? replay.ending : playback.isPaused ? "paused" : "playing"
    var parts: [(importance: Int, spans: [Span])] = [(0, [Span(state, .prompt)])]
    for (index, part) in playback.progress.enumerated() where part.all > 0 {
      parts.append(
        (
          index + 2, [Span(part.name + " ", .detail), Span("\(part.shown)/\(part.all)", .number)]
        ))
    }
    parts.append((1, [Span("\(playback.pace)", .number)]))
    return parts
  }

  private static let keys = [
    ("Space", "pause"), (", .", "word"), ("[ ]", "answer"), ("q", "quit"), ("+ -", "speed"),
    ("m", "mark"), ("F2", "inspect"), ("F1", "help"), ("Up Down PgUp PgDn", "scroll"),
  ]
}

extension Frame {
  /// Blanks an area.
  mutating func clear(_ area: Area) {
    let blank = String(repeating: " ", count: area.columns)
    for row in 0..<area.rows { write(blank, .text, in: area, row: row) }
  }

  /// Shows another frame in an area, from its upper left corner.
  mutating func paste(_ other: Frame, in area: Area) {
    for row in 0..<min(area.rows, other.rows) {
      for column in 0..<min(area.columns, other.columns) {
        let cell = other[row, column]
        guard let glyph = cell.glyph else { continue }
        write(CollectionOfOne(glyph), cell.role, in: area, row: row, column: column)
      }
    }
  }
}
