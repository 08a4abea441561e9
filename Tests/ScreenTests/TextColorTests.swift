import Dials
import Events
import Screen
import Techniques
import Testing

/// What the colours of the words say, and which words are marked.
struct TextColorTests {
  private static let words = ["zero", "one", "two", "three", "four"]

  /// A page with five words, changed word by word.
  private static func page(
    reach: ReachSetting? = nil, _ change: @escaping (Int, inout TokenRecord) -> Void = { _, _ in }
  ) -> AnswerPage {
    var page = AnswerPage(reach: reach)
    page.change = change
    page.add(words: words.joined(separator: " "))
    return page
  }

  private static func roles(_ page: AnswerPage) -> [Screen.Role?] { words.map(page.role(of:)) }

  @Test func `where a word left is its colour, and one that went all the way has the last`() {
    var page = Self.page { place, token in
      token.depth = place < 4 ? Route.plain.line(to: [12, 20, 25, 29][place], of: 30) : token.depth
    }
    page.type("/color exit")
    #expect(Self.roles(page) == [.amount1, .amount2, .amount3, .amount4, .amount5])
    #expect(page.lines.joined().contains("left after  ≤15 ≤22 ≤27 <30 all 30"))
  }

  @Test func `probability and entropy have five steps`() {
    var page = Self.page { place, token in
      token.logprob = [-3, -1.2, -0.7, -0.4, -0.01][place]
      token.entropy = [0.1, 0.5, 1.5, 2.5, 4][place]
    }
    page.type("/color prob")
    #expect(Self.roles(page) == [.amount1, .amount2, .amount3, .amount4, .amount5])
    page.type("/color entropy")
    #expect(Self.roles(page) == [.amount1, .amount2, .amount3, .amount4, .amount5])
    page.type("/color off")
    #expect(Self.roles(page) == Array(repeating: .text, count: 5))
  }

  @Test func `agreement is coloured where the whole model was asked, and blank elsewhere`() {
    var page = Self.page()
    page.type("/color agree")
    #expect(Self.roles(page) == Array(repeating: .text, count: 5))
    page.update(
      .record(.check(CheckRecord(turn: 1, answer: 1, line: "==~==", others: [], tUs: 1))))
    #expect(Self.roles(page) == [.agrees, .agrees, .differs, .agrees, .agrees])
  }

  @Test(arguments: TextLook.Coloring.allCases)
  func `a word the whole model would have said differently is marked, and nothing moves`(
    coloring: TextLook.Coloring
  ) {
    var page = Self.page()
    page.type("/color \(coloring.rawValue)")
    let before = page.lines
    page.update(
      .record(.check(CheckRecord(turn: 1, answer: 1, line: "~=~==", others: [], tUs: 1))))
    #expect(page.lines.first?.hasPrefix("zero one~two three four") == true)
    #expect(page.attributes(of: "zero") == .underline)
    #expect(page.attributes(of: "one") == [])
    #expect(before.count == page.lines.count)
  }

  @Test func `difficulty is in no record, which is said`() {
    var page = Self.page()
    page.type("/color difficulty")
    #expect(page.state.look.coloring == .known)
    #expect(page.lines.joined(separator: " ").contains("No record says how difficult a word was"))
    page.type("/color mood")
    #expect(page.lines.joined(separator: " ").contains("expected /color exit | known"))
  }

  @Test func `code keeps its own colours until a person asks for others`() {
    var page = AnswerPage()
    page.add(words: "`inline` and\n```swift\nlet x\n```\n")
    #expect(page.role(of: "inline") == .code && page.role(of: "let") == .codeKeyword)
    page.type("/color exit")
    #expect(page.role(of: "inline") == .amount5 && page.role(of: "let") == .amount5)
  }

  @Test func `the word that is looked at is marked, and no other`() {
    var page = AnswerPage(rows: 50, columns: 160)
    page.add(words: "zero one **two** three four")
    for key in [Key.function(2), .left, .left] { page.update(.key(key)) }
    #expect(page.role(of: "two") == .selected)
    #expect(page.role(of: "one") != .selected && page.role(of: "three") != .selected)
  }

  @Test func `what attention does not see any more is dim`() {
    let reach = ReachSetting(.lambda, window: 2, sinks: 1)
    var page = Self.page(reach: reach) { place, token in token.pos = Position(place) }
    #expect(Self.roles(page)[1...2] == [.forgotten, .forgotten])
    #expect(!Self.roles(page).suffix(2).contains(.forgotten) && page.role(of: "zero") != .forgotten)
    #expect(page.lines.joined().contains("out of sight"))
    page.add(words: " five six")
    #expect(page.role(of: "three") == .forgotten)
  }

  @Test func `a whole reach dims nothing`() {
    #expect(!Self.roles(Self.page { _, token in token.entropy = 1 }).contains(.forgotten))
  }

  @Test func `a question is dim once all that answers it is out of sight`() {
    var page = AnswerPage(reach: ReachSetting(.lambda, window: 3, sinks: 1))
    page.change = { place, token in
      (token.turn, token.answer, token.i, token.pos) = (3, nil, place, Position(20 + place))
    }
    page.update(.record(.turn(TurnRecord(turn: 2, role: .user, text: "why so", tNs: 0))))
    page.update(.record(.turn(TurnRecord(turn: 3, role: .assistant, text: "", tNs: 0))))
    page.add(words: "because")
    #expect(page.role(of: "why so") == .text)
    page.add(words: " it is so and so")
    #expect(page.role(of: "why so") == .forgotten)
  }

  @Test func `between two answers stands what the first came to`() {
    var page = AnswerPage()
    page.add(words: "one two")
    let timings = EndRecord.Timings(
      cacheN: 0, promptN: 1, promptMs: 1, predictedN: 2, predictedMs: 1, draftN: 0,
      draftNAccepted: 0)
    page.update(
      .record(.end(EndRecord(turn: 1, answer: 1, reason: .stop, timings: timings, tNs: 9))))
    page.update(.record(.check(CheckRecord(turn: 1, answer: 1, line: "=~", others: [], tUs: 1))))
    page.update(.record(.turn(TurnRecord(turn: 2, role: .user, text: "more", tNs: 10))))
    let seam = page.lines.first { $0.hasPrefix("─ ") }
    #expect(seam?.hasPrefix("─ 2 tokens · ") == true, "\(page.lines)")
    #expect(seam?.hasSuffix(" · SAME TEXT · 1 of 2 as the whole model") == true)
  }

  @Test func `without colours amounts are told apart by weight and line`() throws {
    for name in ["dark", "light", "colorblind", "mono"] {
      let palette = try ThemeCatalogue().theme(named: name).palette(at: .none)
      #expect(Set(Screen.Role.amounts.map { palette[$0].attributes.rawValue }).count == 5)
    }
  }

  // MARK: - Pictures

  private static let everything = """
    # A heading
    Some **bold**, some *slanted* and ~~gone~~ words, `code`, and [a link](https://example.org/a_b).

    1. first
       - inner, which is a little longer than the others so that it goes on to a second line
    2. second

    > quoted
    | name | value | what it is |
    |:-----|------:|------------|
    | a    |   12  | a word |
    | long name | 3 | *several* words that go on |

    ```swift
    // A comment
    let x = "text" + String(42)
    ```
    ---
    ### The end
    """

  @Test(arguments: [(24, 80), (50, 160)])
  func `a page with everything looks as it was judged good`(rows: Int, columns: Int) throws {
    var page = AnswerPage(rows: rows, columns: columns)
    page.change = { place, token in
      token.depth = Route.plain.line(to: [12, 20, 26, 29, 30][place % 5], of: 30)
    }
    page.type("/color exit")
    page.add(words: Self.everything)
    if rows < 30 { page.update(.key(.pageUp)) }
    try Golden.expect(Golden.picture(of: draw(page.state)), is: "markdown-\(columns)x\(rows).txt")
  }
}
