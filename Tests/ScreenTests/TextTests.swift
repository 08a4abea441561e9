import Screen
import TestSupport
import Testing

/// Text on its way to the screen.
struct TextTests {
  @Test(arguments: [
    ("plain", 5), ("日本語", 6), ("e\u{301}", 1), ("ﷺ", 1), ("한글", 4), ("👍", 2), ("👍🏽", 2),
    ("👩‍👩‍👧", 2), ("🇩🇪", 2), ("❤️", 1), ("\u{1fae8}", 2), ("", 0), ("─│▌", 3), ("ａ", 2),
    ("ᄒ\u{1161}\u{11ab}", 2),
  ])
  func `a text takes the columns that terminals give it`(text: String, columns: Int) {
    #expect(Glyph.width(of: text) == columns)
  }

  @Test(arguments: [
    ("\u{1b}[31m", "␛[31m"), ("\0", "␀"), ("\u{7f}", "␡"), ("\u{9b}", "<U+009B>"),
    ("a\u{202e}b", "a<U+202E>b"),
    ("\u{2066}", "<U+2066>"), ("\u{feff}", "<U+FEFF>"), ("\u{e0041}", "<U+E0041>"), ("\r", "␍"),
    ("\u{2028}", "<U+2028>"),
    ("🇩🇪", "DE"), ("👩‍👩‍👧", "👩"), ("\u{301}", "◌\u{301}"), ("\u{378}", "\u{fffd}"),
  ])
  func `what a terminal could take for a command becomes a symbol`(raw: String, shown: String) {
    #expect(Glyph.run(of: raw).map(\.text).joined() == shown)
  }

  @Test func `a pile of marks stays within one glyph`() {
    let glyphs = Glyph.run(of: "a" + String(repeating: "\u{301}", count: 50))
    #expect(glyphs.count == 1)
    #expect(glyphs.first.map { $0.text.unicodeScalars.count <= 5 } == true)
  }

  @Test func `lines break at words`() {
    let lines = Wrapping.lines(of: "The capital of Australia\nis Canberra", width: 12)
    #expect(
      lines.map { $0.map(\.text).joined() } == ["The capital", "of Australia", "is Canberra"])
  }

  @Test func `a long word and wide characters break where they must`() {
    func wrapped(_ text: String, _ width: Int) -> [String] {
      Wrapping.lines(of: text, width: width).map { $0.map(\.text).joined() }
    }
    #expect(wrapped("abcdefgh", 3) == ["abc", "def", "gh"])
    #expect(wrapped("日本語", 5) == ["日本", "語"])
    #expect(wrapped("日本", 1) == ["?", "?"])
    #expect(wrapped("a\tb", 20) == ["a   b"])
    #expect(wrapped("a\n\nb", 9) == ["a", "", "b"])
    #expect(wrapped("", 9) == [""])
    #expect(wrapped("text", 0) == [])
  }

  @Test(arguments: 0..<40)
  func `wrapping fits the width and loses nothing but spaces`(seed: UInt64) {
    var random = WildRecords(seed: seed)
    let text = random.text(30)
    for width in 2...20 {
      let lines = Wrapping.lines(of: text, width: width)
      #expect(lines.allSatisfy { $0.reduce(0) { $0 + $1.width } <= width })
      let kept = lines.joined().filter { $0 != .space }.map(\.text)
      let all = text.split(whereSeparator: { $0.isLineBreak || $0 == "\t" })
      #expect(kept == all.flatMap { Glyph.run(of: $0) }.filter { $0 != .space }.map(\.text))
    }
  }

  @Test(arguments: 0..<60)
  func `lines break where the rule says, looked at one paragraph at a time`(seed: UInt64) {
    var random = WildRecords(seed: seed)
    let text = random.text(40)
    for width in 1...24 {
      let lines = Wrapping.lines(of: text, width: width)
      #expect(
        lines == Self.lines(of: text, width: width), "width \(width) of \(text.debugDescription)")
    }
  }

  /// The rule in plain words: the line is cut behind its last space or wide character when the next glyph has
  /// no room, spaces at the cut go.
  private static func lines(of text: String, width: Int) -> [GlyphLine] {
    text.split(omittingEmptySubsequences: false, whereSeparator: \.isLineBreak).flatMap {
      paragraph in
      var (lines, line): ([GlyphLine], GlyphLine) = ([], [])
      var column = 0
      for character in paragraph {
        let glyphs =
          character == "\t"
          ? Array(repeating: Glyph.space, count: 4 - column % 4) : Glyph.run(of: String(character))
        for glyph in glyphs {
          column += glyph.width
          if glyph == .space, columns(of: line, width) == width {
            lines.append(line)
            line = []
            continue
          }
          while columns(of: line + [glyph], width) > width {
            let cut = line.lastIndex { $0 == .space || $0.width == 2 }.map { $0 + 1 } ?? line.count
            var head = Array(line[..<cut])
            while head.count > 1, head.last == .space { head.removeLast() }
            lines.append(head)
            line.removeFirst(cut)
          }
          line.append(glyph)
        }
      }
      return lines + [line]
    }.map { $0.map { $0.width > width ? Glyph.narrow : $0 } }
  }

  private static func columns(of line: GlyphLine, _ width: Int) -> Int {
    line.reduce(0) { $0 + ($1.width > width ? 1 : $1.width) }
  }
}
