import Events
import Screen
import TestSupport
import Testing

/// Answers drawn as Markdown.
struct MarkdownTests {
  /// A page with an answer on it.
  private static func page(_ text: String, rows: Int = 40, columns: Int = 80) -> AnswerPage {
    var page = AnswerPage(rows: rows, columns: columns)
    page.type("/color off")
    page.add(Array(text.utf8))
    return page
  }

  /// The lines of an answer to which more may come.
  private static func lines(_ text: String, columns: Int = 80) -> [String] {
    let lines = page(text, columns: columns).lines
    let end = lines.lastIndex { $0.contains("▌") } ?? lines.count - 1
    return lines[...end].map { line in
      var text = line.replacing("▌", with: "")
      while text.last == " " { text.removeLast() }
      return text
    }
  }

  @Test(arguments: [
    ("# Title\ntext\n", ["Title", "text", ""]),
    ("a **bold** word", ["a bold word"]),
    (
      "_one_ and *two*, snake_case_name, 2*3*4, 2 * 3",
      ["one and two, snake_case_name, 2*3*4, 2 * 3"]
    ),
    ("~~gone~~ here", ["~~gone~~ here"]),
    ("use `a*b*c` and ``x`y``", ["use a*b*c and x`y"]),
    (#"\*no\* \d"#, [#"*no* \d"#]),
    (
      "- one\n- two\n  - inner\n    more\n1. first\n",
      ["• one", "• two", "  • inner", "    more", "1. first", ""]
    ),
    ("10. ten\n    - a\n", ["10. ten", "    • a", ""]),
    ("> said\n> > twice\n", ["│ said", "│ │ twice", ""]),
    ("[the page](http://a.b/c_d_e) is", ["the page (http://a.b/c_d_e) is"]),
    ("![a picture](p.png) [no link] (x)", ["a picture (p.png) [no link] (x)"]),
    ("see https://a.b/x_y_z*.", ["see https://a.b/x_y_z*."]),
    ("a\n\n---\nb", ["a", "", String(repeating: "─", count: 40), "b"]),
    ("```python\nx = 1\n  y\n```\nend", ["── python", "  x = 1", "    y", "──", "end"]),
    (
      "| a | long name |\n|--:|---|\n| 100 | x |\n",
      ["  a │ long name", "────┼──────────", "100 │ x", ""]
    ),
    ("a | b\nis no table\n", ["a | b", "is no table", ""]),
    ("not#a heading\n#neither", ["not#a heading", "#neither"]),
    ("a * b ** c\n", ["a * b ** c", ""]),
  ])
  func `marks are drawn as what they mean`(text: String, lines: [String]) {
    #expect(Self.lines(text) == lines)
  }

  @Test(arguments: [
    ("so **very", ["so very"]), ("so **very*", ["so very"]), ("so *", ["so"]),
    ("a `let x", ["a let x"]),
    ("##", [""]), ("-", [""]), ("``", [""]), ("```sw", ["── sw"]),
    ("```\nlet x", ["──", "  let x"]), ("```\nx\n``", ["──", "  x", ""]),
    ("[name](http://a", ["name (http://a"]), ("| a | b |", ["a │ b", "──┼──"]),
    ("| a | b |\n|--", ["a │ b", "──┼──"]),
    ("| a | b |\n|---|---|\n| long", ["a    │ b", "─────┼──", "long │"]),
  ])
  func `what is begun looks as it will`(text: String, lines: [String]) {
    #expect(Self.lines(text) == lines)
  }

  @Test func `an answer that is over keeps what nothing closed`() {
    var page = Self.page("5 *stars and `code\n")
    page.add(Array("**end".utf8))
    let timings = EndRecord.Timings(
      cacheN: 0, promptN: 1, promptMs: 1, predictedN: 2, predictedMs: 1, draftN: 0,
      draftNAccepted: 0)
    page.update(
      .record(.end(EndRecord(turn: 1, answer: 1, reason: .stop, timings: timings, tNs: 9))))
    #expect(page.lines.contains("5 *stars and `code"))
    #expect(page.lines.contains("**end"))
  }

  @Test func `emphasis, headings and code have their looks`() {
    let page = Self.page(
      "# Top\n**strong** *slanted* ***both*** ~~gone~~ `code` [text](addr)\n### Low\n")
    #expect(page.attributes(of: "Top") == [.bold, .underline])
    #expect(page.attributes(of: "Low") == .bold)
    #expect(page.attributes(of: "strong") == .bold)
    #expect(page.attributes(of: "slanted") == .italic)
    #expect(page.attributes(of: "both") == [.bold, .italic])
    #expect(page.attributes(of: "gone") == .dim)
    #expect(page.attributes(of: "text") == .underline)
    #expect(page.role(of: "code") == .code)
    #expect(page.role(of: "addr") == .address)
  }

  @Test func `the lines of an item begin under its first word`() {
    let text = "- word" + String(repeating: " word", count: 11)
    #expect(
      Self.lines(text, columns: 40) == [
        "• word word word word word word", "  word word word word word word",
      ])
  }

  @Test
  func `a table that is too wide gives way where it is widest, and goes where there is no room`() {
    let text = "| id | text |\n|---|---|\n| 1 | one two three four five six |\n"
    let lines = Self.lines(text, columns: 36)
    #expect(
      lines.dropLast() == [
        "id │ text", "───┼────────────────────────", "1  │ one two three four five", "   │ six",
      ])
    let many = "|" + String(repeating: " a |", count: 12) + "\n"
    let narrow = Self.lines(many + "|" + String(repeating: "-|", count: 12) + "\n", columns: 40)
    #expect(narrow.first?.hasPrefix("| a | a |") == true)
  }

  // MARK: - Code

  @Test(
    arguments: [
      (
        "swift", "let a = \"text\" // note",
        ["let": .codeKeyword, "\"text\"": .codeString, "// note": .codeComment]
      ),
      (
        "python", "def f(): return 'x' # note",
        ["def": .codeKeyword, "'x'": .codeString, "# note": .codeComment]
      ),
      (
        "c", "#include <a.h> /* b */ 0x1F",
        ["#include": .codeKeyword, "/* b */": .codeComment, "0x1F": .codeNumber]
      ),
      (
        "sql", "SELECT name -- note",
        ["SELECT": .codeKeyword, "name": .code, "-- note": .codeComment]
      ),
      ("rust", "fn f<'a>(x: &'a str) {}", ["fn": .codeKeyword, "'a str": .code]),
      ("js", "const s = `a ${b}`", ["const": .codeKeyword, "`a ${b}`": .codeString]),
      ("bash", "echo \"$x\" # note", ["echo": .codeKeyword, "# note": .codeComment]),
      (
        "json", "{\"a\": true, \"b\": 12}",
        ["\"a\"": .codeString, "true": .codeKeyword, "12": .codeNumber]
      ),
      (
        "html", "<!-- note --> <a href=\"x\">",
        ["<!-- note -->": .codeComment, "\"x\"": .codeString]
      ),
      (
        "nonsense", "word \"text\" 12 // note",
        ["word": .code, "\"text\"": .codeString, "12": .codeNumber, "// note": .codeComment]
      ),
      ("", "it's \"so\" don't", ["it's": .code, "\"so\"": .codeString, "don't": .code]),
    ] as [(String, String, [String: Screen.Role])])
  func `code has the colours of its language`(
    name: String, code: String, roles: [String: Screen.Role]
  ) {
    let page = Self.page("```\(name)\n\(code)\n```\n")
    for (word, role) in roles { #expect(page.role(of: word) == role, "\(name): \(word)") }
  }

  @Test func `a comment or a string over several lines keeps its colour`() {
    let page = Self.page(
      "```c\n/* one\ntwo */ int x;\n```\n```python\n\"\"\"three\nfour\"\"\"\n```\n")
    #expect(page.role(of: "two */") == .codeComment)
    #expect(page.role(of: "int") == .codeKeyword)
    #expect(page.role(of: "four\"\"\"") == .codeString)
  }

  // MARK: - Laws

  @Test(arguments: 0..<60)
  func `an answer in pieces is drawn as the whole of it`(seed: UInt64) {
    var random = WildRecords(seed: seed)
    let text = random.markdown(60)
    for (rows, columns) in [(24, 80), (50, 160), (24, 40), (12, 13)] {
      var whole = AnswerPage(rows: rows, columns: columns)
      var parts = AnswerPage(rows: rows, columns: columns)
      whole.type("/color off")
      parts.type("/color off")
      var rest = Array(text.utf8)[...]
      whole.add(Array(rest))
      while !rest.isEmpty {
        parts.add(Array(rest.prefix(random.number(1...40))))
        rest = rest.dropFirst(parts.lastCount)
      }
      let area = Layout(of: whole.state).transcript
      let (a, b) = (draw(whole.state), draw(parts.state))
      let differing = (area.row..<area.row + area.rows).first { row in
        (area.column..<area.column + area.columns).contains { a[row, $0] != b[row, $0] }
      }
      #expect(differing == nil, "\(rows) x \(columns) of \(text.debugDescription)")
    }
  }

  @Test(arguments: 0..<60)
  func `every byte of an answer belongs to a token, in order`(seed: UInt64) throws {
    var random = WildRecords(seed: seed)
    let bytes = Array(random.markdown(60).utf8)
    var page = AnswerPage()
    var rest = bytes[...]
    while !rest.isEmpty {
      page.add(Array(rest.prefix(random.number(1...9))))
      rest = rest.dropFirst(page.lastCount)
    }
    let passage = try #require(page.state.passages.last { $0.speaker == .model })
    var end = 0
    for piece in passage.pieces {
      #expect(piece.start == end)
      end = piece.end
    }
    #expect(end == passage.text.utf8.count)
  }

  @Test(arguments: 0..<60)
  func `nothing is drawn outside the conversation, and no command reaches the terminal`(
    seed: UInt64
  ) {
    var random = WildRecords(seed: seed)
    let text = random.markdown(80)
    for (rows, columns) in [(50, 160), (24, 80), (14, 61), (9, 20), (3, 3), (1, 1)] {
      var page = AnswerPage(rows: rows, columns: columns)
      page.add(Array(text.utf8))
      let drawn = draw(page.state)
      drawn.expectWhole(text.debugDescription)
      page.type("/raw")
      let raw = draw(page.state)
      let area = Layout(of: page.state).transcript
      for row in 0..<rows {
        for column in 0..<columns
        where !(area.row..<area.row + area.rows).contains(row)
          || !(area.column..<area.column + area.columns).contains(column)
        {
          #expect(
            drawn[row, column] == raw[row, column], "\(row), \(column) of \(text.debugDescription)")
        }
      }
    }
  }

  @Test(arguments: [
    "word and ", "**bold** `code` ", "*", "`", "[", "[a](", "> ", "- ", "| a | b ", "a|", "\u{301}",
    "日",
    "```\n", "``` ", "~~", "\t", "\u{1b}", "#", "1. ", "(", "é\n", "| a | b |\n", "- a\n", "x",
    "> > > a\n",
    "\\", "``a` ", "![", "http://", "_a", "/*", "\"", "\r", "\r\n", "\u{fffd}", "  - a\n",
  ])
  func `a token costs work in what is open, however long the answer is`(piece: String) {
    for beginning in ["", "```c\n", "| a | b |\n|---|---|\n", "- ", "> "] {
      var page = MarkdownText(width: 80)
      var text = beginning
      var most = 0
      while text.utf8.count < 24_000 {
        text += String(repeating: piece, count: max(1, 20 / piece.utf8.count))
        page.extend(to: text)
        most = max(most, page.openCount(of: text))
      }
      #expect(most <= 3 * 4096, "\(beginning.debugDescription)")
      let whole = MarkdownText(text, width: 80)
      #expect(whole.closedCount == page.closedCount)
    }
  }

  @Test(arguments: [
    "> ", "* ", "**a ", "[", "`", "- ", "| ", "\u{301}", "a\u{301}", "(", "\"", "/*", "((",
  ])
  func `a line of 100 kilobytes is drawn in no time`(piece: String) {
    let line = String(repeating: piece, count: 100_000 / piece.utf8.count)
    let time = ContinuousClock().measure {
      for text in [line, "```swift\n" + line, "| a |\n|---|\n" + line] {
        var page = AnswerPage()
        page.add(Array(text.utf8))
        draw(page.state).expectWhole(piece)
      }
    }
    #expect(time < .seconds(20))
  }

  // MARK: - As it came

  @Test func `raw shows every mark and every control character, and drawn again is as before`() {
    var page = Self.page("**bold** `code`\n- item\u{1b}\n")
    let before = draw(page.state)
    page.type("/raw")
    #expect(page.lines.contains("**bold** `code`"))
    #expect(page.lines.contains("- item␛"))
    page.type("/raw")
    #expect(draw(page.state) == before)
    page.type("/raw")
    page.add(Array("*more*".utf8))
    #expect(page.lines.contains { $0.hasPrefix("*more*") })
  }

  @Test func `lines of text are always as they came`() {
    var page = AnswerPage()
    page.add(Array("**bold**".utf8))
    var renderer = PlainRenderer()
    _ = renderer.text(
      for: .turn(TurnRecord(turn: 1, role: .assistant, text: "", answer: 1, tNs: 0)))
    let token = page.state.tokens.first?.record
    #expect(token.map { renderer.text(for: .token($0)) } == "**bold**")
  }

  @Test func `what a person says is shown as it was typed`() {
    var page = AnswerPage()
    page.update(.record(.turn(TurnRecord(turn: 2, role: .user, text: "a **b** c", tNs: 0))))
    #expect(page.lines.contains("a **b** c"))
  }
}
