import Dials
import Events
import Screen
import TestSupport
import Testing

/// Sessions that go on for long.
struct LongSessionTests {
  /// A token at a place of the first answer.
  private static func token(
    _ place: Int, _ text: String, using generator: inout SeededGenerator
  ) -> Record {
    var token = TokenRecord.random(using: &generator)
    (token.turn, token.answer, token.i, token.phase) = (1, 1, place, .gen)
    (token.token, token.bytes, token.special) = (text, Array(text.utf8), false)
    token.tNs = place * 1000
    return .token(token)
  }

  private static let begin = Record.turn(
    TurnRecord(turn: 1, role: .assistant, text: "", answer: 1, tNs: 0))

  private static func screen(rows: Int = 24, columns: Int = 80) -> ScreenState {
    var state = ScreenState()
    _ = state.update(.resized(rows: rows, columns: columns))
    return state
  }

  @Test(arguments: 0..<30)
  func `an answer that comes in pieces has the lines that it has as a whole`(seed: UInt64) {
    var (random, generator) = (WildRecords(seed: seed), SeededGenerator(seed: seed))
    for columns in [80, 40, 13, 5] {
      var state = Self.screen(columns: columns)
      _ = state.type("/panel off\n")
      _ = state.update(.record(Self.begin))
      var text = ""
      for place in 0..<60 {
        let piece = random.text(3)
        text += piece
        _ = state.update(.record(Self.token(place, piece, using: &generator)))
        var whole = Self.screen(columns: columns)
        _ = whole.type("/panel off\n")
        _ = whole.update(
          .record(.turn(TurnRecord(turn: 1, role: .assistant, text: text, answer: 1, tNs: 0))))
        let rows = Layout(of: whole).transcript
        #expect(Layout(of: state).transcript == rows)
        let (shown, expected) = (draw(state), draw(whole))
        for row in rows.row..<rows.row + rows.rows {
          #expect(
            shown.lines[row].prefix(rows.columns / 2)
              == expected.lines[row].prefix(rows.columns / 2))
        }
      }
    }
  }

  @Test(arguments: 0..<10)
  func `another width breaks all lines anew, also those that come in sight later`(seed: UInt64) {
    var random = WildRecords(seed: seed)
    var state = Self.screen()
    var other = Self.screen(rows: 30, columns: 50)
    for _ in 0..<40 {
      let notice = Message.notice(Notice(.information, random.text(40)))
      _ = state.update(notice)
      _ = other.update(notice)
    }
    _ = state.update(.resized(rows: 30, columns: 50))
    #expect(draw(state) == draw(other))
    for key in [Key.pageUp, .pageUp, .pageUp, .pageDown] {
      _ = state.update(.key(key))
      _ = other.update(.key(key))
      #expect(draw(state) == draw(other))
    }
  }

  @Test func `probes and checks find their tokens, and those that are forgotten find none`() {
    var generator = SeededGenerator(seed: 3)
    var state = Self.screen()
    _ = state.update(.record(Self.begin))
    let count = TokenShelf.tokenLimit + 500
    for place in 0..<count {
      _ = state.update(.record(Self.token(place, "a", using: &generator)))
    }
    for place in 0..<count {
      let probe = ProbeRecord(
        turn: 1, answer: 1, i: place, pos: Position(place), lens: "raw", layers: [],
        settled: 1 + place % 29, agree: true)
      _ = state.update(.record(.probe(probe)))
    }
    let line = String((0..<count).map { $0 % 3 == 0 ? CheckRecord.other : CheckRecord.same })
    let check = CheckRecord(turn: 1, answer: 1, line: line, others: [], tUs: 1)
    _ = state.update(.record(.check(check)))
    #expect(state.shelf.first > 0 && state.tokens.count + state.shelf.first == count)
    #expect(state.token(state.shelf.first - 1) == nil)
    for entry in state.tokens {
      #expect(entry.probe?.settled == 1 + entry.record.i % 29)
      #expect(entry.check == (entry.record.i % 3 != 0))
    }
  }

  /// How many values there are in a value, those in its lists and tables too.
  private static func size(of value: Any) -> Int {
    Mirror(reflecting: value).children.reduce(1) { $0 + size(of: $1.value) }
  }

  @Test func `what an answer adds up to does not grow with it`() {
    var generator = SeededGenerator(seed: 4)
    var state = Self.screen()
    _ = state.update(.record(Self.begin))
    var sizes: [Int] = []
    for place in 0..<12_000 {
      _ = state.update(.record(Self.token(place, "a", using: &generator)))
      if place % 6000 == 5999, let tally = state.tally {
        sizes.append(Self.size(of: tally.pace) + Self.size(of: tally.breadth))
      }
    }
    #expect(sizes.count == 2 && abs(sizes[1] - sizes[0]) < 3000, "\(sizes)")
  }

  @Test func `the text of tokens that are forgotten stays, and what made it is let go`() {
    var generator = SeededGenerator(seed: 5)
    var state = Self.screen()
    _ = state.update(.record(Self.begin))
    let count = 3 * TokenShelf.tokenLimit
    for place in 0..<count {
      _ = state.update(.record(Self.token(place, "a", using: &generator)))
    }
    #expect(state.passages.last?.text.count == count)
    #expect(state.passages.last?.pieces.count == state.tokens.count)
  }
}
