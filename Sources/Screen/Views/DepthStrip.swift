import Dials
import Events
import Reports

/// The depth panel where there is little room: one row per token, newest at the bottom.
///
/// Position, token, one cell per block, blocks run, confidence, whether the whole model takes the same
/// token (`=` `~`, blank where it was not asked), what drafting made of it (`A@12`), and where the lens
/// settled (`s24`, drawn into the line too).
enum DepthStrip {
  private static let positionColumns = 5
  /// Everything behind the cells: `  30/30 .91 = A@12  s24`.
  private static let factColumns = 24

  static func draw(_ state: ScreenState, in area: Area, of frame: inout Frame) {
    guard !area.isEmpty else { return }
    let blocks = state.blockCount ?? state.tokens.last?.record.depth.marks.count ?? 30
    let text = min(20, max(8, area.columns - positionColumns - 2 - blocks - factColumns))
    let room = area.columns - positionColumns - text - 2 - factColumns
    let cells = DepthCells(blocks: blocks, room: room)
    let start = positionColumns + 1 + text + 1
    drawHeader(cells, blocks: blocks, start: start, in: area, of: &frame)
    var rows = area
    _ = rows.takeTop(1)
    let shown = DepthLook.window(of: state, count: rows.rows)
    for (row, number) in shown.enumerated() {
      guard let entry = state.token(number) else { continue }
      let line = Area(row: rows.row + row, column: rows.column, rows: 1, columns: rows.columns)
      drawToken(entry, textColumns: text, in: line, of: &frame)
      drawCells(entry, cells, in: line, column: start, of: &frame)
      drawFacts(entry, in: line, column: start + cells.count, of: &frame)
      if case .inspector(number) = state.overlay {
        frame.mark(.selected, in: line, row: 0, column: 1, count: start - 2)
      }
    }
  }

  /// `─ blocks ────── 0         10        20      29   ran conf = s  lens ─`
  private static func drawHeader(
    _ cells: DepthCells, blocks: Int, start: Int, in area: Area, of frame: inout Frame
  ) {
    frame.rule(in: area)
    let scale = cells.blocksPerCell > 1 ? " (\(cells.blocksPerCell) blocks to a cell)" : ""
    frame.write(" blocks\(scale) ", .detail, in: area, column: 1)
    frame.write(
      String(repeating: " ", count: cells.count + factColumns + 2), .rule, in: area,
      column: start - 1)
    for block in stride(from: 0, to: blocks, by: 10) where block + 3 < blocks {
      frame.write("\(block)", .detail, in: area, column: start + block / cells.blocksPerCell)
    }
    if let last = blocks > 0 ? String(blocks - 1) : nil {
      frame.write(last, .detail, in: area, column: start + cells.count - last.count)
    }
    frame.write("   ran conf = draft lens ", .detail, in: area, column: start + cells.count)
  }

  private static func drawToken(
    _ entry: ScreenState.TokenEntry, textColumns: Int, in line: Area, of frame: inout Frame
  ) {
    let record = entry.record
    frame.write(Numbers.right("\(record.pos.rawValue)", 4), .detail, in: line)
    let place = Area(
      row: line.row, column: line.column + positionColumns, rows: 1, columns: textColumns + 1)
    frame.write(record.quoted, record.phase == .draft ? .rejected : .text, in: place)
  }

  private static func drawCells(
    _ entry: ScreenState.TokenEntry, _ cells: DepthCells, in line: Area, column: Int,
    of frame: inout Frame
  ) {
    for cell in 0..<cells.count {
      guard let mark = cells.mark(cell, of: entry.record.depth) else { continue }
      frame.write(
        String(mark.rawValue), DepthLook.role(of: mark, cell, cells, entry), in: line,
        column: column + cell)
    }
  }

  private static func drawFacts(
    _ entry: ScreenState.TokenEntry, in line: Area, column: Int, of frame: inout Frame
  ) {
    let record = entry.record
    let ran = "\(Numbers.right("\(record.depth.executedCount)", 3))/\(record.depth.marks.count)"
    frame.write(ran, .number, in: line, column: column)
    frame.write(
      Numbers.right(Numbers.probability(record.confidence), 3), .amount(record.confidence),
      in: line, column: column + 8)
    frame.write(DepthLook.agreement(entry), in: line, column: column + 12)
    if let probe = entry.probe {
      frame.write("s\(probe.settled)", .settled, in: line, column: column + 20)
    }
    if let spec = record.spec {
      let depth = spec.draftLayers.map { "@\($0)" } ?? ""
      frame.write(spec.status.letter + depth, spec.status.role, in: line, column: column + 14)
    }
  }
}

/// What strip and map share.
enum DepthLook {
  /// The numbers of the tokens shown: the newest, or, when the cursor is on an older one, those around
  /// it.
  static func window(of state: ScreenState, count: Int) -> Range<Int> {
    let (first, end) = (state.shelf.first, state.shelf.range.upperBound)
    var last = end
    if case .inspector(let number) = state.overlay, number < end - count {
      last = min(end, max(number + 1 + count / 2, first + count))
    }
    return max(first, last - count)..<last
  }

  /// The role of a cell: the settled block, the blocks that drafted, or what the block did.
  static func role(
    of mark: DepthLine.Mark, _ cell: Int, _ cells: DepthCells, _ entry: ScreenState.TokenEntry
  ) -> Role {
    if isSettled(cell, cells, entry) { return .settled }
    if let depth = entry.record.spec?.draftLayers, mark.isExecuted, mark != .exited,
      cell <= cells.cell(ofDepth: depth)
    {
      return .drafted
    }
    return mark.role
  }

  static func isSettled(
    _ cell: Int, _ cells: DepthCells, _ entry: ScreenState.TokenEntry
  ) -> Bool {
    entry.probe.map { cells.cell(ofDepth: $0.settled) == cell } ?? false
  }

  /// `=` where the whole model takes the same token, `~` where it does not; nothing where it was not asked.
  static func agreement(_ entry: ScreenState.TokenEntry) -> [Span] {
    entry.isSame.map { [$0 ? Span("=", .agrees) : Span("~", .differs)] } ?? []
  }
}
