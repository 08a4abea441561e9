import Dials
import Events
import TestSupport

@testable import Screen

extension FuzzTarget {
  /// Bytes of a terminal, with pauses (255, then which). In any state ^C comes out once a paste has paused,
  /// nothing sticks, and in which pieces the bytes come makes no difference.
  static let keys = FuzzTarget(name: "keys", greatestLength: 128, seeds: seedsOfKeys) { bytes in
    var (whole, pieces) = (KeyParser(), KeyParser())
    var random = SplitMix64(seed: UInt64(bytes.count) << 8 + UInt64(bytes.last ?? 0))
    for step in TerminalStep.steps(in: bytes) {
      switch step {
      case .pause(let pause):
        claim(
          whole.keys(afterPause: pause) == pieces.keys(afterPause: pause), "the pause is the same")
      case .bytes(let bytes):
        let keys = whole.keys(in: bytes)
        var (told, rest): ([Key], [UInt8].SubSequence) = ([], bytes[...])
        while !rest.isEmpty {
          let count = Int(random.next() % 5) + 1
          told += pieces.keys(in: rest.prefix(count))
          told += pieces.keys(afterPause: .milliseconds(Int(random.next() % 50)))
          rest = rest.dropFirst(count)
        }
        claim(told == keys, "\(told) and \(keys)")
      }
      claim(whole == pieces, "\(whole) and \(pieces)")
    }
    // Of what comes before there are inputs as well, those that end there.
    checkWaysOut(of: whole)
  }

  private static func checkWaysOut(of parser: KeyParser) {
    for (stop, letter) in [(UInt8(3), Character("c")), (26, "z")] {
      var parser = parser
      if case .paste = parser.state { _ = parser.keys(afterPause: KeyParser.Limit.stall) }
      claim(parser.keys(in: [stop]).last == .control(letter), "^\(letter) gets through")
      claim(
        parser.keys(in: [97, 98]) == [.scalar("a"), .scalar("b")], "nothing is left behind it")
    }
    var parser = parser
    for _ in 0..<3 { _ = parser.keys(afterPause: .seconds(1)) }
    claim(!parser.isWaiting, "\(parser.state) sticks")
    claim(parser.keys(in: [97]) == [.scalar("a")], "a letter is a letter after a pause")
  }

  /// The same bytes as keys of the input line, of the screen and of a conversation in lines.
  static let editor = FuzzTarget(name: "editor", greatestLength: 96, seeds: seedsOfKeys) { bytes in
    var decisions = Decisions(bytes)
    let (rows, columns) = (decisions.byte() % 50, decisions.byte() % 140)
    var parser = KeyParser()
    var state = startingState
    _ = state.update(.resized(rows: rows, columns: columns))
    var (line, quoted) = (TypedLine(), QuotedLines())
    for step in TerminalStep.steps(in: Array(decisions.rest)) {
      let keys =
        switch step {
        case .pause(let pause): parser.keys(afterPause: pause)
        case .bytes(let bytes): parser.keys(in: bytes)
        }
      for key in keys {
        for action in state.update(.key(key)) { answer(action, &state) }
        claim(
          (0...state.editor.text.count).contains(state.editor.cursor), "the cursor is in the text")
        check(&line, key, &quoted)
      }
    }
    var echo = ""
    claim(line.handle(.control("u"), echo: &echo) == .typing && line.text.isEmpty, "^U erases all")
    if bytes.count % 4 == 0 { draw(state).checkWhole() }
  }

  /// What the world would do, as far as the screen sees of it.
  private static func answer(_ action: Action, _ state: inout ScreenState) {
    switch action {
    case .submit(let text):
      _ = state.update(.record(.turn(TurnRecord(turn: 0, role: .user, text: text, tNs: 0))))
      _ = state.update(.notice(Notice(.error, text)))
    case .openEditor(let text): _ = state.update(.input(text))
    case .command(.regenerate), .command(.continueAnswer), .command(.compare):
      _ = state.update(.notice(Notice(.error, "no")))
    default: break
    }
  }

  private static func check(_ line: inout TypedLine, _ key: Key, _ quoted: inout QuotedLines) {
    var echo = ""
    let before = line.text
    switch line.handle(key, echo: &echo) {
    case .line(let text):
      claim(text == before && line.text.isEmpty, "a line is what stood in it")
      _ = quoted.take(text)
    case .interrupt(let wasTyping):
      claim(wasTyping == !before.isEmpty && line.text.isEmpty, "^C empties the line")
    case .end: claim(before.isEmpty, "^D ends an empty line only")
    case .suspend, .typing: break
    }
  }

  private static let startingState: ScreenState = {
    var state = ScreenState(history: ["one", "two\nlines"], themes: ["dark", "light"])
    var generator = SeededGenerator(seed: 1)
    for record in Record.conversation(id: "a", turnCount: 2, using: &generator) {
      _ = state.update(.record(record))
    }
    return state
  }()

  @Sendable private static func seedsOfKeys() -> [[UInt8]] {
    [
      "ab\u{1b}[A\u{1b}OA\u{1b}[1;5D\u{1b}[3~\u{7f}\r",
      "\u{1b}[200~pasted\r\ntext\u{1b}[201~x\u{3}",
      "\u{1b}]11;rgb:00/00\u{7}\u{1b}P1$r\u{1b}\\\u{1b}_G\u{1b}\\\u{1b}[M !!\u{1b}[[A",
      "\u{1b}[99;5u\u{1b}[97:65;2u\u{1b}[27;5;99~\u{1b}[57417;5u",
      "/help\r/set top_k 4\r/prune\r\t ",
      "\"\"\"a\rb\"\"\"\r\u{12}on\r\u{10}\u{e}", "é日👩‍👩‍👧\u{17}\u{15}\u{19}\u{1b}b\u{1b}d",
    ].map { Array($0.utf8) } + [
      [0x1b, 255, 1, 0x5b, 255, 0, 0x41, 255, 6],
      [0x1b, 0x5b, 0x32, 0x30, 0x30, 0x7e, 97, 255, 2, 3],
      [0xe6, 0x97, 255, 5, 0xa5, 20, 80, 0x1b, 0x5b, 0x4d, 255, 5],
    ]
  }
}

/// What a terminal does.
private enum TerminalStep {
  case bytes([UInt8])
  case pause(Duration)

  private static let pauses = [0, 50, 100, 500, 99, 1000, 3000].map { Duration.milliseconds($0) }

  static func steps(in bytes: [UInt8]) -> [TerminalStep] {
    var steps: [TerminalStep] = []
    var (piece, isMarked): ([UInt8], Bool) = ([], false)
    for byte in bytes {
      if isMarked {
        isMarked = false
        if byte == 255 {
          piece.append(byte)
          continue
        }
        steps += [.bytes(piece), .pause(pauses[Int(byte) % pauses.count])]
        piece = []
      } else if byte == 255 {
        isMarked = true
      } else {
        piece.append(byte)
      }
    }
    return steps + [.bytes(piece)]
  }
}
