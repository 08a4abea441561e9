import Files
import TestSupport
import Testing

struct TOMLTextTests {
  @Test func `numbers, truth values, texts and lists are what they say, each with its line`() throws
  {
    let text = """
      a = 1_000
      b = -0.5
      c = true # said
      d = [1, "two"]
      [t.u]
      e.f = 1979-05-27
      g = \"""
      one
      "two"\"""
      h = 'x\\y'
      """
    let entries = try TOMLText.entries(of: text)
    #expect(
      entries == [
        TOMLText.Entry(path: ["a"], value: .whole(1000), line: 1),
        TOMLText.Entry(path: ["b"], value: .number(-0.5), line: 2),
        TOMLText.Entry(path: ["c"], value: .flag(true), line: 3),
        TOMLText.Entry(path: ["d"], value: .list([.whole(1), .text("two")]), line: 4),
        TOMLText.Entry(path: ["t", "u", "e", "f"], value: .other("1979-05-27"), line: 6),
        TOMLText.Entry(path: ["t", "u", "g"], value: .text("one\n\"two\""), line: 7),
        TOMLText.Entry(path: ["t", "u", "h"], value: .text("x\\y"), line: 10),
      ])
  }

  @Test(arguments: [
    ("\"\"\"a\"\"\"", "a"), ("\"\"\"\"a\"\"\"\"\"", "\"a\"\""), ("'''\r\na\r\nb'''", "a\nb"),
    ("\"\"\"a\\\"\"\"\"", "a\""), ("\"\"", ""), ("''", ""), ("\"\"\"\"\"\"", ""),
  ])
  func `a text of several lines ends in three quotation marks`(
    written: String, said: String
  ) throws {
    #expect(try TOMLText.entries(of: "a = \(written)\n").map(\.value) == [.text(said)])
  }

  @Test(arguments: ["a = \"\"\"x", "\n\na = '''\n\n''"])
  func `one that never ends is told where it begins`(text: String) throws {
    let error = #expect(throws: TOMLText.Problem.self) { try TOMLText.entries(of: text) }
    #expect(error?.line == (text.hasPrefix("\n") ? 3 : 1))
  }

  @Test(arguments: 0..<500 as Range<UInt64>)
  func `any bytes are entries or an error with a line of the text`(seed: UInt64) {
    var generator = SeededGenerator(seed: seed)
    let pieces = [
      "a", "b", " = ", "\n", "[", "]", "\"", "\"\"\"", "'''", "\\", "\\u00", "1", "-", "_", ".",
      "e9", "true", ",", "#", "é", "\u{0}", "\r\n", "[t]\n", "a = 1\n", "\"x\"\n",
    ]
    let text = (0..<Int.random(in: 0...40, using: &generator)).compactMap { _ in
      pieces.randomElement(using: &generator)
    }.joined()
    let lines = text.unicodeScalars.count { $0 == "\n" } + 1
    do throws(TOMLText.Problem) {
      for entry in try TOMLText.entries(of: text) { #expect((1...lines).contains(entry.line)) }
    } catch {
      #expect((1...lines).contains(error.line))
    }
  }
}
