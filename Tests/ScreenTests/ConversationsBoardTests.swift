import Events
import Screen
import TestSupport
import Testing

/// The list of conversations, and the first screen that offers the newest of them.
struct ConversationsBoardTests {
  private static let lines = [
    ConversationLine(
      id: "aaaaaaaa-1", when: "Yesterday 18:40", title: "Why is the sky blue?", answerCount: 3,
      model: "SmolLM2-135M-Instruct-Q4_1.gguf"),
    ConversationLine(
      id: "bbbbbbbb-2", when: "Friday 09:05", title: "reverse a string in python", answerCount: 7,
      model: "qwen2.5-coder-0.5b-instruct-q4_k_m.gguf"),
    ConversationLine(
      id: "cccccccc-3", when: "12 Nov 2025", title: "为什么天空是蓝色的？", answerCount: 1,
      model: "tiny.gguf", excerpt: "… 天空是蓝色的 …"),
  ]

  private static let all = FoundConversations(lines: lines, total: 14)

  /// A screen on which the list lies, with what was found.
  private func state(
    rows: Int = 24, columns: Int = 80, _ records: [Record] = RecordedSession.make()
  ) -> ScreenState {
    var state = ScreenState.recorded(rows: rows, columns: columns, records: records)
    #expect(state.type("/sessions\n") == [.command(.conversations(.find("")))])
    _ = state.update(.conversations(Self.all))
    return state
  }

  private func board(of state: ScreenState) -> ConversationsBoard? {
    if case .conversations(let board) = state.overlay { board } else { nil }
  }

  private func press(_ keys: [Key], _ state: inout ScreenState) -> [Action] {
    keys.flatMap { state.update(.key($0)) }
  }

  // MARK: - The list

  @Test func `arrows and letters choose, Enter goes on with the chosen conversation`() {
    var state = state()
    #expect(press([.down, .scalar("j"), .scalar("j"), .scalar("k"), .up, .down], &state) == [])
    #expect(board(of: state)?.chosen?.id == "bbbbbbbb-2")
    #expect(press([.enter], &state) == [.command(.conversations(.resume("bbbbbbbb-2")))])
    #expect(state.overlay == nil)
  }

  @Test func `typing looks for words, and only what was found for them is shown`() {
    var state = state()
    #expect(
      press([.scalar("/"), .scalar("s"), .scalar("k"), .backspace], &state) == [
        .command(.conversations(.find("s"))), .command(.conversations(.find("sk"))),
        .command(.conversations(.find("s"))),
      ])
    _ = state.update(.conversations(FoundConversations(query: "sk", lines: [], total: 0)))
    #expect(board(of: state)?.lines.count == 3)
    _ = state.update(
      .conversations(FoundConversations(query: "s", lines: Array(Self.lines.suffix(1)), total: 1)))
    #expect(board(of: state)?.chosen?.id == "cccccccc-3")
    // Letters are written until an arrow is pressed.
    #expect(press([.scalar("d")], &state) == [.command(.conversations(.find("sd")))])
    #expect(board(of: state)?.mode == .searching)
    #expect(press([.escape], &state) == [.command(.conversations(.find("")))])
    #expect(press([.escape], &state) == [] && state.overlay == nil)
  }

  @Test func `a letter that is no command begins to look for it`() {
    var state = state()
    #expect(press([.scalar("w")], &state) == [.command(.conversations(.find("w")))])
    #expect(board(of: state)?.mode == .searching)
    var other = ScreenState.chat()
    #expect(other.type("/sessions blue sky\n") == [.command(.conversations(.find("blue sky")))])
    #expect(board(of: other)?.query == "blue sky")
  }

  @Test func `r gives a name, and Escape keeps the old one`() {
    var state = state()
    _ = press([.scalar("r"), .control("u")], &state)
    #expect(state.type("Sky") == [])
    #expect(
      press([.enter], &state) == [
        .command(.conversations(.rename(id: "aaaaaaaa-1", to: "Sky", thenFind: "")))
      ])
    _ = press([.scalar("r"), .scalar("!")], &state)
    #expect(press([.escape], &state) == [] && board(of: state)?.mode == .choosing)
  }

  @Test func `d deletes only after y, and never the conversation on the screen`() {
    var state = state()
    #expect(press([.scalar("d"), .scalar("n"), .scalar("d"), .enter], &state) == [])
    #expect(
      press([.scalar("d"), .scalar("y")], &state) == [
        .command(.conversations(.delete(id: "aaaaaaaa-1", thenFind: "")))
      ])
    var own = Self.all
    own.lines[0].id = state.session?.id ?? ""
    _ = state.update(.conversations(own))
    #expect(
      press([.home, .scalar("d"), .scalar("y")], &state) == [.command(.conversations(.find("y")))])
  }

  @Test func `while an answer comes no other conversation is opened`() {
    var state = state(RecordedSession.make().dropLast(20).map(\.self))
    _ = state.update(.key(.escape))
    _ = state.type("question\n")
    #expect(state.isAnswering)
    _ = state.type("/sessions\n")
    _ = state.update(.conversations(Self.all))
    #expect(press([.enter], &state) == [])
    #expect(board(of: state) != nil && state.hint?.contains("under way") == true)
  }

  @Test(arguments: [(24, 80), (30, 100)])
  func `the list says when, what, how many answers and which model`(rows: Int, columns: Int) throws
  {
    var state = state(rows: rows, columns: columns)
    _ = press([.down, .down], &state)
    try Golden.expect(
      Golden.picture(of: draw(state)), is: "conversations-\(columns)x\(rows).txt")
  }

  @Test func `any keys on any list give a whole frame`() {
    var wild = WildRecords(seed: 21)
    for size in [(24, 80), (30, 100), (10, 40), (5, 20), (1, 1), (0, 0)] {
      var state = ScreenState.recorded(rows: size.0, columns: size.1)
      for round in 0..<150 {
        _ = state.update(.key(wild.key()))
        if round % 9 == 0 { _ = state.type("/sessions \(round)\n") }
        if case .conversations(let board) = state.overlay {
          var found = Self.all
          found.query = board.query
          found.lines = (0..<Int(round % 40)).map {
            ConversationLine(
              id: "\($0)", when: "Today", title: wild.text(), answerCount: $0, model: wild.text(),
              excerpt: wild.text())
          }
          _ = state.update(.conversations(found))
        }
        draw(state).expectWhole("\(size) \(round)")
      }
    }
  }

  // MARK: - The first screen

  private func welcome(rows: Int = 24, columns: Int = 80) -> ScreenState {
    var state = ScreenState()
    _ = state.update(.resized(rows: rows, columns: columns))
    _ = state.update(.record(RecordedSession.make()[0]))
    _ = state.update(.welcome(Welcome(Self.all)))
    return state
  }

  @Test func `a digit as the first key goes on with a conversation, later it is a digit`() {
    for (key, id) in [("1", "aaaaaaaa-1"), ("2", "bbbbbbbb-2")] {
      var state = welcome()
      #expect(state.type(key) == [.command(.conversations(.resume(id)))])
    }
    var state = welcome()
    #expect(state.type("3") == [.command(.conversations(.find("")))])
    #expect(board(of: state) != nil)
    var writing = welcome()
    #expect(writing.type("x13") == [] && writing.editor.text == "x13")
    #expect(writing.type("\u{8}") == [])
    var other = welcome()
    #expect(other.type("9") == [] && other.editor.text == "9")
    var empty = ScreenState()
    #expect(empty.type("123") == [] && empty.editor.text == "123")
    var said = ScreenState.chat()
    _ = said.update(.welcome(Welcome(Self.all)))
    #expect(said.type("1") == [] && said.editor.text == "1")
  }

  @Test func `a notice that comes first does not hide the offer`() {
    var state = welcome()
    _ = state.update(.notice(Notice(.warning, "something about the terminal")))
    let text = draw(state).lines.joined(separator: "\n")
    #expect(text.contains("something about the terminal") && text.contains("Why is the sky blue?"))
    #expect(state.type("2") == [.command(.conversations(.resume("bbbbbbbb-2")))])
  }

  @Test(arguments: [(24, 80), (30, 100)])
  func `the first screen offers what was talked about last`(rows: Int, columns: Int) throws {
    var state = welcome(rows: rows, columns: columns)
    try Golden.expect(
      Golden.picture(of: draw(state)), is: "welcome-back-\(columns)x\(rows).txt")
    let lessons = (1...7).map {
      LessonList.Entry(number: $0, title: "Lesson \($0)", about: "why a word leaves early")
    }
    _ = state.update(.welcome(Welcome(Self.all, lessons: lessons)))
    #expect(state.type("5") == [.lesson(2)])
    for size in [(rows, columns), (12, 60), (8, 40), (3, 10), (1, 1)] {
      _ = state.update(.resized(rows: size.0, columns: size.1))
      draw(state).expectWhole("\(size)")
    }
  }
}
