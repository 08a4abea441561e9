import Events
import Reports

/// What another threshold would have made of the answer: a row for each, and what the chosen one changes.
enum WhatIfView {
  static func draw(_ whatIf: WhatIf, in area: Area, of frame: inout Frame) {
    guard !area.isEmpty else { return }
    var area = area
    let count = whatIf.words.count
    frame.write(
      fitting: [
        (0, [Span("WHAT IF", .title)]),
        (1, [Span("a word had to be more sure, or less, to leave early", .text)]),
        (2, [Span("\(count) words of this recording, no model asked", .detail)]),
      ], separator: "  ", in: area.takeTop(1), column: 1)
    frame.write(heading, .detail, in: area.takeTop(1), column: 1)
    frame.write(line(whatIf.now, name: "now", whatIf), in: area.takeTop(1))
    var foot = area.takeBottom(min(3, max(0, area.rows - 1)))
    for (row, index) in shown(whatIf, room: area.rows).enumerated() {
      let other = whatIf.rows[index]
      let name = other.threshold.map { Numbers.fixed(Double($0), 2) } ?? ""
      frame.write(line(other, name: name, whatIf), in: area, row: row)
      if index == whatIf.cursor {
        frame.write(">", .prompt, in: area, row: row, column: 1)
        frame.mark(.selected, in: area, row: row, column: 0, count: area.columns)
      }
    }
    guard !foot.isEmpty else { return }
    frame.rule(in: foot.takeTop(1))
    for (row, text) in words(whatIf).prefix(foot.rows).enumerated() {
      frame.write(text, .text, in: foot, row: row, column: 1)
    }
  }

  /// The same as lines of text.
  static func lines(_ whatIf: WhatIf) -> [String] {
    let rows = whatIf.rows.map { row in
      line(row, name: row.threshold.map { Numbers.fixed(Double($0), 2) } ?? "", whatIf)
    }
    let table = ([line(whatIf.now, name: "now", whatIf)] + rows).map { $0.map(\.text).joined() }
    return [heading] + table
  }

  private static let heading =
    "   sure      leave early             as the whole model   blocks run   surely the same"

  /// The rows that are shown: all, or those around the cursor.
  private static func shown(_ whatIf: WhatIf, room: Int) -> Range<Int> {
    let count = min(max(0, room), whatIf.rows.count)
    let first = min(max(0, whatIf.cursor - count / 2), whatIf.rows.count - count)
    return first..<first + count
  }

  private static func line(_ row: WhatIf.Row, name: String, _ whatIf: WhatIf) -> [Span] {
    let count = max(1, whatIf.words.count)
    let left = Double(row.left.lowerBound) / Double(count)
    let filled = Numbers.filled(left, of: 10)
    let perhaps = Numbers.filled(Double(row.left.upperBound) / Double(count), of: 10) - filled
    let bar = String(repeating: "#", count: filled) + String(repeating: "?", count: max(0, perhaps))
    let until = row.change.map { "to word \($0.place)" } ?? "all"
    return [
      Span("   " + Numbers.right(name, 6) + "  ", .number),
      Span(Numbers.right(share(row.left, of: whatIf.words.count), 9) + "  ", .number),
      Span(bar + String(repeating: " ", count: 13 - bar.count), .amount(left)),
      Span(Numbers.right(share(row.same, of: whatIf.checkedCount), 14), .number),
      Span(Numbers.right(mean(row.blocks, count), 15) + "    ", .number),
      Span(until, row.change == nil ? .agrees : .detail),
    ]
  }

  /// `44%`, or `33-44%` where the record does not know; empty where nothing was asked.
  private static func share(_ range: ClosedRange<Int>, of count: Int) -> String {
    guard count > 0 else { return "" }
    let ends = [range.lowerBound, range.upperBound].map {
      Numbers.percent(Double($0) / Double(count))
    }
    return ends[0] == ends[1] ? ends[0] : String(ends[0].dropLast()) + "-" + ends[1]
  }

  /// `26.6`, or `26.6-27.1`.
  private static func mean(_ range: ClosedRange<Int>, _ count: Int) -> String {
    let ends = [range.lowerBound, range.upperBound].map {
      Numbers.fixed(Double($0) / Double(count), 1)
    }
    return ends[0] == ends[1] ? ends[0] : ends[0] + "-" + ends[1]
  }

  /// What the chosen threshold changes first, and what is not known.
  private static func words(_ whatIf: WhatIf) -> [String] {
    guard let row = whatIf.selected else { return [] }
    guard let change = row.change else { return ["Every word stays what it is."] }
    let word = whatIf.words[change.place].record.token.visible
    let depth = change.depth.map { ", after \($0) blocks" } ?? ""
    let first =
      change.isSure
      ? "Word \(change.place + 1), \"\(word)\", would be another\(depth)."
      : "Word \(change.place + 1), \"\(word)\", may be another\(depth)."
    return [
      first, "Behind it the text may be another, and the figures are guesswork. ? is not known.",
    ]
  }
}
