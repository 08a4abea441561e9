import Dials
import Events
import Reports

/// What strip and map share: which words they show, and how.
enum DepthLook {
  /// What stands in a row of the strip, or in a column of the map.
  enum Item {
    /// A word, by its number.
    case word(Int, TokenShelf.Entry)
    /// The seam between two answers.
    case seam

    var entry: TokenShelf.Entry? { if case .word(_, let entry) = self { entry } else { nil } }
  }

  /// What is shown where there is room for so many: the newest words, or, where an older one is looked at,
  /// those around it.
  static func window(of state: ScreenState, count: Int) -> [Item] {
    let shelf = state.shelf
    var end = shelf.range.upperBound
    if let selected = state.selected {
      var (number, after) = (selected + 1, 0)
      while number < end, after < count / 2 {
        if shelf[number]?.isWord == true { after += 1 }
        number += 1
      }
      end = number
    }
    var items: [Item] = []
    for number in (shelf.first..<max(shelf.first, end)).reversed() where items.count < count {
      add(number, to: &items, of: shelf, count: count)
    }
    items.reverse()
    while items.count < count, end < shelf.range.upperBound {
      add(end, to: &items, of: shelf, count: count)
      end += 1
    }
    return items
  }

  /// Adds a word behind the last one, with a seam between them where they are of two answers.
  private static func add(
    _ number: Int, to items: inout [Item], of shelf: TokenShelf, count: Int
  ) {
    guard let entry = shelf[number], entry.isWord else { return }
    if let record = items.last?.entry?.record,
      record.turn != entry.record.turn || record.answer != entry.record.answer
    {
      items.append(.seam)
      if items.count == count { return }
    }
    items.append(.word(number, entry))
  }

  /// The role of blocks: those that guessed the word, or what they did.
  static func role(of mark: DepthLine.Mark, upTo block: Int, _ entry: TokenShelf.Entry) -> Role {
    if let depth = entry.record.spec?.draftLayers, mark.isExecuted, mark != .exited, block <= depth
    {
      return .drafted
    }
    return mark.role
  }

  /// The marks and what they mean: those that are always there, and those that are there now.
  static func legend(of items: [Item], isShort: Bool) -> [Span] {
    var marks = Set<DepthLine.Mark>()
    for case .word(_, let entry) in items { marks.formUnion(entry.rareMarks) }
    var parts: [[Span]] = [
      [Span("█", .ran), Span(" ran", .detail)],
      [Span("◆", .exited), Span(isShort ? " left" : " left here", .detail)],
      [Span("·", .notRun), Span(" spared", .detail)],
      [Span("░", .settled), Span(isShort ? " known" : " known from here on", .detail)],
    ]
    let others: [(DepthLine.Mark, String)] = [
      (.small, " small"), (.skipped, " skipped"), (.pruned, " cut out"),
    ]
    for (mark, words) in others where marks.contains(mark) {
      parts.append([Span(mark.glyph, mark.role), Span(words, .detail)])
    }
    let gap = [Span(isShort ? " " : "  ", .detail)]
    return Array(parts.joined(separator: gap))
  }

  /// The blocks that the screen speaks of.
  static func blockCount(of state: ScreenState) -> Int {
    // Whatever a damaged record says, no model has more.
    min(1024, max(0, state.blockCount ?? state.tokens.last?.record.depth.marks.count ?? 30))
  }
}

/// The blocks of a map, brought to rows: those that every word ran are one row, and where there is no room
/// for a row each the others share rows, which end where words leave.
struct DepthRows {
  /// Blocks that share a row, counted from 1.
  struct Row {
    var first: Int
    var last: Int
    /// Whether every word ran all of them.
    var isEveryWord = false

    var label: String { first == last ? "\(last)" : "\(first)-\(last)" }
    /// As indices of a depth line.
    var blocks: Range<Int> { first - 1..<last }
  }

  /// The rows, shallow to deep.
  private(set) var rows: [Row] = []

  /// Rows for these words in a model of so many blocks.
  init(_ entries: [TokenShelf.Entry], blocks: Int, room: Int) {
    guard blocks > 0, room > 0 else { return }
    let lines = entries.map(\.record.depth)
    let hasExits = lines.contains { $0.exitBlock != nil }
    var common = 0
    while common < blocks, !lines.isEmpty,
      lines.allSatisfy({ common < $0.marks.count && $0.marks[common] == .ran })
    { common += 1 }
    // Where nobody leaves, what there is to see is from where on words were known.
    let known = entries.compactMap { $0.probe?.settled }.min()
    if !hasExits, let known { common = min(common, max(0, known - 1)) }
    if common < 2 || room < 2 && common < blocks { common = 0 }
    if common > 0 { rows.append(Row(first: 1, last: common, isEveryWord: true)) }
    let ends = Set(lines.compactMap { $0.exitBlock.map { $0.rawValue + 1 } } + [blocks])
    rows += Self.rows(
      common + 1, to: blocks, ends: ends.filter { $0 > common }.sorted(), room: room - rows.count)
  }

  /// A row each, or as few to a row as there is room for; none beyond a block in `ends`, where that can be.
  private static func rows(_ first: Int, to last: Int, ends: [Int], room: Int) -> [Row] {
    guard first <= last, room > 0 else { return [] }
    let stops = ends.count <= room ? ends : [last]
    let count = last - first + 1
    var share = max(1, (count + room - 1) / room)
    while share < count {
      var (rows, start) = ([Row](), first)
      for stop in stops where stop >= start {
        while start <= stop {
          let end = min(stop, start + share - 1)
          rows.append(Row(first: start, last: end))
          start = end + 1
        }
      }
      if rows.count <= room { return rows }
      share += max(1, share / 8)
    }
    return [Row(first: first, last: last)]
  }
}
