import Dials
import Events
import Reports
import Techniques

/// What attention saw: the text from its first word to the newest, and a row for each of the newest words.
enum ReachView {
  static func draw(_ state: ScreenState, in area: Area, of frame: inout Frame) {
    guard !area.isEmpty else { return }
    var rest = area
    frame.head([Span("what attention saw", .title)], in: rest.takeTop(1))
    guard state.policy.reach.isLimited, let sight = state.statistics.sight else {
      frame.write(
        clipping: "Every word saw the whole text. /window 512 makes it see less.", .notice,
        in: rest, column: 1)
      return
    }
    frame.write(clipping: sight, .number, in: rest.takeTop(1), column: 1)
    if let map = state.statistics.map(cells: rest.columns - 2) {
      let line = rest.takeTop(1)
      for (column, mark) in map.enumerated() {
        frame.write(
          mark == "#" ? "█" : "·", mark == "#" ? .ran : .notRun, in: line, column: column + 1)
      }
      frame.write(
        [
          Span("█", .ran), Span(" seen  ", .detail), Span("·", .notRun),
          Span(" forgotten", .detail),
        ]
        .fitted(rest.columns - 1), in: rest.takeTop(1), column: 1)
    }
    for (row, item) in DepthLook.window(of: state, count: rest.rows).enumerated() {
      guard case .word(let number, let entry) = item else { continue }
      draw(entry, isSelected: number == state.selected, in: rest, row: row, of: &frame)
    }
  }

  private static func draw(
    _ entry: TokenShelf.Entry, isSelected: Bool, in area: Area, row: Int, of frame: inout Frame
  ) {
    guard let view = entry.record.attn else { return }
    if isSelected { frame.write("▸", .prompt, in: area, row: row, column: 1) }
    let name = Area(row: area.row + row, column: area.column + 3, rows: 1, columns: 16)
    frame.write(clipping: entry.record.word, isSelected ? .selected : .text, in: name)
    var parts: [(importance: Int, spans: [Span])] = [
      (0, [Span("saw \(view.seen), not \(view.forgotten)", .number)])
    ]
    if let share = view.sink {
      parts.append((1, [Span("first words take \(Numbers.percent(Double(share)))", .number)]))
    }
    frame.write(fitting: parts, separator: "  ", in: area, row: row, column: 21)
  }
}
