import Screen
import Testing

/// Lines of text, typed at a terminal or read from a file.
struct TypedLineTests {
  /// What the keys in these bytes lead to, and what the terminal shows of them.
  static func type(_ text: String) -> (outcomes: [TypedLine.Outcome], echo: String, rest: String) {
    var parser = KeyParser()
    var line = TypedLine()
    var echo = ""
    let outcomes = parser.keys(in: text.utf8).map { line.handle($0, echo: &echo) }
    return (outcomes.filter { $0 != .typing }, echo, line.text)
  }

  @Test func `a line is what was typed, of any length`() {
    let long = String(repeating: "x", count: 100_000)
    #expect(Self.type("hello é\n\(long)\r").outcomes == [.line("hello é"), .line(long)])
  }

  @Test func `what is erased is gone from the line and from the terminal`() {
    let (_, echo, rest) = Self.type("ab\u{7f}日\u{7f}c")
    #expect(rest == "ac")
    #expect(echo == "ab\u{8} \u{8}日\u{8} \u{8}\u{8} \u{8}c")
    #expect(Self.type("one two \u{17}x").rest == "one x")
    #expect(Self.type("one two\u{15}x").rest == "x")
    #expect(Self.type("\u{7f}\u{15}\u{17}").echo.isEmpty)
  }

  @Test func `keys that mean nothing leave nothing`() {
    let (outcomes, echo, rest) = Self.type("a\u{1b}[A\u{1b}[1;5D\u{1b}OP\u{0}\u{12}b")
    #expect(outcomes.isEmpty && echo == "ab" && rest == "ab")
  }

  @Test func `^C breaks the line off, ^Z stops, ^D ends where nothing is typed`() {
    #expect(Self.type("abc\u{3}d\r").outcomes == [.interrupt(wasTyping: true), .line("d")])
    #expect(Self.type("\u{3}").outcomes == [.interrupt(wasTyping: false)])
    #expect(Self.type("abc\u{3}").echo == "abc^C\n")
    #expect(Self.type("a\u{1a}b\r").outcomes == [.suspend, .line("ab")])
    #expect(Self.type("a\u{4}\r\u{4}").outcomes == [.line("a"), .end])
  }

  // MARK: - Many lines

  /// The messages in these lines.
  static func messages(_ lines: String...) -> [String] {
    var quoted = QuotedLines()
    let messages = lines.compactMap { quoted.take($0) }
    return messages + [quoted.finish()].compactMap { $0 }
  }

  @Test func `three quotes at the start of a message hold it open to those at the end of a line`() {
    #expect(Self.messages("\"\"\"line1", "line2\"\"\"", "x") == ["line1\nline2", "x"])
    #expect(Self.messages("\"\"\"", "line1", "", "line2", "\"\"\"") == ["line1\n\nline2"])
    #expect(Self.messages("\"\"\"one\"\"\"", "two") == ["one", "two"])
    #expect(Self.messages("\"\"\"", "a \"\"\"b\"\"\" c", "\"\"\"") == ["a \"\"\"b\"\"\" c"])
  }

  @Test func `anywhere else they are text`() {
    #expect(Self.messages("what is \"\"\"", "x\"\"\"") == ["what is \"\"\"", "x\"\"\""])
  }

  @Test func `a message that nobody ends is what came`() {
    #expect(Self.messages("\"\"\"one", "two") == ["one\ntwo"])
    #expect(Self.messages("\"\"\"") == [""])
  }
}
