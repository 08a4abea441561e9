/// Rows of text in columns, each as wide as its widest cell. Control characters are shown as symbols.
package struct Table {
  /// Names of the columns, or nothing.
  package var header: [String]
  /// Cells, row by row; a row may be short.
  package var rows: [[String]]

  /// A table of these rows.
  package init(header: [String] = [], rows: [[String]]) {
    self.header = header
    self.rows = rows
  }

  /// The lines, without white space at their ends.
  package var lines: [String] {
    let cells = ((header.isEmpty ? [] : [header]) + rows).map { $0.map(\.visible) }
    var widths: [Int] = []
    for row in cells {
      // The last cell of a row may run on without widening the column for others.
      for (column, cell) in row.dropLast().enumerated() {
        if column == widths.count { widths.append(0) }
        widths[column] = max(widths[column], cell.count)
      }
    }
    return cells.map { row in
      row.enumerated().map { column, cell in
        guard column < row.count - 1 else { return cell }
        return cell + String(repeating: " ", count: widths[column] - cell.count)
      }.joined(separator: "  ")
    }
  }
}
