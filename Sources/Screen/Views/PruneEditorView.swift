import Dials
import Events
import Reports

/// The prune editor: a row for each block, the last on top as in the map, with what it costs to leave it
/// out.
enum PruneEditorView {
  static func draw(
    _ editor: PruneEditor, _ facts: BlockFacts?, progress: String?, in area: Area,
    of frame: inout Frame
  ) {
    guard !area.isEmpty else { return }
    var area = area
    let left = editor.blockCount - editor.marked.count
    let shown = rows(editor, room: max(0, area.rows - 2))
    let isCut = shown.count < editor.blockCount
    let hidden = isCut ? shown.last.map { "shown: \($0)-\(shown[0])" } : nil
    frame.write(
      fitting: [
        (0, [Span("PRUNE", .title)]),
        (1, [Span("\(left)/\(editor.blockCount) blocks stay", .number)]),
        (2, [Span("out: \(editor.marked)", .pruned)]),
      ] + [progress ?? hidden].compactMap { $0 }.map { (3, [Span($0, .notice)]) }, separator: "  ",
      in: area.takeTop(1), column: 1)
    let head =
      facts == nil
      ? "no costs yet: m measures them"
      : "block      perplexity without it    goes as number"
    frame.write(head, .detail, in: area.takeTop(1), column: 5)
    for (row, block) in shown.enumerated() {
      draw(block, editor, facts, in: area, row: row, of: &frame)
    }
  }

  /// The blocks that are shown, deepest first: all, or those around the cursor.
  static func rows(_ editor: PruneEditor, room: Int) -> [Int] {
    let all = Array((0..<editor.blockCount).reversed())
    guard all.count > room else { return all }
    let place = editor.blockCount - 1 - editor.cursor
    let first = min(max(0, place - room / 2), all.count - room)
    return Array(all[first..<first + max(0, room)])
  }

  private static func draw(
    _ number: Int, _ editor: PruneEditor, _ facts: BlockFacts?, in area: Area, row: Int,
    of frame: inout Frame
  ) {
    let block = BlockIndex(number)
    let isMarked = editor.marked.contains(block)
    let role: Role = isMarked ? .pruned : .text
    var line = [
      Span(number == editor.cursor ? " > " : "   ", .prompt),
      Span(isMarked ? "[x] " : "[ ] ", role),
      Span("blk " + Numbers.right("\(number)", 3) + "  ", role),
    ]
    if let rise = facts?.rise(without: block) {
      let percent = (rise < 0 ? "" : "+") + Numbers.percent(rise, 1)
      let bar = Numbers.filled(rise, of: 16)
      line += [
        Span(Numbers.right(percent, 9) + " ", .number),
        Span(String(repeating: "#", count: bar), .amount(rise)),
        Span(String(repeating: " ", count: 18 - bar), .text),
      ]
    } else if facts != nil {
      line.append(Span(Numbers.right("?", 9) + String(repeating: " ", count: 19), .detail))
    }
    if let place = facts?.order.firstIndex(of: block) {
      line.append(Span(Numbers.right("\(place + 1)", 3), .detail))
    }
    frame.write(line, in: area, row: row)
    if number == editor.cursor {
      frame.mark(.selected, in: area, row: row, column: 0, count: area.columns)
    }
  }
}
