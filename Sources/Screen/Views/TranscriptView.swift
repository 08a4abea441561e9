import Dials
import Events

/// The conversation, wrapped to the width, the newest at the bottom.
enum TranscriptView {
  static func draw(_ state: ScreenState, in area: Area, of frame: inout Frame) {
    guard !area.isEmpty else { return }
    let gutter = gutter(width: area.columns)
    var row = 0
    for stretch in visibleStretches(of: state, rows: area.rows) {
      let passage = state.passages[stretch.passage]
      let (label, role) = look(of: passage.speaker, isShort: gutter < 7)
      var paint = Paint(passage, in: state, role: role)
      for line in stretch.rows.lowerBound..<stretch.rows.upperBound {
        if stretch.isFirst(line), gutter > 0 { frame.write([label], in: area, row: row) }
        var column = gutter
        stretch.walk(line) { offset, glyphs in
          column = frame.write(
            glyphs, paint.role(atByte: offset), in: area, row: row, column: column)
        }
        row += 1
      }
    }
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
    if passage.wrapped == nil || isOpen(passage, in: state) {
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
    private let wrapped: WrappedText
    /// The lines behind the closed ones, and the text from the first of them on.
    private let open: [WrappedText.Line]
    private let openText: String
    private let blankCount: Int

    init(of index: Int, in state: ScreenState) {
      let passage = state.passages[index]
      let mark = TranscriptView.isOpen(passage, in: state) ? "▌" : ""
      self.passage = index
      let text = passage.shown
      wrapped = passage.wrapped ?? WrappedText(text, width: state.textColumns)
      let open = wrapped.open(text, more: mark)
      openText = open.first.map { text.from(byte: $0.start) + mark } ?? ""
      (self.text, self.open) = (text, open)
      blankCount = TranscriptView.blankCount(before: passage, at: index)
      rows =
        passage.isInvisible ? 0..<0 : 0..<(blankCount + wrapped.closed.count + open.count)
    }

    /// Whether a line is the passage's first one with text.
    func isFirst(_ line: Int) -> Bool { line == blankCount }

    /// The glyphs of a line, character by character.
    func walk(_ line: Int, each: (Int, [Glyph]) -> Void) {
      let number = line - blankCount
      guard number >= 0 else { return }
      let closed = wrapped.closed
      if number < closed.count {
        wrapped.walk(closed[number], of: text, each: each)
      } else if let first = open.first {
        wrapped.walk(
          open[number - closed.count], of: openText, from: Int(first.start), each: each)
      }
    }
  }

  /// The colours of a passage: each word by how early it was known.
  private struct Paint {
    private let state: ScreenState
    private let pieces: [Passage.Piece]
    private let role: Role
    private var next = 0
    private var hasBegun = false

    init(_ passage: Passage, in state: ScreenState, role: Role) {
      self.state = state
      self.role = role
      pieces = passage.extent == .whole ? passage.pieces : []
    }

    /// The role of the character that begins at a byte; called in the order of the text.
    mutating func role(atByte offset: Int) -> Role {
      if !hasBegun { next = pieces.firstIndex(endingBehind: offset) }
      hasBegun = true
      while next < pieces.count, pieces[next].end <= offset { next += 1 }
      guard next < pieces.count, pieces[next].start <= offset else { return role }
      if pieces[next].token == state.selected { return .selected }
      guard
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
      case .thought: ("~", "Think", .notice, .notice)
      case .notice(.information): ("·", "  ·", .notice, .notice)
      case .notice(.warning): ("!", "Note", .warning, .warning)
      case .notice(.error): ("!", "Error", .error, .error)
      }
    return (Span(isShort ? short : " " + long, label), role)
  }
}

extension String {
  fileprivate func from(byte offset: Int32) -> String {
    String(self[utf8.index(startIndex, offsetBy: Int(offset))...])
  }
}

extension [Passage.Piece] {
  /// The first piece that ends behind a byte of the text, by bisection; the count where there is none.
  fileprivate func firstIndex(endingBehind offset: Int) -> Int {
    var (low, high) = (0, count)
    while low < high {
      let middle = (low + high) / 2
      if self[middle].end <= offset { low = middle + 1 } else { high = middle }
    }
    return low
  }
}
