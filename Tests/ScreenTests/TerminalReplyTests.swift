import Screen
import TestSupport
import Testing

/// What a terminal answers when it is asked, and that no part of it is typed.
@MainActor
struct TerminalReplyTests {
  private static let answers: [(bytes: String, reply: TerminalReply)] = [
    ("\u{1b}]11;rgb:ffff/ffff/ffff\u{1b}\\", .background(RGB(red: 255, green: 255, blue: 255))),
    ("\u{1b}]11;rgb:1e1e/1e1e/2e2e\u{7}", .background(RGB(red: 30, green: 30, blue: 46))),
    ("\u{1b}]11;rgb:0/8/f\u{7}", .background(RGB(red: 0, green: 136, blue: 255))),
    ("\u{1b}[?0u", .tellsKeysApart), ("\u{1b}[?1u", .tellsKeysApart),
  ]

  @Test func `answers are understood in any pieces, and leave no key behind`() {
    var generator = SeededGenerator(seed: 311)
    for _ in 0..<400 {
      let chosen = (0..<3).compactMap { _ in Self.answers.randomElement(using: &generator) }
      let bytes = chosen.flatMap { Array($0.bytes.utf8) }
      var (parser, keys, replies) = (KeyParser(), [Key](), [TerminalReply]())
      var rest = bytes[...]
      while !rest.isEmpty {
        let count = Int.random(in: 1...rest.count, using: &generator)
        keys += parser.keys(in: rest.prefix(count))
        replies += parser.takeReplies()
        rest = rest.dropFirst(count)
      }
      #expect(keys.isEmpty && replies == chosen.map(\.reply))
      #expect(!parser.isWaiting)
    }
  }

  @Test(arguments: [
    "\u{1b}]11;rgb:12345/0/0\u{7}", "\u{1b}]11;rgb:-1/0/0\u{7}", "\u{1b}]11;rgb:0/0\u{7}",
    "\u{1b}]11;?\u{7}", "\u{1b}P11;rgb:0/0/0\u{1b}\\", "\u{1b}]10;rgb:0/0/0\u{7}", "\u{1b}[?62;c",
  ])
  func `what is no answer to the question says nothing`(bytes: String) {
    var parser = KeyParser()
    #expect(parser.keys(in: Array(bytes.utf8)).isEmpty && parser.takeReplies().isEmpty)
  }

  private func palette(_ answer: String, theme: String) async -> Palette? {
    let terminal = LoopTests.terminal(
      { $0.inputs = LoopTests.typed(answer + "x") }, { $0.inputs = LoopTests.quit })
    let loop = ScreenLoop(state: ScreenState(), terminal: terminal, theme: theme)
    _ = await loop.run(records: LoopTests.stream([])) { _ in }
    #expect(terminal.wasAsked)
    #expect(terminal.tellsKeysApart == answer.hasSuffix("u"))
    return terminal.palette
  }

  @Test func `the automatic theme goes by the background, another stays`() async throws {
    func expected(_ name: String) throws -> Palette {
      try ThemeCatalogue().theme(named: name).palette(at: .many)
    }
    let (light, dark) = (Self.answers[0].bytes, Self.answers[1].bytes)
    #expect(try await palette(light, theme: "auto") == expected("light"))
    #expect(try await palette(dark, theme: "auto") == expected("colorblind"))
    #expect(try await palette("", theme: "auto") == expected("colorblind"))
    #expect(try await palette(light + "\u{1b}[?0u", theme: "dark") == expected("dark"))
  }

  @Test func `with keys told apart Shift-Enter breaks the line`() {
    var parser = KeyParser()
    #expect(
      parser.keys(in: Array("\u{1b}[13;2u\u{1b}[27u\u{1b}[99;5u".utf8))
        == [.newline, .escape, .control("c")])
  }
}
