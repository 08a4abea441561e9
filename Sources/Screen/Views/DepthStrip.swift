import Dials
import Events
import Reports

/// How far each word climbed, where there is little room: one row per word, newest at the bottom.
///
/// The word, one cell per block or for several, blocks run, how sure the decision was, whether the whole model
/// takes the same word (blank where it was not asked) and what guessing had to do with it.
enum DepthStrip {
  private static let markColumns = 3
  private static let longestWord = 24

  /// The columns of a strip.
  private struct Columns {
    var word: Int
    var cells: DepthCells
    var facts: Int
    var hasGuesses: Bool

    var bar: Int { DepthStrip.markColumns + word + 1 }

    init(_ items: [DepthLook.Item], blocks: Int, width: Int) {
      hasGuesses = width >= 76 && items.contains { $0.entry?.record.spec != nil }
      facts = hasGuesses ? 36 : 21
      let room = max(0, width - DepthStrip.markColumns - 1 - facts)
      cells = DepthCells(blocks: blocks, room: max(1, room - 10))
      word = max(0, min(DepthStrip.longestWord, room - cells.count))
    }
  }

  static func draw(_ state: ScreenState, in area: Area, of frame: inout Frame) {
    guard !area.isEmpty else { return }
    var rows = area
    let head = rows.takeTop(1)
    let items = DepthLook.window(of: state, count: rows.rows)
    let blocks = DepthLook.blockCount(of: state)
    let columns = Columns(items, blocks: blocks, width: area.columns)
    drawHead(items, columns, blocks: blocks, in: head, of: &frame)
    for (row, item) in items.enumerated() {
      let line = Area(row: rows.row + row, column: rows.column, rows: 1, columns: rows.columns)
      guard case .word(let number, let entry) = item else {
        frame.write(
          String(repeating: "┄", count: columns.word), .rule, in: line, column: markColumns)
        continue
      }
      let isSelected = number == state.selected
      if isSelected { frame.write("▸", .prompt, in: line, column: 1) }
      let word = Area(
        row: line.row, column: line.column + markColumns, rows: 1, columns: columns.word)
      let end = frame.write(clipping: entry.record.word, .text, in: word)
      if isSelected { frame.mark(.selected, in: word, row: 0, column: 0, count: end) }
      drawCells(entry, columns.cells, in: line, column: columns.bar, of: &frame)
      drawFacts(entry, columns, in: line, of: &frame)
    }
  }

  /// `─ words ──── blocks 1 ──── 10 ── 19 ── 25 ─ 30   ran  sure  same?  guess ─`
  private static func drawHead(
    _ items: [DepthLook.Item], _ columns: Columns, blocks: Int, in area: Area,
    of frame: inout Frame
  ) {
    frame.head([Span("words", .title)], in: area)
    if columns.word >= 14 { frame.write(" blocks ", .detail, in: area, column: columns.bar - 9) }
    let exits = Set(items.compactMap { $0.entry?.record.depth.exitBlock.map { $0.rawValue + 1 } })
    let wanted = [blocks, 1] + exits.sorted() + stride(from: 10, to: blocks, by: 10)
    var taken: [Range<Int>] = []
    for block in wanted where blocks > 0 {
      let text = "\(block)"
      let cell = columns.bar + columns.cells.cell(ofDepth: block)
      let start = max(columns.bar, cell - text.count + 1)
      guard !taken.contains(where: { $0.overlaps(start - 1..<start + text.count + 1) }) else {
        continue
      }
      taken.append(start..<start + text.count)
      frame.write(text, .detail, in: area, column: start)
    }
    let facts = "   ran  sure  same?" + (columns.hasGuesses ? "  guess " : " ")
    frame.write(facts, .detail, in: area, column: columns.bar + columns.cells.count)
  }

  private static func drawCells(
    _ entry: TokenShelf.Entry, _ cells: DepthCells, in line: Area, column: Int,
    of frame: inout Frame
  ) {
    for cell in 0..<cells.count {
      guard let mark = cells.mark(cell, of: entry.record.depth) else { continue }
      let isKnown = entry.probe.map { cells.cell(ofDepth: $0.settled) == cell } ?? false
      if isKnown, mark != .exited {
        frame.write("░", .settled, in: line, column: column + cell)
      } else {
        let last = (cell + 1) * cells.blocksPerCell
        frame.write(
          mark.glyph, DepthLook.role(of: mark, upTo: last, entry), in: line, column: column + cell)
      }
    }
  }

  private static func drawFacts(
    _ entry: TokenShelf.Entry, _ columns: Columns, in line: Area, of frame: inout Frame
  ) {
    let record = entry.record
    let column = columns.bar + columns.cells.count
    frame.write(
      Numbers.right("\(record.depth.executedCount)", 6), .number, in: line, column: column)
    frame.write(
      Numbers.right(Numbers.probability(record.confidence), 6), .amount(record.confidence),
      in: line, column: column + 6)
    if let isSame = entry.isSame {
      frame.write(
        isSame ? "yes" : "~ no", isSame ? .agrees : .differs, in: line, column: column + 14)
    }
    if columns.hasGuesses, let status = record.spec?.status {
      frame.write(status.words, status.role, in: line, column: column + 21)
    }
  }
}
