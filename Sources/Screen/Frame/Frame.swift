/// One picture of the screen: a grid of cells, and where the cursor stands.
///
/// A value: drawing makes a frame, a terminal shows it, a test compares it.
package struct Frame: Hashable, Sendable {
  /// One cell.
  package struct Cell: Hashable, Sendable {
    /// What is drawn; nil is the right half of the wide glyph before it.
    package var glyph: Glyph?
    /// What it is there for.
    package var role: Role
    /// What is done to it besides the style of its role.
    package var attributes: Style.Attributes = []

    /// Nothing.
    package static let blank = Cell(glyph: .space, role: .text)
  }

  /// A place in the grid.
  package struct Place: Hashable, Sendable {
    /// From 0 at the top.
    package var row: Int
    /// From 0 at the left.
    package var column: Int
  }

  /// The size.
  package let rows: Int
  /// The size.
  package let columns: Int
  /// Row by row.
  package private(set) var cells: [Cell]
  /// How many texts were cut because there was no room for all of them.
  package private(set) var cutCount = 0
  /// Where the cursor stands; nil hides it.
  package var cursor: Place?

  /// A blank frame; negative sizes count as none.
  package init(rows: Int, columns: Int) {
    self.rows = max(0, rows)
    self.columns = max(0, columns)
    cells = Array(repeating: .blank, count: self.rows * self.columns)
  }

  /// The whole of it.
  package var area: Area { Area(rows: rows, columns: columns) }

  /// The cell at a place inside the frame.
  package subscript(row: Int, column: Int) -> Cell { cells[row * columns + column] }

  /// Writes `glyphs` into `area` from (`row`, `column`) inside it, cut at the area's right edge, with
  /// `attributes` besides those of the role.
  ///
  /// Returns the column behind the last glyph, inside the area.
  @discardableResult
  package mutating func write(
    _ glyphs: some Sequence<Glyph>, _ role: Role, _ attributes: Style.Attributes = [],
    in area: Area, row: Int = 0, column: Int = 0
  ) -> Int {
    guard row >= 0, row < area.rows, area.row + row >= 0, area.row + row < rows else {
      return column
    }
    let limit = min(area.columns, columns - area.column)
    var column = column
    for glyph in glyphs {
      if column + glyph.width > limit {
        cutCount += 1
        break
      }
      if column >= 0 && area.column + column >= 0 {
        let cell = Cell(glyph: glyph, role: role, attributes: attributes)
        put(cell, width: glyph.width, row: area.row + row, column: area.column + column)
      }
      column += glyph.width
    }
    return column
  }

  /// Writes text as ``write(_:_:in:row:column:)`` writes its glyphs.
  @discardableResult
  package mutating func write(
    _ text: some StringProtocol, _ role: Role, in area: Area, row: Int = 0, column: Int = 0
  ) -> Int {
    write(Glyph.run(of: text), role, in: area, row: row, column: column)
  }

  /// Gives `count` cells another role and leaves what they show.
  package mutating func mark(_ role: Role, in area: Area, row: Int, column: Int, count: Int) {
    guard row >= 0, row < area.rows, area.row + row < rows else { return }
    for offset in max(0, column)..<max(0, column, min(column + count, area.columns)) {
      let place = area.column + offset
      if place < columns { cells[(area.row + row) * columns + place].role = role }
    }
  }

  /// Sets one cell; a wide glyph that loses a half loses the other too.
  private mutating func put(_ cell: Cell, width: Int, row: Int, column: Int) {
    let start = row * columns
    let end = column + width
    if cells[start + column].glyph == nil { cells[start + column - 1].glyph = .space }
    if end < columns && cells[start + end].glyph == nil { cells[start + end].glyph = .space }
    cells[start + column] = cell
    for half in (column + 1)..<max(end, column + 1) {
      cells[start + half] = Cell(glyph: nil, role: cell.role, attributes: cell.attributes)
    }
  }
}

extension Frame {
  /// The rows as text, each exactly as wide as the frame.
  package var lines: [String] {
    (0..<rows).map { row in
      (0..<columns).map { self[row, $0].glyph?.text ?? "" }.joined()
    }
  }

  /// A run of cells in one row that a terminal has to draw anew.
  package struct Change: Hashable, Sendable {
    /// The row.
    package var row: Int
    /// The first column.
    package var column: Int
    /// The cells.
    package var cells: ArraySlice<Cell>
  }

  /// What differs from the frame that is shown; everything when the sizes differ or there is none.
  package func changes(since shown: Frame?) -> [Change] {
    let old = shown?.rows == rows && shown?.columns == columns ? shown?.cells : nil
    var changes: [Change] = []
    for row in 0..<rows {
      var column = 0
      while column < columns {
        let first = column
        while column < columns,
          old.map({ $0[row * columns + column] }) != cells[row * columns + column]
        { column += 1 }
        if column > first {
          let slice = cells[(row * columns + first)..<(row * columns + column)]
          changes.append(Change(row: row, column: first, cells: slice))
        } else {
          column += 1
        }
      }
    }
    return changes
  }
}
