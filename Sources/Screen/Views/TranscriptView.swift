import Dials
import Events

/// The conversation, wrapped to the width, the newest at the bottom.
enum TranscriptView {
  static func draw(_ state: ScreenState, in area: Area, of frame: inout Frame) {
    guard !area.isEmpty else { return }
    var area = area
    let legend = area.takeBottom(ColorLegend.rowCount(of: state, rows: area.rows))
    let gutter = gutter(width: area.columns)
    ColorLegend.draw(state, in: legend, column: gutter, of: &frame)
    var row = 0
    for stretch in visibleStretches(of: state, rows: area.rows) {
      let passage = state.passages[stretch.passage]
      let (label, role) = look(of: passage.speaker, isShort: gutter < 7)
      var paint = TextPaint(ofPassage: stretch.passage, in: state, base: role)
      for line in stretch.rows {
        if stretch.isFirst(line), gutter > 0 { frame.write([label], in: area, row: row) }
        if stretch.isSeam(line) {
          drawSeam(before: stretch.passage, in: state, area, row: row, gutter, of: &frame)
        }
        var column = gutter
        for cell in stretch.cells(line) {
          let cell = paint.paint(cell)
          column = frame.write(
            CollectionOfOne(cell.glyph), cell.role, cell.attributes, in: area, row: row,
            column: column)
        }
        row += 1
      }
    }
  }

  /// The rows of an area that are for the conversation.
  static func rows(of state: ScreenState, in area: Area) -> Int {
    area.rows - ColorLegend.rowCount(of: state, rows: area.rows)
  }

  /// What the answer before a message came to, in the blank line between them.
  private static func drawSeam(
    before index: Int, in state: ScreenState, _ area: Area, row: Int, _ gutter: Int,
    of frame: inout Frame
  ) {
    guard let seam = state.passages[..<index].last(where: { $0.speaker == .model })?.seam else {
      return
    }
    let begin = frame.write("─ ", .rule, in: area, row: row, column: gutter)
    frame.write(
      fitting: seam.parts.enumerated().map { ($0.offset, [Span($0.element, .rule)]) },
      separator: " · ", in: area, row: row, column: begin)
  }

  /// Columns of a line of the conversation where there are so many in all.
  static func textColumns(width: Int) -> Int {
    let gutter = gutter(width: width)
    return max(0, width - gutter - (gutter > 0 ? 1 : 0))
  }

  /// The lines of the whole conversation.
  static func lineCount(of state: ScreenState) -> Int {
    state.passages.indices.reduce(0) { $0 + lineCount(of: $1, in: state) }
  }

  private static func lineCount(of index: Int, in state: ScreenState) -> Int {
    let passage = state.passages[index]
    if passage.layout == nil || isOpen(passage, in: state) {
      return Stretch(of: index, in: state).rows.count
    }
    return blankCount(before: passage, at: index) + passage.lineCount
  }

  /// Whether the answer goes on that it is.
  private static func isOpen(_ passage: Passage, in state: ScreenState) -> Bool {
    state.isAnswering && passage.speaker == .model && passage.turn == state.tally?.turn
  }

  private static func blankCount(before passage: Passage, at index: Int) -> Int {
    passage.speaker == .user && index > 0 ? 1 : 0
  }

  /// What can be seen: from where a person scrolled to, or the last lines. What cannot be seen costs nothing
  /// but the numbers of its lines, and those only where a person scrolled.
  private static func visibleStretches(of state: ScreenState, rows: Int) -> [Stretch] {
    var shown: [Stretch] = []
    guard let scrolled = state.scrollTop else {
      var left = rows
      for index in state.passages.indices.reversed() where left > 0 {
        var stretch = Stretch(of: index, in: state)
        stretch.rows = stretch.rows.suffix(left)
        left -= stretch.rows.count
        shown.append(stretch)
      }
      return shown.reversed()
    }
    var skipped = min(scrolled, max(0, lineCount(of: state) - rows))
    var left = rows
    for index in state.passages.indices where left > 0 {
      let count = lineCount(of: index, in: state)
      if skipped >= count {
        skipped -= count
        continue
      }
      var stretch = Stretch(of: index, in: state)
      stretch.rows = stretch.rows.dropFirst(skipped).prefix(left)
      skipped = 0
      left -= stretch.rows.count
      shown.append(stretch)
    }
    return shown
  }

  private static func gutter(width: Int) -> Int { width >= 36 ? 7 : width >= 12 ? 2 : 0 }

  /// Lines of one passage.
  private struct Stretch {
    /// The passage's place in the conversation.
    let passage: Int
    /// Which of its lines; a blank one comes first before what a person says.
    var rows: Range<Int>

    private let text: String
    private let layout: TextLayout
    /// The lines behind the closed ones.
    private let open: [TextLine]
    private let blankCount: Int

    init(of index: Int, in state: ScreenState) {
      let passage = state.passages[index]
      self.passage = index
      text = passage.shown
      layout = passage.layout ?? passage.layout(width: state.textColumns)
      open = layout.open(text, isGrowing: TranscriptView.isOpen(passage, in: state))
      blankCount = TranscriptView.blankCount(before: passage, at: index)
      rows =
        passage.isInvisible ? 0..<0 : 0..<(blankCount + layout.closedCount + open.count)
    }

    /// Whether a line is the passage's first one with text.
    func isFirst(_ line: Int) -> Bool { line == blankCount }

    /// Whether a line stands between an answer and the passage.
    func isSeam(_ line: Int) -> Bool { line < blankCount }

    /// What stands in a line.
    func cells(_ line: Int) -> TextLine {
      let number = line - blankCount
      guard number >= 0 else { return [] }
      let closed = layout.closedCount
      return number < closed ? layout.closed(number, of: text) : open[number - closed]
    }
  }

  private static func look(of speaker: Passage.Speaker, isShort: Bool) -> (Span, Role) {
    let (short, long, label, role): (String, String, Role, Role) =
      switch speaker {
      case .system: ("#", "System", .notice, .notice)
      case .user: (">", "You", .user, .text)
      case .model: ("<", "Model", .model, .text)
      case .thought: ("~", "Think", .notice, .notice)
      case .notice(.information): ("·", "  ·", .notice, .notice)
      case .notice(.warning): ("!", "Note", .warning, .warning)
      case .notice(.error): ("!", "Error", .error, .error)
      }
    return (Span(isShort ? short : " " + long, label), role)
  }
}
