/// Comma-separated values, as RFC 4180 has them, but with line feeds between the lines.
package enum CSV {
  /// The lines, without a last line break. Fields are quoted where they need it, and always in the
  /// columns that `quoted` names.
  package static func text(
    header: [String], rows: [[String]], quoted: Set<String> = []
  ) -> String {
    let isQuoted = header.map(quoted.contains)
    let lines = rows.map { row in
      row.enumerated().map { column, text in
        field(text, isQuoted: isQuoted.indices.contains(column) && isQuoted[column])
      }
    }
    return ([header.map { field($0, isQuoted: false) }] + lines)
      .map { $0.joined(separator: ",") }.joined(separator: "\n")
  }

  private static func field(_ text: String, isQuoted: Bool) -> String {
    let needsQuotes = text.unicodeScalars.contains { ",\"\n\r".unicodeScalars.contains($0) }
    guard isQuoted || needsQuotes else { return text }
    return "\"" + text.replacing("\"", with: "\"\"") + "\""
  }
}
