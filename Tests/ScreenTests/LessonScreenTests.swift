import Events
import Lessons
import Screen
import Testing

/// A lesson on the screen and in lines of text.
struct LessonScreenTests {
  private static let records = RecordedSession.make()
  private static let text = """
    title A test
    type Hello
    pace 50
    say First this, which is rather long: it goes on and on and on, so that it takes more than one line of a \
    screen that is eighty columns wide, or even a hundred, and yet nothing of it may be lost on the way.
    play word 1.3
    look 1.3
    say Word {word 1.3} left after {left 1.3}.
    look off
    play answer 1
    ask How many words?
    play end
    reveal There are {words 1}.
    check words 1 > 20
    """

  private static func script() throws -> LessonScript {
    try LessonScript(try Lesson(parsing: text, number: 1), over: records)
  }

  @Test(arguments: [(24, 80), (30, 100), (34, 120), (50, 160), (14, 40)])
  func `Enter leads through it, and every word of it is shown`(rows: Int, columns: Int) throws {
    var screen = LessonScreen(try Self.script(), over: Self.records)
    _ = screen.update(.resized(rows: rows, columns: columns))
    var seen = ""
    var steps = 0
    while !screen.isDone, steps < 50 {
      let frame = screen.drawn()
      #expect(frame.rows == rows && frame.columns == columns)
      seen += frame.lines.suffix(rows / 2).joined(separator: " ") + " "
      #expect(screen.update(.key(.enter)).isEmpty)
      steps += 1
    }
    let words = Set(seen.split(separator: " "))
    for order in screen.script.orders {
      switch order {
      case .say(let text), .ask(let text), .reveal(let text):
        for word in text.split(separator: " ") { #expect(words.contains(word), "\(word)") }
      default: break
      }
    }
    #expect(screen.replay.playback.isAtEnd)
    // Where the last words take several pages, Enter turns them first.
    let ends = (0..<9).map { _ in screen.update(.key(.enter)) }
    #expect(ends.last == [.quit])
  }

  @Test func `it plays by itself to the next text, and looks at a word`() throws {
    var screen = LessonScreen(try Self.script(), over: Self.records)
    _ = screen.update(.resized(rows: 30, columns: 100))
    while screen.words.hasPrefix("First"), screen.replay.playback.position == 0 {
      _ = screen.update(.key(.enter))
      if screen.pass(.seconds(0.01)) { break }
    }
    for _ in 0..<1000 where !screen.words.hasPrefix("Word") { _ = screen.pass(.seconds(0.1)) }
    #expect(screen.words.hasPrefix("Word"))
    #expect(screen.replay.playback.progress.first?.shown == 3)
    #expect(screen.replay.state.overlay != nil)
    _ = screen.update(.key(.enter))
    #expect(screen.replay.state.overlay == nil)
  }

  @Test func `q leaves at any step, and keys of a replay work`() throws {
    var screen = LessonScreen(try Self.script(), over: Self.records)
    _ = screen.update(.resized(rows: 30, columns: 100))
    _ = screen.update(.key(.scalar(".")))
    #expect(screen.replay.playback.progress.first?.shown == 1)
    #expect(screen.update(.key(.scalar("q"))) == [.quit])
  }

  @Test func `in lines it waits at every text and says all of it`() async throws {
    var text = ""
    var waits = 0
    let script = try Self.script()
    await PlainLesson(script, over: Self.records).play(
      isPaced: false, write: { text += $0 }, waits: { waits += 1 })
    #expect(waits == 4)
    #expect(text.contains("\nQuestion: How many words?\n"))
    #expect(text.contains("\nAnswer: There are "))
    #expect(text.contains("Model: The capital"))
    #expect(text.contains("\nWord \""))
    #expect(!text.contains("{") && !text.unicodeScalars.contains("\u{1b}"))
  }

  @Test func `what a recording does not hold is an error, or a dash where that is allowed`() throws
  {
    let lesson = try Lesson(
      parsing: Self.text + "\nsay {known 9.9} and {nonsense 1}", number: 1)
    let error = #expect(throws: LessonError.self) {
      try LessonScript(lesson, over: Self.records)
    }
    #expect(error?.code == .claim)
    let script = try LessonScript(lesson, over: Self.records, isLenient: true)
    #expect(script.orders.last == .say("– and –"))
  }

  @Test func `a check that does not hold says what is otherwise`() throws {
    let lesson = try Lesson(parsing: Self.text + "\ncheck words 1 < 3", number: 1)
    let objections = lesson.objections(in: Self.records)
    #expect(objections.count == 1)
    #expect(objections.first?.hasPrefix("words 1 is ") == true)
  }

  @MainActor
  @Test func `/lesson lies over the conversation, and q comes back to it`() async {
    let terminal = MemoryTerminal(rows: 24, columns: 80)
    let loop = ScreenLoop(state: ScreenState(), terminal: terminal)
    loop.cover(with: ReplayScreen(Self.records, file: "lesson"))
    var inputs: [[UInt8]] = [Array("q".utf8), Array("hello\r".utf8), [0x15, 0x04]]
    terminal.inputs = [.bytes(Array(".".utf8))]
    var covered: [Bool] = []
    terminal.afterShow = { terminal in
      covered.append(loop.isCovered)
      if !inputs.isEmpty { terminal.inputs.append(.bytes(inputs.removeFirst())) }
    }
    var actions: [Action] = []
    _ = await loop.run(records: AsyncStream { $0.finish() }) { actions.append($0) }
    #expect(covered.first == true && covered.last == false)
    #expect(actions == [.submit("hello")])
  }
}
