import Events
import Reports

/// The list of the conversations that are kept: a row for each, the newest on top.
enum ConversationsView {
  static func draw(_ board: ConversationsBoard, in area: Area, of frame: inout Frame) {
    guard !area.isEmpty else { return }
    var area = area
    let head = area.takeTop(1)
    let foot = area.takeBottom(area.rows >= 4 ? 1 : 0)
    drawHead(board, in: head, of: &frame)
    let first = firstRow(of: board, room: area.rows)
    for (row, line) in board.lines.dropFirst(first).prefix(area.rows).enumerated() {
      draw(line, isChosen: first + row == board.cursor, in: area, row: row, of: &frame)
    }
    if board.lines.isEmpty { frame.write(emptiness(of: board), .notice, in: area, column: 3) }
    drawFoot(board, in: foot, of: &frame)
  }

  /// What keys do now.
  static func keys(_ board: ConversationsBoard) -> [(String, String)] {
    switch board.mode {
    case .choosing:
      [
        ("Enter", "go on with it"), ("/", "search"), ("r", "rename"), ("d", "delete"),
        ("Up Down j k", "choose"), ("Esc", "leave"),
      ]
    case .searching: [("Enter", "go on with it"), ("Up Down", "choose"), ("Esc", "show all")]
    case .renaming: [("Enter", "rename"), ("Esc", "keep the name")]
    case .deleting: [("y", "deletes"), ("any other key", "keeps it")]
    }
  }

  private static func drawHead(_ board: ConversationsBoard, in area: Area, of frame: inout Frame) {
    var column = frame.write("CONVERSATIONS", .title, in: area, column: 1)
    if let found = board.found {
      column = frame.write("  \(found.total)", .number, in: area, column: column)
    }
    if !board.query.isEmpty || board.mode == .searching {
      column = frame.write("  search: ", .prompt, in: area, column: column)
      column = frame.write(board.query, .text, in: area, column: column)
      if board.mode == .searching { frame.place(cursorIn: area, column: column) }
    }
    if let remark = board.found?.remark {
      frame.write("  " + remark, .notice, in: area, column: column)
    }
  }

  private static func emptiness(of board: ConversationsBoard) -> String {
    guard board.found != nil else { return "looking" }
    return board.query.isEmpty
      ? "nothing is kept yet" : "nobody said that: Esc shows all conversations"
  }

  /// The first conversation that is shown: the chosen one is among those that fit.
  private static func firstRow(of board: ConversationsBoard, room: Int) -> Int {
    max(0, min(board.cursor - room / 2, board.lines.count - room))
  }

  /// ` > Yesterday 18:40  Why is the sky blue?    3 answers  model.gguf`
  private static func draw(
    _ line: ConversationLine, isChosen: Bool, in area: Area, row: Int, of frame: inout Frame
  ) {
    let isWide = area.columns >= 72
    let whenColumns = 18
    let tail = isWide ? 12 + min(28, area.columns / 4) : 0
    frame.write(isChosen ? " > " : "   ", .prompt, in: area, row: row)
    var middle = area
    _ = middle.takeRight(tail)
    let title = line.title.isEmpty ? "(no title)" : line.title
    let column = frame.write(line.when, .detail, in: middle, row: row, column: 3)
    frame.write(title, .text, in: middle, row: row, column: max(column + 2, 3 + whenColumns))
    if isWide {
      var right = area
      right = right.takeRight(tail)
      frame.write(
        " " + Numbers.right(line.answers, 11), .number, in: right, row: row)
      frame.write("  " + line.model, .detail, in: right, row: row, column: 12)
    }
    if isChosen { frame.mark(.selected, in: area, row: row, column: 0, count: area.columns) }
  }

  /// The question that keys answer, or what was said around the words.
  private static func drawFoot(_ board: ConversationsBoard, in area: Area, of frame: inout Frame) {
    switch board.mode {
    case .renaming(let name):
      let column = frame.write("new name: ", .prompt, in: area, column: 1)
      // Of a long name the end is seen, where it is written.
      let room = max(0, area.columns - column - 1)
      let shown = Glyph.run(of: name).suffix(room)
      let end = frame.write(shown, .text, in: area, column: column)
      frame.place(cursorIn: area, column: end)
    case .deleting:
      let title = board.chosen?.title ?? ""
      frame.write(
        "delete \"\(title)\" for good? y deletes, any other key keeps it", .warning, in: area,
        column: 1)
    case .choosing, .searching:
      if let excerpt = board.chosen?.excerpt {
        frame.write("said: " + excerpt, .detail, in: area, column: 1)
      }
    }
  }
}

extension Frame {
  /// Puts the cursor into `area`, at its right edge at most.
  fileprivate mutating func place(cursorIn area: Area, column: Int) {
    guard !area.isEmpty else { return }
    cursor = Place(row: area.row, column: area.column + min(column, area.columns - 1))
  }
}
