/// A table that may still grow: its columns are as wide as what is in them, and where all of it has no room
/// the widest give way and their cells take several lines.
struct DrawnTable: Hashable {
  /// Where the text of a column stands.
  private enum Alignment: Hashable {
    case left
    case center
    case right
  }

  /// The first line, which is an ordinary one until the second says that it is a table.
  let header: MarkdownLine
  /// The lines behind the second.
  private var rows: [Letters] = []
  private var size = 0
  private var alignments: [Alignment]?
  /// The widths of the columns, once they stay as they are.
  private var widths: [Int]?

  /// The most lines, and characters, that a table's columns are measured by.
  private static let measuredRows = 64
  private static let measuredSize = 4096
  private static let greatestCount = 32
  private static let least = 3
  private static let between = 3

  /// The table that a line may begin; nil where it can be no table's.
  init?(_ line: MarkdownLine) {
    let count = Self.cells(of: line.letters).count
    let isBar = line.letters.trimmed.first?.ascii == 0x7c
    guard count > (isBar ? 0 : 1), count <= Self.greatestCount else { return nil }
    header = line
  }

  /// Whether the second line said that it is one.
  var isTable: Bool { alignments != nil }

  /// Whether a line that nothing is behind yet may become the first of a table.
  var looksLikeTable: Bool { header.letters.trimmed.first?.ascii == 0x7c }

  /// Characters that are laid out anew with each that comes.
  var heldCount: Int { size + (widths == nil ? header.letters.count : 0) }

  /// Whether a line is the table's next.
  mutating func take(_ line: Letters, isGrowing: Bool) -> Bool {
    guard alignments != nil else {
      alignments = Self.alignments(of: line, count: Self.cells(of: header.letters).count)
      if alignments == nil, isGrowing { alignments = begun(by: line) }
      return alignments != nil
    }
    guard line.hasBar else { return false }
    rows.append(line)
    size += line.count
    return true
  }

  /// What a second line that is still being written will say.
  private func begun(by line: Letters) -> [Alignment]? {
    let line = line.trimmed
    guard looksLikeTable, line.isEmpty || line.first?.ascii == 0x7c,
      line.allSatisfy({ [0x7c, 0x2d, 0x3a, 0x20].contains($0.ascii) })
    else { return nil }
    return Array(repeating: .left, count: Self.cells(of: header.letters).count)
  }

  // MARK: - Lines

  /// Lines of the screen for what came since the last time, where the columns' widths are as good as known;
  /// nil where more rows may change them.
  mutating func settled(width: Int) -> [TextLine]? {
    guard let alignments else { return nil }
    if let widths {
      defer { (rows, size) = ([], 0) }
      return rows.flatMap { lines(of: $0, alignments, widths) }
    }
    guard rows.count >= Self.measuredRows || size >= Self.measuredSize else { return nil }
    defer { (rows, size) = ([], 0) }
    let drawn = lines(width: width)
    widths = fitted(to: width) ?? []
    return drawn
  }

  /// All lines of the screen that were not given out yet.
  func lines(width: Int) -> [TextLine] {
    guard let alignments else { return [] }
    if let widths { return rows.flatMap { lines(of: $0, alignments, widths) } }
    let widths = fitted(to: width) ?? []
    guard !widths.isEmpty else {
      return ([header.letters] + rows).flatMap { plain($0, width: width) }
    }
    let rule = widths.map { String(repeating: "─", count: $0) }.joined(separator: "─┼─")
    return lines(of: header.letters, alignments, widths, .bold)
      + [header.hang + TextCell.ornaments(rule)]
      + rows.flatMap { lines(of: $0, alignments, widths) }
  }

  /// A row as it is written, where there is no room for columns.
  private func plain(_ row: Letters, width: Int) -> [TextLine] {
    var filler = LineFiller(width: width, first: header.hang, hang: header.hang)
    var lines: [TextLine] = []
    for ink in InlineText.inks(of: row) { filler.add(ink, to: &lines) }
    return lines + [filler.line]
  }

  private func lines(
    of row: Letters, _ alignments: [Alignment], _ widths: [Int],
    _ attributes: Style.Attributes = []
  ) -> [TextLine] {
    guard !widths.isEmpty else { return plain(row, width: header.width) }
    let cells = Self.cells(of: row, atMost: widths.count).map { cell in
      InlineText.inks(of: cell, attributes)
    }
    let columns = widths.indices.map { place in
      let inks = place < cells.count ? cells[place] : []
      return Self.column(inks, width: widths[place], alignments[place])
    }
    let height = columns.map(\.count).max() ?? 1
    return (0..<height).map { line in
      var cells = header.hang
      for (place, column) in columns.enumerated() {
        if place > 0 { cells += TextCell.ornaments(" │ ") }
        cells += line < column.count ? column[line] : TextCell.blanks(widths[place])
      }
      return cells
    }
  }

  private static func column(_ inks: [Ink], width: Int, _ alignment: Alignment) -> [TextLine] {
    var filler = LineFiller(width: width)
    var lines: [TextLine] = []
    for ink in inks { filler.add(ink, to: &lines) }
    return (lines + [filler.line]).map { line in
      let room = max(0, width - line.columns)
      let left =
        switch alignment {
        case .left: 0
        case .center: room / 2
        case .right: room
        }
      return TextCell.blanks(left) + line + TextCell.blanks(room - left)
    }
  }

  // MARK: - Columns

  /// The widths of the columns in a line of `width`; nil where there is no room for them.
  private func fitted(to width: Int) -> [Int]? {
    guard let count = alignments?.count, count > 0 else { return nil }
    var natural = Array(repeating: 1, count: count)
    for row in [header.letters] + rows {
      for (place, cell) in Self.cells(of: row, atMost: count).enumerated() {
        let columns = InlineText.inks(of: cell).reduce(0) {
          $0 + Glyph.width(of: String($1.letter.character))
        }
        natural[place] = max(natural[place], columns)
      }
    }
    let room = width - header.hang.columns - Self.between * (count - 1)
    guard room >= count * Self.least else { return nil }
    var limit = room
    while natural.reduce(0, { $0 + min($1, limit) }) > room { limit -= 1 }
    return natural.map { min($0, limit) }
  }

  // MARK: - Reading

  /// The cells of a row without the blanks around them; the last takes what is too much.
  private static func cells(of row: Letters, atMost limit: Int = .max) -> [Letters] {
    var row = row.trimmed
    if row.first?.ascii == 0x7c { row = row.dropFirst() }
    if row.last?.ascii == 0x7c, row.dropLast().last?.ascii != 0x5c { row = row.dropLast() }
    var cells: [Letters] = []
    var start = row.startIndex
    var isEscaped = false
    for index in row.indices {
      let ascii = row[index].ascii
      if ascii == 0x7c, !isEscaped, cells.count + 1 < limit {
        cells.append(row[start..<index].trimmed)
        start = index + 1
      }
      isEscaped = ascii == 0x5c && !isEscaped
    }
    return cells + [row[start...].trimmed]
  }

  private static func alignments(of line: Letters, count: Int) -> [Alignment]? {
    guard line.hasBar else { return nil }
    let cells = cells(of: line)
    guard cells.count == count else { return nil }
    var alignments: [Alignment] = []
    for cell in cells {
      let (first, last) = (cell.first?.ascii == 0x3a, cell.last?.ascii == 0x3a)
      let dashes = cell.dropFirst(first ? 1 : 0).dropLast(last ? 1 : 0)
      guard !dashes.isEmpty, dashes.allSatisfy({ $0.ascii == 0x2d }) else { return nil }
      alignments.append(first && last ? .center : last ? .right : .left)
    }
    return alignments
  }
}

extension Letters {
  /// Whether there is a `|` in it.
  fileprivate var hasBar: Bool { contains { $0.ascii == 0x7c } }
}
