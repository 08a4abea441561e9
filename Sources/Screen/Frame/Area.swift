/// A rectangle of cells.
package struct Area: Hashable, Sendable {
  /// The first row.
  package var row: Int
  /// The first column.
  package var column: Int
  /// How many rows; never negative.
  package var rows: Int
  /// How many columns; never negative.
  package var columns: Int

  /// A rectangle; negative sizes count as none.
  package init(row: Int = 0, column: Int = 0, rows: Int, columns: Int) {
    self.row = row
    self.column = column
    self.rows = max(0, rows)
    self.columns = max(0, columns)
  }

  /// Whether there is no cell.
  package var isEmpty: Bool { rows == 0 || columns == 0 }

  /// Takes `count` rows off the top.
  package mutating func takeTop(_ count: Int) -> Area {
    let count = min(max(0, count), rows)
    let top = Area(row: row, column: column, rows: count, columns: columns)
    row += count
    rows -= count
    return top
  }

  /// Takes `count` rows off the bottom.
  package mutating func takeBottom(_ count: Int) -> Area {
    let count = min(max(0, count), rows)
    rows -= count
    return Area(row: row + rows, column: column, rows: count, columns: columns)
  }

  /// Takes `count` columns off the left.
  package mutating func takeLeft(_ count: Int) -> Area {
    let count = min(max(0, count), columns)
    let left = Area(row: row, column: column, rows: rows, columns: count)
    column += count
    columns -= count
    return left
  }

  /// Takes `count` columns off the right.
  package mutating func takeRight(_ count: Int) -> Area {
    let count = min(max(0, count), columns)
    columns -= count
    return Area(row: row, column: column + columns, rows: rows, columns: count)
  }
}
