import Events
import Screen
import Testing

/// The loop between a terminal, a stream of records and the outside; the terminal is a remembered one.
@MainActor
struct LoopTests {
  static let quit: [TerminalInput] = [.bytes([0x15, 0x04])]

  static func typed(_ text: String) -> [TerminalInput] {
    [.bytes(Array(text.utf8))]
  }

  static func stream(_ records: [Record]) -> AsyncStream<Record> {
    AsyncStream { feed in
      for record in records { feed.yield(record) }
      feed.finish()
    }
  }

  /// A terminal at which one of `steps` is done after each drawing, and which is left after the last.
  static func terminal(
    rows: Int = 24, columns: Int = 80, _ steps: (@MainActor (MemoryTerminal) -> Void)...
  ) -> MemoryTerminal {
    let terminal = MemoryTerminal(rows: rows, columns: columns)
    var rest = steps[...]
    terminal.afterShow = { terminal in
      if let step = rest.popFirst() { step(terminal) } else { terminal.inputs += quit }
    }
    return terminal
  }

  @Test func `what is sent is asked for in order, and the terminal is given back`() async {
    let terminal = MemoryTerminal(
      rows: 24, columns: 80, inputs: Self.typed("hello\r/draft 3\r\u{3}"))
    let loop = ScreenLoop(state: ScreenState(), terminal: terminal)
    var actions: [Action] = []
    let ending = await loop.run(records: Self.stream([])) { action in
      actions.append(action)
      if action == .interrupt { terminal.inputs = Self.quit }
    }
    #expect(actions == [.submit("hello"), .command(.draft("3")), .interrupt])
    #expect(ending == .quit)
    #expect(terminal.events == [.closed])
  }

  @Test func `the terminal shows the state, and only what changed is drawn`() async {
    var seen: [[String]] = []
    let terminal = Self.terminal(
      { $0.inputs = Self.typed("x") },
      { terminal in
        seen.append(terminal.lines)
        terminal.inputs = Self.quit
      })
    let loop = ScreenLoop(
      state: ScreenState.chat(), terminal: terminal)
    _ = await loop.run(records: Self.stream([])) { _ in }
    var expected = ScreenState.chat()
    _ = expected.update(.resized(rows: 24, columns: 80))
    _ = expected.update(.key(.scalar("x")))
    #expect(seen.first == draw(expected).lines)
    #expect(terminal.drawnCounts.first == 24 * 80)
    #expect(terminal.drawnCounts.dropFirst().allSatisfy { $0 < 80 })
  }

  @Test func `a flood of records is drawn a few times, and all of it counts`() async {
    let records = RecordedSession.make()
    let token = records.first { if case .token = $0 { true } else { false } }
    let flood = records + Array(repeating: token ?? records[0], count: 5000)
    let terminal = MemoryTerminal(rows: 24, columns: 80)
    let loop = ScreenLoop(state: ScreenState(), terminal: terminal)
    terminal.afterShow = { terminal in
      if loop.state.shelf.range.upperBound >= 5000 { terminal.inputs = Self.quit }
    }
    _ = await loop.run(records: Self.stream(flood)) { _ in }
    let tokens = flood.count(where: { if case .token = $0 { true } else { false } })
    #expect(loop.state.shelf.range.upperBound == tokens)
    #expect(terminal.drawnCounts.count < flood.count / 10)
  }

  @Test func `a resize is a new picture of the new size`() async {
    var lines: [String] = []
    let terminal = Self.terminal(
      { terminal in
        terminal.size = (10, 40)
        terminal.inputs = [.resized]
      }, { lines = $0.lines })
    let loop = ScreenLoop(state: ScreenState.chat(), terminal: terminal)
    let run = Task { await loop.run(records: Self.stream([])) { _ in } }
    terminal.inputs = []
    while lines.isEmpty { await Task.yield() }
    terminal.inputs = Self.quit
    _ = await run.value
    #expect(lines == draw(ScreenState.recorded(rows: 10, columns: 40)).lines)
  }

  @Test func `an editor gets the terminal and gives the text back`() async {
    let terminal = MemoryTerminal(rows: 24, columns: 80, inputs: Self.typed("draft\u{7}"))
    let loop = ScreenLoop(state: ScreenState(), terminal: terminal)
    var events: [MemoryTerminal.Event] = []
    var text = ""
    _ = await loop.run(records: Self.stream([])) { action in
      guard case .openEditor(let draft) = action else { return }
      events = terminal.events
      loop.send(.input(draft + " edited"))
      text = loop.state.editor.text
      terminal.inputs = Self.quit
    }
    #expect(events == [.left])
    #expect(text == "draft edited")
    #expect(terminal.events == [.left, .cameBack, .closed])
  }

  @Test func `themes change in the loop, and one that is not there is a notice`() async throws {
    let terminal = MemoryTerminal(
      rows: 24, columns: 80, inputs: Self.typed("/theme mono\r/theme dusk\r"))
    var palettes: [Palette?] = []
    terminal.afterShow = { terminal in
      palettes.append(terminal.palette)
      terminal.inputs = Self.quit
    }
    let loop = ScreenLoop(state: ScreenState(), terminal: terminal)
    var actions: [Action] = []
    _ = await loop.run(records: Self.stream([])) { actions.append($0) }
    #expect(actions.isEmpty)
    let palette = try #require(palettes.last ?? nil)
    #expect(Role.allCases.allSatisfy { palette[$0].color == nil })
    #expect(loop.state.passages.last?.text.contains("dusk") == true)
  }

  @Test func `without colour no cell has one`() async {
    let terminal = Self.terminal({ _ in })
    let loop = ScreenLoop(state: ScreenState.chat(), terminal: terminal, usesColor: false)
    terminal.inputs = Self.typed("x")
    let run = Task { await loop.run(records: Self.stream([])) { _ in } }
    while terminal.palette == nil { await Task.yield() }
    terminal.inputs += Self.quit
    _ = await run.value
    #expect(Role.allCases.allSatisfy { terminal.palette?[$0].color == nil })
  }

  @Test func `a signal ends the loop, and what runs is cancelled`() async {
    let terminal = MemoryTerminal(rows: 24, columns: 80, inputs: Self.typed("hello\r"))
    let loop = ScreenLoop(state: ScreenState(), terminal: terminal)
    let (ends, ended) = AsyncStream.makeStream(of: Bool.self)
    let ending = await loop.run(records: Self.stream([])) { _ in
      terminal.inputs = [.ending(signal: 15)]
      do {
        try await Task.sleep(for: .seconds(3600))
        ended.yield(false)
      } catch {
        ended.yield(true)
      }
    }
    #expect(ending == .signal(15))
    #expect(terminal.events == [.closed])
    var wasCancelled: Bool?
    for await end in ends {
      wasCancelled = end
      break
    }
    #expect(wasCancelled == true)
  }

  @Test func `suspending and continuing paint anew`() async {
    let terminal = Self.terminal({ $0.inputs = [.bytes([0x1a])] }, { $0.inputs = [.continued] })
    let loop = ScreenLoop(state: ScreenState.chat(), terminal: terminal)
    let run = Task { await loop.run(records: Self.stream([])) { _ in } }
    while terminal.drawnCounts.count < 3 { await Task.yield() }
    terminal.inputs += Self.quit
    _ = await run.value
    #expect(terminal.events == [.suspended, .closed])
    #expect(terminal.drawnCounts.prefix(3) == [1920, 1920, 1920])
  }

  @Test func `Escape is told when nothing follows it, and a paste may come in pieces`() async {
    let terminal = MemoryTerminal(rows: 24, columns: 80)
    let loop = ScreenLoop(state: ScreenState.chat(), terminal: terminal)
    let run = Task { await loop.run(records: Self.stream([])) { _ in } }
    for piece in ["ab\u{1b}[20", "0~one\rtwo\u{1b}[20", "1~c"] {
      terminal.inputs = Self.typed(piece)
      while !terminal.inputs.isEmpty { await Task.yield() }
    }
    #expect(loop.state.editor.text == "abone\ntwoc")
    terminal.inputs = [.key(.function(1))]
    while loop.state.overlay == nil { await Task.yield() }
    terminal.inputs = Self.typed("\u{1b}")
    while loop.state.overlay != nil { await Task.yield() }
    terminal.inputs = Self.typed("\u{3}\u{4}")
    let ending = await run.value
    #expect(ending == .quit)
  }

  @Test func `what the terminal has to say outlives the first record`() async {
    let terminal = MemoryTerminal(rows: 24, columns: 80)
    terminal.notice = Notice(.warning, "not the type you asked for")
    let loop = ScreenLoop(state: ScreenState(), terminal: terminal)
    terminal.afterShow = { terminal in
      if loop.state.session != nil { terminal.inputs = Self.quit }
    }
    _ = await loop.run(records: Self.stream(RecordedSession.make())) { _ in }
    #expect(loop.state.passages.first?.text == "not the type you asked for")
  }
}
