/// A table in Markdown: columns of numbers stand to the right, columns of words to the left.
package struct MarkdownTable {
  private let header: [String]
  private let words: Set<String>
  private let rows: [[String]]

  /// A table with a column for each name in `header`, of which `words` hold words. A row has a cell for
  /// each column.
  package init(_ header: [String], words: Set<String> = [], rows: [[String]]) {
    self.header = header
    self.words = words
    self.rows = rows
  }

  /// The lines: names, a rule, and the rows.
  package var lines: [String] {
    let rule = header.map { words.contains($0) ? "---" : "---:" }
    return ([header, rule] + rows.map { $0.map(Self.escaped) }).map {
      "| " + $0.joined(separator: " | ") + " |"
    }
  }

  private static func escaped(_ cell: String) -> String {
    cell.visible.replacing("|", with: "\\|")
  }
}
