import Dials
import Events
import Reports
import Techniques

/// The depth panel where there is room: rows are blocks, the last on top; columns are tokens, the
/// newest at the right. `o` is the block where the lens settled, `d` the last block of a draft.
enum DepthMap {
  private static let labelColumns = 4
  private static let countColumns = 13

  /// The rows that `blocks` blocks take: one each, or fewer where there is no room for that.
  static func rowCount(blocks: Int, room: Int) -> Int {
    DepthCells(blocks: blocks, room: max(1, room)).count
  }

  static func draw(_ state: ScreenState, in area: Area, of frame: inout Frame) {
    guard area.rows > 3, area.columns > labelColumns + countColumns else { return }
    let blocks = state.blockCount ?? state.tokens.last?.record.depth.marks.count ?? 30
    let cells = DepthCells(blocks: blocks, room: area.rows - 3)
    let columns = area.columns - labelColumns - countColumns
    let shown = DepthLook.window(of: state, count: columns)
    drawHeader(cells, in: area, of: &frame)
    for row in 0..<cells.count {
      let cell = cells.count - 1 - row
      let block = cell * cells.blocksPerCell
      frame.write(Numbers.right("\(block)", 3), .detail, in: area, row: row + 1)
    }
    frame.write(" ok", .detail, in: area, row: cells.count + 1)
    frame.write(" sp", .detail, in: area, row: cells.count + 2)
    for (offset, number) in shown.enumerated() {
      guard let entry = state.token(number) else { continue }
      let column = labelColumns + columns - shown.count + offset
      drawToken(entry, cells, in: area, column: column, of: &frame)
      if case .inspector(number) = state.overlay {
        for row in 1..<area.rows {
          frame.mark(.selected, in: area, row: row, column: column, count: 1)
        }
      }
    }
    drawCounts(state, shown, cells, in: area, of: &frame)
  }

  private static func drawHeader(
    _ cells: DepthCells, in area: Area, of frame: inout Frame
  ) {
    var title = area
    _ = title.takeRight(countColumns)
    let scale = cells.blocksPerCell > 1 ? ", \(cells.blocksPerCell) blocks a row" : ""
    frame.write(
      fitting: [
        (0, [Span("BLOCKS x TOKENS", .title)]),
        (1, [Span("newest right\(scale)", .detail)]),
        (2, [Span("o", .settled), Span(" settled", .detail)]),
        (3, [Span("d", .drafted), Span(" draft", .detail)]),
      ], separator: "  ", in: title, column: 1)
  }

  private static func drawToken(
    _ entry: ScreenState.TokenEntry, _ cells: DepthCells, in area: Area, column: Int,
    of frame: inout Frame
  ) {
    let record = entry.record
    for cell in 0..<cells.count {
      guard let mark = cells.mark(cell, of: record.depth) else { continue }
      let isDraftEnd = record.spec?.draftLayers.map { cells.cell(ofDepth: $0) == cell } ?? false
      let glyph =
        DepthLook.isSettled(cell, cells, entry)
        ? "o" : isDraftEnd && mark == .ran ? "d" : String(mark.rawValue)
      frame.write(
        glyph, DepthLook.role(of: mark, cell, cells, entry), in: area, row: cells.count - cell,
        column: column)
    }
    frame.write(DepthLook.agreement(entry), in: area, row: cells.count + 1, column: column)
    if let spec = record.spec {
      frame.write(
        spec.status.letter, spec.status.role, in: area, row: cells.count + 2, column: column)
    }
  }

  /// How many of the tokens shown were decided in each row of blocks; where all of them ran every block,
  /// how many settled there.
  private static func drawCounts(
    _ state: ScreenState, _ shown: Range<Int>, _ cells: DepthCells, in area: Area,
    of frame: inout Frame
  ) {
    let entries = shown.compactMap { state.token($0) }.filter { $0.record.phase == .gen }
    let hasExits = entries.contains { $0.record.depth.exitBlock != nil }
    let depths = entries.compactMap { entry in
      hasExits ? entry.record.depth.reached : entry.probe?.settled
    }
    guard !depths.isEmpty else { return }
    var counts: [Int: Int] = [:]
    for depth in depths { counts[cells.cell(ofDepth: depth), default: 0] += 1 }
    let column = area.columns - countColumns + 1
    let most = max(1, counts.values.max() ?? 1)
    let room = countColumns - 6
    frame.write(hasExits ? "exits" : "settled", .detail, in: area, column: column + 1)
    for (cell, count) in counts where cell < cells.count {
      let row = cells.count - cell
      frame.write(Numbers.right("\(count)", 3), .number, in: area, row: row, column: column)
      let bar = most <= room ? count : max(1, count * room / most)
      frame.write(
        String(repeating: "*", count: bar), .amount(Double(count) / Double(most)), in: area,
        row: row, column: column + 4)
    }
  }
}
