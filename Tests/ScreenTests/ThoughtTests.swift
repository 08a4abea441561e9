import Dials
import Events
import Screen
import TestSupport
import Testing

/// What a model thinks before it answers, on the screen and in lines.
struct ThoughtTests {
  private static let thought =
    "The question is about a capital. Sydney is larger, but Canberra is the capital."
  private static let said = "Canberra is the capital of Australia."

  private func state(_ thinking: Thinking? = nil, upTo count: Int = .max) throws -> ScreenState {
    let records = try ThinkingSession.records(thinking)
    return .recorded(rows: 30, columns: 100, records: Array(records.prefix(count)))
  }

  /// The lines of the conversation that are about the model.
  private func lines(of state: ScreenState) -> [String] {
    draw(state).lines.compactMap { line in
      let start = line.prefix(70)
      guard start.hasPrefix(" Think") || start.hasPrefix(" Model") else { return nil }
      return String(start.split(separator: "│").first ?? "").trimmingSpaces
    }
  }

  // A mark is counted from where it is known to be one.
  @Test func `it is folded to a line that says how long it is`() throws {
    #expect(lines(of: try state(upTo: 15)) == ["Think ▸ thinking for 11 tokens", "Model ▌"])
    let finished = try state()
    #expect(lines(of: finished) == ["Think ▸ thought for 22 tokens", "Model \(Self.said)"])
    let passages = finished.passages.suffix(2)
    #expect(passages.map(\.text) == [Self.thought, Self.said])
    #expect(passages.map(\.speaker) == [.thought, .model])
  }

  @Test func `a key unfolds it, and folds it again`() throws {
    var state = try state()
    let folded = draw(state)
    #expect(folded.lines.contains { $0.contains("Alt-t unfold") })
    _ = state.update(.key(.alt("t")))
    #expect(draw(state).lines.contains { $0.hasPrefix(" Think The question is about a capital.") })
    #expect(!draw(state).lines.contains { $0.contains("▸") })
    #expect(draw(state).lines.contains { $0.contains("Alt-t fold") })
    _ = state.update(.key(.alt("t")))
    #expect(draw(state) == folded)
  }

  @Test func `a key unfolds nothing where nothing was thought`() {
    var state = ScreenState.chat()
    _ = state.update(.key(.alt("t")))
    #expect(state.hint == "the model has not thought yet" && !state.thoughts.areUnfolded)
  }

  @Test func `hidden it is a word while it comes, and then nothing`() throws {
    #expect(lines(of: try state(.hide, upTo: 16)) == ["Think thinking", "Model ▌"])
    #expect(lines(of: try state(.hide)) == ["Model \(Self.said)"])
  }

  @Test func `another setting changes what is on the screen at once`() throws {
    var state = try state()
    let folded = lines(of: state)
    _ = state.update(.record(.parameter(.thinking(from: .on, to: .hide, tNs: 2))))
    #expect(state.passages.last?.text == "think: on → hide")
    #expect(lines(of: state) == folded.suffix(1))
    _ = state.update(.record(.parameter(.thinking(from: .hide, to: .on, tNs: 3))))
    #expect(lines(of: state) == folded)
    _ = state.update(.record(.parameter(.thinking(from: .on, to: .off, tNs: 4))))
    #expect(state.passages.last?.text == "think: on → off, from the next answer on")
    #expect(lines(of: state) == folded)
  }

  @Test func `in which tokens a text comes makes no difference to what is thought and said`() throws
  {
    let text = (ThinkingSession.thought + ThinkingSession.said).joined()
    var generator = SeededGenerator(seed: 5)
    for _ in 0..<30 {
      var (pieces, rest) = ([String](), text[...])
      while !rest.isEmpty {
        let piece = rest.prefix(Int.random(in: 1...9, using: &generator))
        pieces.append(String(piece))
        rest = rest.dropFirst(piece.count)
      }
      let state = ScreenState.chat(try ThinkingSession.answer(pieces))
      #expect(state.passages.suffix(2).map(\.text) == [Self.thought, Self.said])
      let counts = state.passages.suffix(2).map(\.tokenCount)
      #expect((pieces.count...pieces.count + 1).contains(counts.reduce(0, +)))
    }
  }

  @Test func `an answer whose prompt began the thought begins in it`() throws {
    let records = try ThinkingSession.answer(["hm", "</thi", "nk>", "\nyes"], isOpen: true)
    let state = ScreenState.chat(records)
    #expect(state.passages.suffix(2).map(\.text) == ["hm", "yes"])
    let plain = try ThinkingSession.answer(["hm", "</thi", "nk>", "\nyes"])
    #expect(ScreenState.chat(plain).passages.map(\.text) == ["hm</think>\nyes"])
  }

  @Test func `a thought that goes on is one thought with all its tokens`() throws {
    let words = ThinkingSession.thought + ThinkingSession.said
    let first = try ThinkingSession.answer(Array(words.prefix(10)), reason: .length)
    var state = ScreenState.chat(first)
    #expect(state.passages.first?.shown == "▸ thought for 9 tokens")
    let rest = try ThinkingSession.answer(
      Array(words.dropFirst(10)), begun: words.prefix(10).joined())
    for record in rest { _ = state.update(.record(record)) }
    #expect(state.passages.map(\.text) == [Self.thought, Self.said])
    #expect(state.passages.first?.shown == "▸ thought for 22 tokens")
  }

  @Test func `an empty thought is not shown`() throws {
    let records = try ThinkingSession.answer(["<think>", "\n\n", "</think>", "\n\n", "Yes."])
    #expect(lines(of: .recorded(rows: 30, columns: 100, records: records)) == ["Model Yes."])
  }

  @Test func `a saved session is folded as it was`() throws {
    for thinking in [nil, Thinking.hide] {
      let records = try ThinkingSession.records(thinking)
      let again = try EventLog.records(in: try EventLog.data(for: records))
      #expect(again == records)
      let state = ScreenState.recorded(rows: 30, columns: 100, records: again)
      #expect(draw(state) == draw(try self.state(thinking)))
    }
  }

  @Test func `it looks as it was judged good`() throws {
    try Golden.expect(Golden.picture(of: draw(try state())), is: "thought-100x30.txt")
    var unfolded = try state(upTo: 15)
    _ = unfolded.update(.key(.alt("t")))
    try Golden.expect(Golden.picture(of: draw(unfolded)), is: "thinking-100x30.txt")
  }

  @Test func `lines of text hold all of it, or a word for it`() throws {
    func text(_ thinking: Thinking?) throws -> String {
      var renderer = PlainRenderer()
      return try ThinkingSession.records(thinking).map { renderer.text(for: $0) }.joined()
    }
    let whole = (ThinkingSession.thought + ThinkingSession.said).joined()
    #expect(try text(nil).contains("Model: \(whole)\n"))
    #expect(try text(.hide).contains("Model: (thinking) \(Self.said)\n"))
  }

  @Test func `the command takes its three words`() throws {
    var state = ScreenState.chat()
    #expect(state.type("/think hide\n") == [.command(.think(.hide))])
    #expect(state.type("/think off\n") == [.command(.think(.off))])
    #expect(state.type("/think on\n") == [.command(.think(.on))])
    #expect(state.type("/think hard\n") == [])
    #expect(state.passages.last?.text.contains("/think on | off | hide") == true)
    #expect(SlashCommand.completions(of: "/think h") == ["/think hide"])
  }
}

extension String {
  fileprivate var trimmingSpaces: String {
    String(reversed().drop(while: \.isWhitespace).reversed()).trimmingStart
  }

  private var trimmingStart: String { String(drop(while: \.isWhitespace)) }
}
