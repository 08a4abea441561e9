import Dials
import Events
import Reports
import Techniques

/// How far each word climbed, where there is room: rows are blocks, the last on top; columns are words,
/// the newest at the right, written downwards below them.
enum DepthMap {
  private static let labelColumns = 6
  private static let countColumns = 14
  /// The most rows that words are written down.
  private static let longestWord = 9
  private static let shortestWord = 4

  /// What is drawn in which row.
  struct Plan {
    var items: [DepthLook.Item]
    var blocks: DepthRows
    /// Rows of title and legend.
    var headRows: Int
    /// Rows of the words.
    var wordRows: Int
    /// All rows, with the one that says where the whole model takes another word.
    var rowCount: Int { headRows + blocks.rows.count + 1 + wordRows }
  }

  /// The rows that the map takes where it has so much room.
  static func rowCount(of state: ScreenState, columns: Int, room: Int) -> Int {
    plan(of: state, columns: columns, room: room).rowCount
  }

  static func draw(_ state: ScreenState, in area: Area, of frame: inout Frame) {
    guard area.rows > 5, area.columns > labelColumns + countColumns else { return }
    let plan = plan(of: state, columns: area.columns, room: area.rows)
    var rest = area
    drawHead(plan, in: rest.takeTop(plan.headRows), of: &frame)
    drawBlocks(plan, in: rest.takeTop(plan.blocks.rows.count), of: &frame)
    drawChecks(plan, in: rest.takeTop(1), of: &frame)
    drawWords(plan, in: rest.takeTop(plan.wordRows), of: &frame)
    for (place, item) in plan.items.enumerated() {
      guard case .word(let number, _) = item, number == state.selected else { continue }
      for row in plan.headRows..<plan.rowCount {
        frame.mark(.selected, in: area, row: row, column: labelColumns + place, count: 1)
      }
    }
  }

  private static func plan(of state: ScreenState, columns: Int, room: Int) -> Plan {
    let items = DepthLook.window(of: state, count: columns - labelColumns - countColumns)
    let title = Self.title.width + DepthLook.legend(of: items, isShort: true).width + 4
    let headRows = title <= columns ? 1 : 2
    let blocks = DepthRows(
      items.compactMap(\.entry), blocks: DepthLook.blockCount(of: state),
      room: room - headRows - 1 - shortestWord)
    let left = room - headRows - 1 - blocks.rows.count
    return Plan(
      items: items, blocks: blocks, headRows: headRows,
      wordRows: min(longestWord, max(0, left)))
  }

  private static let title = [Span("how far each word climbed", .title)]

  private static func drawHead(_ plan: Plan, in area: Area, of frame: inout Frame) {
    frame.write(title, in: area, column: 1)
    let room = area.rows > 1 ? area.columns - 1 : area.columns - title.width - 4
    let legends = [false, true].map { DepthLook.legend(of: plan.items, isShort: $0) }
    let legend = legends.first { $0.width <= room } ?? legends[1].fitted(room)
    frame.write(
      legend, in: area, row: area.rows - 1,
      column: area.rows > 1 ? 1 : area.columns - legend.width - 1)
  }

  // MARK: - Blocks

  private static func drawBlocks(_ plan: Plan, in area: Area, of frame: inout Frame) {
    let counts = counts(plan)
    for (place, row) in plan.blocks.rows.reversed().enumerated() {
      frame.write(Numbers.right(row.label, labelColumns - 1), .detail, in: area, row: place)
      for (offset, item) in plan.items.enumerated() {
        let column = labelColumns + offset
        guard let entry = item.entry else {
          frame.write("│", .rule, in: area, row: place, column: column)
          continue
        }
        let mark = entry.record.depth.mark(of: row.blocks)
        let isKnown = (entry.probe?.settled).map { row.blocks.contains($0 - 1) } ?? false
        if isKnown, !row.isEveryWord, mark != .exited {
          frame.write("░", .settled, in: area, row: place, column: column)
        } else {
          frame.write(
            mark.glyphs, DepthLook.role(of: mark, upTo: row.last, entry), in: area, row: place,
            column: column)
        }
      }
      if let words = counts[row.last] {
        frame.write(
          words, .number, in: area, row: place, column: area.columns - countColumns + 1)
      }
    }
  }

  /// What stands behind a row, by its last block: how many words left there and how many ran all; where
  /// nobody could leave, how many were known there.
  private static func counts(_ plan: Plan) -> [Int: String] {
    let entries = plan.items.compactMap(\.entry)
    let hasExits = entries.contains { $0.record.depth.exitBlock != nil }
    var counts: [Int: String] = [:]
    for row in plan.blocks.rows {
      if row.isEveryWord {
        counts[row.last] = "  every word"
        continue
      }
      let count = entries.count { entry in
        let depth = hasExits ? entry.record.depth.exitBlock.map(\.rawValue) : entry.knownBlock
        return depth.map(row.blocks.contains) ?? false
      }
      if count > 0 {
        counts[row.last] = Numbers.right("\(count)", 3) + (hasExits ? " left" : " known")
      }
    }
    let whole = entries.count { $0.record.depth.exitBlock == nil }
    if hasExits, whole > 0, let top = plan.blocks.rows.last {
      counts[top.last] = Numbers.right("\(whole)", 3) + " ran all"
    }
    return counts
  }

  // MARK: - Words

  private static func drawChecks(_ plan: Plan, in area: Area, of frame: inout Frame) {
    var (isChecked, differs) = (false, false)
    for (offset, item) in plan.items.enumerated() {
      guard let isSame = item.entry?.isSame else { continue }
      isChecked = true
      guard !isSame else { continue }
      differs = true
      frame.write("~", .differs, in: area, column: labelColumns + offset)
    }
    let words = differs ? "~ other word" : isChecked ? "= same words" : ""
    frame.write(
      words, differs ? .differs : .agrees, in: area, column: area.columns - countColumns + 1)
  }

  private static func drawWords(_ plan: Plan, in area: Area, of frame: inout Frame) {
    for (offset, item) in plan.items.enumerated() {
      let column = labelColumns + offset
      guard let entry = item.entry else {
        for row in 0..<area.rows { frame.write("│", .rule, in: area, row: row, column: column) }
        continue
      }
      let glyphs = Glyph.run(of: entry.record.word)
      let isCut = glyphs.count > area.rows
      for (row, glyph) in glyphs.prefix(isCut ? area.rows - 1 : area.rows).enumerated() {
        frame.write(
          glyph.width == 1 ? [glyph] : Glyph.run(of: "□"), entry.record.spec?.status.role ?? .text,
          in: area, row: row, column: column)
      }
      if isCut { frame.write("…", .detail, in: area, row: area.rows - 1, column: column) }
    }
  }
}

extension TokenShelf.Entry {
  /// The index of the block from which on the lens knew it.
  fileprivate var knownBlock: Int? { probe.map { $0.settled - 1 } }
}
