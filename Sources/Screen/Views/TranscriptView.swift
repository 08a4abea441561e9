import Dials
import Events

/// The conversation, wrapped to the width, the newest at the bottom.
enum TranscriptView {
  /// One line on the screen.
  struct Line {
    var label: Span
    var glyphs: [PaintedGlyph]
  }

  static func draw(_ state: ScreenState, in area: Area, of frame: inout Frame) {
    guard !area.isEmpty else { return }
    let gutter = gutter(width: area.columns)
    for (row, line) in visibleLines(of: state, in: area).enumerated() {
      frame.write([line.label], in: area, row: row)
      var column = gutter
      for glyph in line.glyphs {
        column = frame.write([glyph.glyph], glyph.role, in: area, row: row, column: column)
      }
    }
    if state.passages.isEmpty { drawWelcome(state, in: area, of: &frame) }
  }

  /// The lines of the whole conversation.
  static func lineCount(of state: ScreenState, width: Int) -> Int {
    (0..<state.passages.count).reduce(0) { $0 + lines(of: $1, in: state, width: width).count }
  }

  /// The lines that `area` shows: from where a person scrolled to, or the last ones.
  private static func visibleLines(of state: ScreenState, in area: Area) -> [Line] {
    if let top = state.scrollTop {
      let all = (0..<state.passages.count).flatMap { lines(of: $0, in: state, width: area.columns) }
      return Array(all.dropFirst(min(top, max(0, all.count - area.rows))).prefix(area.rows))
    }
    // Only what can be seen is wrapped: a long conversation costs nothing here.
    var shown: [Line] = []
    for index in (0..<state.passages.count).reversed() where shown.count < area.rows {
      shown = lines(of: index, in: state, width: area.columns) + shown
    }
    return shown.suffix(area.rows)
  }

  private static func gutter(width: Int) -> Int { width >= 36 ? 7 : width >= 12 ? 2 : 0 }

  private static func lines(of index: Int, in state: ScreenState, width: Int) -> [Line] {
    let passage = state.passages[index]
    let gutter = gutter(width: width)
    var text = passage.text
    let isOpen = state.isAnswering && passage.speaker == .model && passage.turn == state.tally?.turn
    if isOpen { text += "▌" }
    let (label, role) = look(of: passage.speaker, isShort: gutter < 7)
    let room = max(0, width - gutter - (gutter > 0 ? 1 : 0))
    var paint = Paint(passage, in: state, role: role)
    var lines = Wrapping.lines(of: text, width: room) { paint.role(atByte: $0) }
      .enumerated().map { row, glyphs in
        Line(label: Span(row == 0 && gutter > 0 ? label.text : "", label.role), glyphs: glyphs)
      }
    if passage.speaker == .user && index > 0 {
      lines.insert(Line(label: Span("", .text), glyphs: []), at: 0)
    }
    return lines
  }

  /// The colours of a passage: each word by how early it was known.
  private struct Paint {
    private let state: ScreenState
    private let pieces: [Passage.Piece]
    private let role: Role
    private var next = 0

    init(_ passage: Passage, in state: ScreenState, role: Role) {
      self.state = state
      self.role = role
      pieces = passage.pieces
    }

    /// The role of the character that begins at a byte; called in the order of the text.
    mutating func role(atByte offset: Int) -> Role {
      while next < pieces.count, pieces[next].end <= offset { next += 1 }
      guard next < pieces.count, pieces[next].start <= offset,
        let entry = state.token(pieces[next].token),
        let depth = entry.knownAt
      else { return role }
      return Self.role(knownAt: depth, of: entry.record.depth.marks.count)
    }

    /// Steps that tell late words apart, of which there are most: up to half of the blocks, three quarters,
    /// nine tenths, less than all, all of them.
    private static func role(knownAt depth: Int, of blocks: Int) -> Role {
      let share = Double(depth) / Double(max(1, blocks))
      let step = [0.5, 0.75, 0.9].count { share > $0 } + (depth >= blocks ? 1 : 0)
      return Role.amounts[step]
    }
  }

  private static func look(of speaker: Passage.Speaker, isShort: Bool) -> (Span, Role) {
    let (short, long, label, role): (String, String, Role, Role) =
      switch speaker {
      case .system: ("#", "System", .notice, .notice)
      case .user: (">", "You", .user, .text)
      case .model: ("<", "Model", .model, .text)
      case .notice(.information): ("·", "  ·", .notice, .notice)
      case .notice(.warning): ("!", "Note", .warning, .warning)
      case .notice(.error): ("!", "Error", .error, .error)
      }
    return (Span(isShort ? short : " " + long, label), role)
  }

  private static func drawWelcome(_ state: ScreenState, in area: Area, of frame: inout Frame) {
    guard case .chat = state.stage, area.rows >= 3 else { return }
    let lines = [
      "Say something, and see how deep every token goes.",
      "/help lists the commands, F1 the keys, ^D leaves.",
    ]
    for (row, line) in lines.enumerated() {
      frame.write(line, .notice, in: area, row: row + 1, column: 1)
    }
  }
}
