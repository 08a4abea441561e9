import Screen
import TestSupport
import Testing

/// The bytes of a terminal, and the keys in them.
struct KeyParserTests {
  static let pasteBegins = "\u{1b}[200~"
  static let pasteEnds = "\u{1b}[201~"

  static func keys(_ text: String) -> [Key] {
    var parser = KeyParser()
    return parser.keys(in: text.utf8)
  }

  /// What a text is by itself.
  static func typed(_ text: String) -> [Key] { text.unicodeScalars.map { .scalar($0) } }

  // MARK: - Names

  @Test(arguments: [
    ("\r", Key.enter), ("\n", .newline), ("\t", .tab), ("\u{7f}", .backspace),
    ("\u{8}", .backspace),
    ("\u{3}", .control("c")), ("\u{1a}", .control("z")), ("é", .scalar("é")), ("🦘", .scalar("🦘")),
    ("\u{1b}b", .alt("b")), ("\u{1b}B", .alt("b")), ("\u{1b}é", .alt("é")), ("\u{1b}\r", .newline),
    ("\u{1b}\u{7f}", .control("w")), ("\u{1b}\u{3}", .control("c")),
    // Cursor keys: normal, application, modified as xterm, rxvt, PuTTY and kitty do it.
    ("\u{1b}[A", .up), ("\u{1b}OA", .up), ("\u{1b}[B", .down), ("\u{1b}[C", .right),
    ("\u{1b}OD", .left), ("\u{1b}[1;5D", .wordLeft), ("\u{1b}[1;3C", .wordRight),
    ("\u{1b}O5D", .wordLeft), ("\u{1b}O1;5C", .wordRight), ("\u{1b}Od", .wordLeft),
    ("\u{1b}[1;2D", .left), ("\u{1b}[d", .left), ("\u{1b}\u{1b}[C", .wordRight),
    ("\u{1b}[1;129C", .right), ("\u{1b}[1;5:1C", .wordRight),
    ("\u{1b}[H", .home), ("\u{1b}[1~", .home), ("\u{1b}[7~", .home), ("\u{1b}OH", .home),
    ("\u{1b}[F", .end), ("\u{1b}[4~", .end), ("\u{1b}[8~", .end), ("\u{1b}[7$", .home),
    ("\u{1b}[8^", .end), ("\u{1b}[3~", .delete), ("\u{1b}[3;5~", .alt("d")),
    ("\u{1b}[3^", .alt("d")),
    ("\u{1b}[5~", .pageUp), ("\u{1b}[6~", .pageDown), ("\u{1b}[5;2~", .pageUp),
    ("\u{1b}[Z", .backtab),
    ("\u{1b}OP", .function(1)), ("\u{1b}[11~", .function(1)), ("\u{1b}[[A", .function(1)),
    ("\u{1b}[P", .function(1)), ("\u{1b}OQ", .function(2)), ("\u{1b}[14~", .function(4)),
    ("\u{1b}[15~", .function(5)), ("\u{1b}[21~", .function(10)), ("\u{1b}[24~", .function(12)),
    // The keypad.
    ("\u{1b}OM", .enter), ("\u{1b}Op", .scalar("0")), ("\u{1b}Ok", .scalar("+")),
    // Keys by their code.
    ("\u{1b}[13u", .enter), ("\u{1b}[13;2u", .newline), ("\u{1b}[27;2;13~", .newline),
    ("\u{1b}[27;5;99~", .control("c")), ("\u{1b}[99;5u", .control("c")),
    ("\u{1b}[122;5u", .control("z")), ("\u{1b}[122;69u", .control("z")), ("\u{1b}[9;2u", .backtab),
    ("\u{1b}[27u", .escape), ("\u{1b}[127;5u", .control("w")), ("\u{1b}[98;3u", .alt("b")),
    ("\u{1b}[97;2u", .scalar("A")), ("\u{1b}[49:33;2u", .scalar("!")),
    ("\u{1b}[97;65u", .scalar("A")), ("\u{1b}[97;;229u", .scalar("å")), ("\u{1b}[57414u", .enter),
    ("\u{1b}[57404u", .scalar("5")), ("\u{1b}[57417;5u", .wordLeft), ("\u{1b}[106;5u", .newline),
  ])
  func `a key has the same name however a terminal spells it`(bytes: String, key: Key) {
    #expect(Self.keys("x" + bytes + "y") == [.scalar("x"), key, .scalar("y")])
  }

  @Test(arguments: [
    "\u{1b}[I", "\u{1b}[O", "\u{1b}[?62;c", "\u{1b}[?1;2c", "\u{1b}[>0;10;1c", "\u{1b}[24;80R",
    "\u{1b}[0n", "\u{1b}[8;24;80t", "\u{1b}[?2026;2$y", "\u{1b}[4;2$y", "\u{1b}[?u", "\u{1b}[?1u",
    "\u{1b}[<0;10;10M", "\u{1b}[<0;10;10m", "\u{1b}[M !!", "\u{1b}[35;10;10M", "\u{1b}[2~",
    "\u{1b}[25~", "\u{1b}[1;5A", "\u{1b}Oa", "\u{1b}[1;2P", "\u{1b}[E", "\u{1b}OE", "\u{1b}[[Z",
    "\u{1b}[214z", "\u{1b}[1;1:3A", "\u{1b}[97;1:3u", "\u{1b}[57441;2u", "\u{1b}[57358u",
    "\u{1b}[97;9u", "\u{1b}[99999999999999999999999u", "\u{1b}[55296u", "\u{1b}[1114112u",
    "\u{1b}[;;;;~", "\u{1b}[u", "\u{1b}[27;~", "\u{1b}[12\u{20}q", "\u{1b}[201~",
    "\u{1b}]11;rgb:0000/0000/0000\u{7}", "\u{1b}]11;rgb:0000/0000/0000\u{1b}\\",
    "\u{1b}P1$r0m\u{1b}\\", "\u{1b}P>|XTerm(370)\u{1b}\\", "\u{1b}_Gi=1;OK\u{1b}\\",
    "\u{1b}^private\u{1b}\\", "\u{1b}Xstart é\u{1b}\\", "\u{0}", "\u{9b}", "\u{1b}\t",
  ])
  func `what has no meaning here leaves nothing`(bytes: String) {
    #expect(Self.keys("x" + bytes + "y") == Self.typed("xy"))
  }

  @Test func `a sequence of any length leaves nothing`() {
    let long = String(repeating: "1;", count: 5000)
    #expect(Self.keys("\u{1b}[\(long)mx") == Self.typed("x"))
    #expect(Self.keys("\u{1b}O\(long)Mx") == [.enter, .scalar("x")])
    #expect(Self.keys("\u{1b}]52;c;\(long)\u{7}x") == Self.typed("x"))
  }

  // MARK: - Pieces and pauses

  @Test(arguments: 0..<200)
  func `bytes give the same keys in any pieces`(seed: UInt64) {
    var generator = SeededGenerator(seed: seed)
    let bytes = WildBytes.stream(&generator, count: 400)
    var whole = KeyParser()
    let expected = whole.keys(in: bytes)
    var parser = KeyParser()
    var keys: [Key] = []
    var rest = bytes[...]
    while !rest.isEmpty {
      let piece = rest.prefix(Int.random(in: 1...9, using: &generator))
      keys += parser.keys(in: piece)
      // Too short to mean anything.
      keys += parser.keys(afterPause: .milliseconds(Int.random(in: 0..<50, using: &generator)))
      rest = rest.dropFirst(piece.count)
    }
    #expect(keys == expected)
    #expect(parser == whole)
  }

  @Test(arguments: 0..<500)
  func `no bytes, pieces or pauses keep ^C and ^Z from getting through`(seed: UInt64) {
    var generator = SeededGenerator(seed: seed)
    for stop in [UInt8(0x03), 0x1a] {
      let key = Key.control(stop == 0x03 ? "c" : "z")
      var parser = KeyParser()
      for _ in 0..<Int.random(in: 0..<6, using: &generator) {
        _ = parser.keys(
          in: WildBytes.stream(&generator, count: Int.random(in: 0..<40, using: &generator)))
        let pause = [0, 40, 60, 99, 600, 999].randomElement(using: &generator) ?? 0
        _ = parser.keys(afterPause: .milliseconds(pause))
      }
      _ = parser.keys(afterPause: KeyParser.Limit.stall)
      #expect(parser.keys(in: [stop]).last == key)
      // Nothing is left of what it broke off.
      #expect(parser.keys(in: Array("ab".utf8)) == Self.typed("ab"))
    }
  }

  @Test(arguments: 0..<200)
  func `outside a paste ^C needs no pause`(seed: UInt64) {
    var generator = SeededGenerator(seed: seed)
    let bytes = WildBytes.stream(&generator, count: 300, pastes: false)
    var parser = KeyParser()
    for byte in bytes {
      let keys = parser.keys(in: [byte])
      if byte == 0x03 { #expect(keys.last == .control("c")) }
      if byte == 0x1a { #expect(keys.last == .control("z")) }
    }
  }

  @Test(arguments: 0..<300)
  func `a sequence that nobody knows leaves no text, whole or in pieces`(seed: UInt64) {
    var generator = SeededGenerator(seed: seed)
    let bytes = WildBytes.unknownSequence(&generator)
    let cut = Int.random(in: 2..<max(3, bytes.count), using: &generator)
    var parser = KeyParser()
    var keys = parser.keys(in: bytes.prefix(cut))
    keys += parser.keys(afterPause: .milliseconds(300))
    keys += parser.keys(in: bytes.dropFirst(cut))
    for key in keys {
      if case .scalar = key { Issue.record("\(key) of \(bytes)") }
      if case .paste = key { Issue.record("\(key) of \(bytes)") }
    }
    #expect(parser.keys(in: Array("a".utf8)) == Self.typed("a"), "\(bytes)")
  }

  @Test func `an escape alone is Escape, and its sequence may still follow`() {
    var parser = KeyParser()
    #expect(parser.keys(in: [0x1b]) == [])
    #expect(parser.keys(afterPause: .milliseconds(49)) == [])
    #expect(parser.keys(afterPause: .milliseconds(50)) == [.escape])
    #expect(parser.keys(in: Array("[1;5D".utf8)) == [.wordLeft])
    #expect(parser.keys(in: [0x1b, 0x1b]) == [])
    #expect(parser.keys(afterPause: .milliseconds(50)) == [.escape, .escape])
    #expect(parser.keys(in: Array("q".utf8)) == Self.typed("q"))
    #expect(parser.keys(in: Array("[a".utf8)) == Self.typed("[a"))
  }

  @Test func `a bracket typed after Escape is a bracket`() {
    var parser = KeyParser()
    _ = parser.keys(in: [0x1b])
    _ = parser.keys(afterPause: .milliseconds(60))
    #expect(parser.keys(in: Array("[".utf8)) == [])
    #expect(parser.keys(afterPause: .milliseconds(60)) == Self.typed("["))
    #expect(parser.keys(in: Array("H".utf8)) == Self.typed("H"))
  }

  @Test func `a sequence that does not end is given up`() {
    for begin in ["\u{1b}[1;", "\u{1b}O", "\u{1b}]0;x", "\u{1b}P", "\u{1b}_x\u{1b}", "\u{1b}[M"] {
      var parser = KeyParser()
      #expect(parser.keys(in: begin.utf8) == [])
      #expect(parser.keys(afterPause: .seconds(1)) == [])
      #expect(parser.keys(in: "hello".utf8) == Self.typed("hello"))
    }
  }

  @Test func `bytes that are no UTF-8 become replacements, as Swift has it`() {
    let texts: [[UInt8]] = [
      [0xff], [0xc3], [0xe2, 0x82], [0xc0, 0xaf], [0xed, 0xa0, 0x80], [0xf5, 0x80],
      [0xf0, 0x9f, 0xa6, 0x41], [0xe0, 0x80, 0x41], [0xf4, 0x90, 0x80, 0x80],
    ]
    for bytes in texts {
      var parser = KeyParser()
      var keys = parser.keys(in: bytes)
      keys += parser.keys(afterPause: .seconds(1))
      #expect(keys == Self.typed(String(decoding: bytes, as: UTF8.self)), "\(bytes)")
    }
  }

  // MARK: - Paste

  @Test func `a paste is one key however it comes, with the line breaks of a text`() {
    let text = "a\r\nb\rc\n\u{1b}[31md\u{3}"
    let stream = Self.pasteBegins + text + Self.pasteEnds + "\u{1b}[A"
    let expected: [Key] = [.paste("a\nb\nc\n\u{1b}[31md\u{3}"), .up]
    let bytes = Array(stream.utf8)
    #expect(Self.keys(stream) == expected)
    for cut in 6..<bytes.count {
      var parser = KeyParser()
      var keys = parser.keys(in: bytes.prefix(cut))
      keys += parser.keys(afterPause: .milliseconds(cut < bytes.count - 2 ? 999 : 10))
      keys += parser.keys(in: bytes.dropFirst(cut))
      // A pause makes the ^C in it the person's.
      if bytes[cut] != 0x03 { #expect(keys == expected, "cut at \(cut)") }
    }
  }

  @Test func `the marks of a paste may come in pieces, at any pace a network has`() {
    let begin = Array(Self.pasteBegins.utf8)
    for cut in 1..<begin.count {
      var parser = KeyParser()
      var keys = parser.keys(in: begin.prefix(cut))
      keys += parser.keys(afterPause: .milliseconds(300))
      keys += parser.keys(in: Array(begin.dropFirst(cut)) + Array(("x\r" + Self.pasteEnds).utf8))
      #expect(keys.filter { $0 != .escape } == [.paste("x\n")], "cut at \(cut)")
    }
  }

  @Test func `a paste without its end is over after a pause, and ^C ends it sooner`() {
    for rest in ["", "\u{1b}", "\u{1b}[20", "\u{1b}[201"] {
      var parser = KeyParser()
      #expect(parser.keys(in: (Self.pasteBegins + "hello" + rest).utf8) == [])
      #expect(parser.keys(afterPause: .seconds(1)) == [.paste("hello")])
      #expect(parser.keys(in: "x\r".utf8) == [.scalar("x"), .enter])
      _ = parser.keys(in: (Self.pasteBegins + "hello" + rest).utf8)
      #expect(parser.keys(afterPause: .milliseconds(100)) == [])
      #expect(parser.keys(in: [0x03]) == [.paste("hello"), .control("c")])
    }
  }
}

/// Streams of bytes such as terminals send, and such as they never would.
private enum WildBytes {
  static func stream(
    _ generator: inout SeededGenerator, count: Int, pastes: Bool = true
  ) -> [UInt8] {
    var bytes: [UInt8] = []
    while bytes.count < count {
      switch Int.random(in: 0..<8, using: &generator) {
      case 0: bytes.append(.random(in: 0...0xff, using: &generator))
      case 1: bytes.append(.random(in: 0...0x1f, using: &generator))
      case 2: bytes.append(0x1b)
      case 3: bytes += Array("é日🦘e\u{301}".utf8)
      case 4: bytes += unknownSequence(&generator)
      case 5: bytes += unknownSequence(&generator).dropLast(2)
      case 6: bytes += Array((pastes ? "\u{1b}[200~" : "\u{1b}[").utf8)
      default: bytes += Array((pastes ? "\u{1b}[201~" : "\u{1b}O").utf8)
      }
    }
    // A paste begins with these; in their place, nothing in particular.
    if !pastes { for index in bytes.indices where bytes[index] == 0x7e { bytes[index] = 0x6d } }
    return bytes
  }

  /// A whole control sequence or string that means nothing here.
  static func unknownSequence(_ generator: inout SeededGenerator) -> [UInt8] {
    let count = Int.random(in: 0..<12, using: &generator)
    if Bool.random(using: &generator) {
      let body = (0..<count).map { _ in UInt8.random(in: 0x20...0x7e, using: &generator) }
      let introducer = Array("]PX^_".utf8).randomElement(using: &generator) ?? 0x5d
      return [0x1b, introducer] + body + [0x1b, 0x5c]
    }
    let body = (0..<count).map { _ in UInt8.random(in: 0x20...0x3b, using: &generator) }
    let finals = Array("EGJKLNTUVWXYefghijklmnopqrstvwxyz{|}`".utf8)
    return [0x1b, 0x5b, 0x3f] + body + [finals.randomElement(using: &generator) ?? 0x6d]
  }
}
