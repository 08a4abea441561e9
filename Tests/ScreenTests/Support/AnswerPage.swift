import Dials
import Events
import Screen
import Techniques
import TestSupport
import Testing

/// A screen with one answer on it, which came in pieces of any size.
struct AnswerPage {
  private(set) var state: ScreenState
  private var generator: SeededGenerator
  private var place = 0
  /// Bytes of the newest token.
  private(set) var lastCount = 0
  /// What the tokens are like, besides their bytes.
  var change: (Int, inout TokenRecord) -> Void = { _, _ in }

  /// A screen of a size; no token has come yet.
  init(rows: Int = 24, columns: Int = 80, seed: UInt64 = 1, reach: ReachSetting? = nil) {
    generator = SeededGenerator(seed: seed)
    state = ScreenState()
    _ = state.update(.resized(rows: rows, columns: columns))
    // The text alone: a panel would take rows from it.
    _ = state.type("/panel off\n")
    _ = state.update(.key(.escape))
    for case .session(var session) in RecordedSession.make().prefix(1) {
      session.policy = DialSettings(reach: reach ?? .full)
      _ = state.update(.record(.session(session)))
    }
    _ = state.update(
      .record(.turn(TurnRecord(turn: 1, role: .assistant, text: "", answer: 1, tNs: 0))))
  }

  /// The next token's bytes.
  mutating func add(_ bytes: [UInt8]) {
    var token = TokenRecord.random(using: &generator)
    (token.turn, token.answer, token.i, token.phase) = (1, 1, place, .gen)
    (token.token, token.bytes) = (String(decoding: bytes, as: UTF8.self), bytes)
    (token.special, token.pos, token.tNs) = (false, Position(place), place * 1000)
    token.depth = DepthLine(dense: 30)
    token.kv = .init(used: place + 1, bytes: 0, filled: 0)
    change(place, &token)
    lastCount = bytes.count
    place += 1
    _ = state.update(.record(.token(token)))
  }

  /// A text in tokens of a word each.
  mutating func add(words text: String) {
    var word = ""
    for character in text {
      if character == " ", !word.isEmpty {
        add(Array(word.utf8))
        word = ""
      }
      word.append(character)
    }
    add(Array(word.utf8))
  }

  /// Types a line into the screen.
  mutating func type(_ line: String) { _ = state.type(line + "\n") }

  /// Lets something happen.
  mutating func update(_ message: Message) { _ = state.update(message) }

  /// The rows of the conversation, without what stands left of the text.
  var lines: [String] {
    let area = Layout(of: state).transcript
    let gutter = area.columns >= 36 ? 7 : area.columns >= 12 ? 2 : 0
    return draw(state).lines[area.row..<area.row + area.rows].map { line in
      var text = String(line.prefix(area.columns).dropFirst(gutter))
      while text.last == " " { text.removeLast() }
      return text
    }
  }

  /// The cells under a word.
  func cells(of word: String) -> [Frame.Cell] {
    let frame = draw(state)
    let area = Layout(of: state).transcript
    for row in area.row..<area.row + area.rows {
      for column in 0..<max(0, frame.columns - word.count + 1) {
        let cells = (column..<column + word.count).map { frame[row, $0] }
        if cells.map({ $0.glyph?.text ?? "" }).joined() == word { return cells }
      }
    }
    Issue.record("\(word) is not on the screen:\n\(frame.lines.joined(separator: "\n"))")
    return []
  }

  /// The one role of a word; nil where it has several.
  func role(of word: String) -> Screen.Role? {
    let roles = Set(cells(of: word).map(\.role))
    return roles.count == 1 ? roles.first : nil
  }

  /// What is done to each cell of a word besides.
  func attributes(of word: String) -> Style.Attributes? {
    let all = Set(cells(of: word).map(\.attributes))
    return all.count == 1 ? all.first : nil
  }
}

extension WildRecords {
  /// Markdown that nobody would write, in up to `limit` pieces.
  mutating func markdown(_ limit: Int) -> String {
    let pieces = [
      "# ", "## ", "**", "*", "***", "_", "~~", "`", "``", "```", "```swift\n", "~~~\n", "\n",
      "\n\n",
      "- ", "  - ", "    * ", "1. ", "23) ", "> ", "> > ", "| a | b |\n", "|---|:-:|\n", "| x", "|",
      "[", "](", ")", "![", "(http://a.b/c_d)", "https://a.b/*x*", "word ", "and ", "let x = \"a\"",
      "// c", "/* ", " */", "# no", "日本", "é", "e\u{301}", "\u{301}", "\t", "    ", "\\*", "---\n",
      "***\n",
      "\u{1b}[2J", "\u{fffd}", "\r\n", "\r", "👩‍👩‍👧", "\u{202e}", "\0", "snake_case", "2*3",
    ]
    var text = ""
    for _ in 0..<number(0...limit) {
      text += number(0...60) == 0 ? String(repeating: pick(pieces), count: 800) : pick(pieces)
    }
    return text
  }
}
