import Foundation
import Reports
import TestSupport
import Testing

struct TableTests {
  @Test func `columns are as wide as their widest cell, and no line ends in blanks`() {
    let table = Table(
      header: ["NAME", "SIZE"], rows: [["a", "1.5 MB"], ["longer", "2"], ["short"]])
    #expect(table.lines == ["NAME    SIZE", "a       1.5 MB", "longer  2", "short"])
  }

  @Test func `the last cell of a row widens no column`() {
    let table = Table(rows: [["a very long sentence"], ["b", "c"]])
    #expect(table.lines == ["a very long sentence", "b  c"])
    #expect(Table(rows: []).lines.isEmpty)
  }

  @Test func `control characters in a cell are symbols`() {
    #expect(Table(rows: [["\u{1B}[2J", "a\nb"]]).lines == ["␛[2J  a␊b"])
  }

  @Test func `numbers stand to the right in Markdown, words to the left`() {
    let table = MarkdownTable(["task", "95 %", "95 %"], words: ["task"], rows: [["QA", "1", "2"]])
    #expect(
      table.lines == ["| task | 95 % | 95 % |", "| --- | ---: | ---: |", "| QA | 1 | 2 |"])
  }

  @Test func `a cell can end neither its column nor its row`() {
    let table = MarkdownTable(["a"], rows: [["x|y\nz\u{1B}"]])
    #expect(table.lines.last == "| x\\|y␊z␛ |")
  }

  @Test func `figures in JSON have their names in snake case, in order`() throws {
    struct Row: Encodable { var meanKld = 0.5, path = "a/b" }
    #expect(
      try ReportJSON.text(of: [Row()]).contains("\"mean_kld\" : 0.5,\n    \"path\" : \"a/b\""))
    struct Infinite: Encodable { var ppl = Double.infinity }
    #expect(throws: EncodingError.self) { try ReportJSON.text(of: Infinite()) }
  }
}

/// RFC 4180.
struct CSVTests {
  /// The fields of a file, read by the grammar of RFC 4180 with line feeds between the lines.
  private func parse(_ text: String) -> [[String]] {
    var (lines, field, isQuoted) = ([[String]](), "", false)
    var line: [String] = []
    var rest = Array(text.unicodeScalars)[...]
    while let scalar = rest.popFirst() {
      switch (scalar, isQuoted) {
      case ("\"", true) where rest.first == "\"":
        field.unicodeScalars.append(scalar)
        rest.removeFirst()
      case ("\"", _): isQuoted.toggle()
      case (",", false): (line, field) = (line + [field], "")
      case ("\n", false): (lines, line, field) = (lines + [line + [field]], [], "")
      default: field.unicodeScalars.append(scalar)
      }
    }
    return lines + [line + [field]]
  }

  @Test(arguments: [
    ("plain", "plain"), ("", ""), ("a,b", "\"a,b\""), ("say \"so\"", "\"say \"\"so\"\"\""),
    ("two\nlines", "\"two\nlines\""), ("\r\n", "\"\r\n\""), ("c\r", "\"c\r\""), (" ", " "),
    ("exit 12@0.5, short", "\"exit 12@0.5, short\""),
  ])
  func `a field is quoted where it needs it`(field: String, written: String) {
    #expect(CSV.text(header: ["h"], rows: [[field]]) == "h\n" + written)
  }

  @Test func `columns can be quoted always, but for their names`() {
    let text = CSV.text(header: ["a", "b"], rows: [["1", "2"], ["3", "4\""]], quoted: ["b"])
    #expect(text == "a,b\n1,\"2\"\n3,\"4\"\"\"")
  }

  @Test(arguments: 0..<50) func `what is written is read again`(seed: UInt64) {
    var generator = SeededGenerator(seed: seed)
    let pieces = [",", "\"", "\n", "\r\n", "\r", "a", "–", " ", "1.5", "🦘"]
    let rows = (0..<5).map { _ in
      (0..<3).map { _ in
        (0..<Int.random(in: 0...5, using: &generator)).map { _ in
          pieces[Int.random(in: 0..<pieces.count, using: &generator)]
        }.joined()
      }
    }
    let header = ["x", "y,z", "w"]
    #expect(parse(CSV.text(header: header, rows: rows)) == [header] + rows)
    #expect(parse(CSV.text(header: header, rows: rows, quoted: ["x", "w"])) == [header] + rows)
  }
}
