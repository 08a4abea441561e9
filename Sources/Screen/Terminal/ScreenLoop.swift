package import Events
import Lessons

/// Keys and records in, frames and actions out: the one place where the screen meets the world.
///
/// Reads keys 60 times a second, paints at most 30 frames a second and only the cells that changed, so
/// a flood of records costs no more than a slow stream.
@MainActor
package final class ScreenLoop {
  /// Why the loop ended.
  package enum Ending: Hashable, Sendable {
    /// The person left.
    case quit
    /// The process was asked to end by this signal; exit with 128 plus its number.
    case signal(Int32)
  }

  /// What the screen shows.
  package private(set) var state: ScreenState

  /// What lies over it and has the keys: a replay, a lesson.
  private var cover: (any Scene)?
  private let slowMotion = SlowMotion()

  private let terminal: any Terminal
  private let themes: ThemeCatalogue
  private let usesColor: Bool
  private var palette = Palette(paints: [:])
  /// The terminal's background, where it was asked and has said it.
  private var background: RGB?
  /// Whether the theme goes by the background.
  private var isThemeAutomatic = false
  private var asked = ContinuousClock().now
  private var parser = KeyParser()
  private var lastByte = ContinuousClock().now
  private var shown: Frame?
  private var isStale = true
  private var ending: Ending?
  private var pending: [Task<Void, Never>] = []

  /// An answer that comes later than this after the question is none.
  private static let answerLimit = Duration.seconds(2)

  /// Bytes that are read before the screen is painted again.
  private static let byteLimit = 1 << 16

  /// A loop at `terminal`, in the theme named `theme`; without colours where `usesColor` is false
  /// (`NO_COLOR`); `auto` is the one that suits the background, as soon as the terminal says it. A theme that cannot be read is a notice, and the default theme stands in.
  package init(
    state: ScreenState, terminal: any Terminal, themes: ThemeCatalogue = ThemeCatalogue(),
    theme: String = "dark", usesColor: Bool = true
  ) {
    self.state = state
    self.terminal = terminal
    self.themes = themes
    self.usesColor = usesColor
    if !choose(theme: theme) { _ = choose(theme: "dark") }
  }

  /// Tells the screen something from outside: a notice, progress, the text of an editor.
  package func send(_ message: Message) {
    isStale = true
    if case .copy(let text) = message { terminal.copy(Clipboard.sequence(for: text)) }
    _ = state.update(message)
  }

  /// Shows a scene in the place of the state and gives it the keys, until a person leaves it. Behind it
  /// records go on to be taken in.
  package func cover(with scene: any Scene) {
    var scene = scene
    _ = scene.update(.resized(rows: terminal.size.rows, columns: terminal.size.columns))
    cover = scene
    repaint()
  }

  /// Whether a scene lies over the state.
  package var isCovered: Bool { cover != nil }

  /// Runs until the person leaves or a signal asks to; gives the terminal back in every case.
  ///
  /// `perform` carries out actions. They begin in the order in which they are asked for, and one that
  /// takes its time (an answer) holds up neither the screen nor the next.
  package func run(
    records: AsyncStream<Record>, perform: @escaping @MainActor (Action) async -> Void
  ) async -> Ending {
    if let notice = terminal.notice { send(.notice(notice)) }
    resize()
    asked = ContinuousClock().now
    terminal.ask()
    let reader = Task {
      for await record in records {
        if Task.isCancelled { return }
        await slowMotion.hold(record) { state.slowMotion }
        send(.record(record))
      }
    }
    defer {
      reader.cancel()
      for task in pending { task.cancel() }
      terminal.close()
    }
    var turn = 0
    var before = ContinuousClock().now
    while true {
      await handleInputs(perform)
      if let ending { return ending }
      let now = ContinuousClock().now
      if cover?.pass(now - before) == true { isStale = true }
      before = now
      if turn % 2 == 0 { paint() }
      turn += 1
      try? await Task.sleep(for: .milliseconds(16))
      if Task.isCancelled { return .quit }
    }
  }

  // MARK: - Input

  private func handleInputs(_ perform: @escaping @MainActor (Action) async -> Void) async {
    for key in takeInputs() {
      isStale = true
      for action in press(key) {
        if case .openEditor = action {
          await withoutScreen { await perform(action) }
        } else {
          start(action, perform)
        }
      }
    }
  }

  /// Gives a key to what is shown. Who leaves a cover comes back to a conversation.
  private func press(_ key: Key) -> [Action] {
    guard let actions = cover?.update(.key(key)) else { return state.update(.key(key)) }
    guard actions.contains(.quit), case .chat = state.stage else { return actions }
    cover = nil
    resize()
    return []
  }

  private func open(lesson number: Int) {
    do {
      let catalogue = LessonCatalogue()
      let records = try catalogue.recording(of: number)
      let script = try LessonScript(try catalogue.lesson(number), over: records)
      cover(with: LessonScreen(script, over: records))
    } catch {
      send(.notice(Notice(.error, "\(error)")))
    }
  }

  /// Does what waits at the terminal and is no key, and gives the keys.
  private func takeInputs() -> [Key] {
    var keys: [Key] = []
    var byteCount = 0
    while byteCount < Self.byteLimit, let input = terminal.nextInput() {
      switch input {
      case .bytes(let bytes):
        keys += parser.keys(in: bytes)
        byteCount += bytes.count
      case .key(let key): keys.append(key)
      case .resized: resize()
      case .continued: repaint()
      case .suspend: suspend()
      case .ending(let signal):
        ending = .signal(signal)
        return []
      }
    }
    for reply in parser.takeReplies() { take(reply) }
    let now = ContinuousClock().now
    if byteCount > 0 {
      lastByte = now
    } else {
      // Nothing waits: a pause is the person's, and not ours.
      keys += parser.keys(afterPause: now - lastByte)
    }
    return keys
  }

  /// Takes in what the terminal answers.
  private func take(_ reply: TerminalReply) {
    guard ContinuousClock().now - asked < Self.answerLimit else { return }
    switch reply {
    case .tellsKeysApart: terminal.tellKeysApart()
    case .background(let color):
      background = color
      if isThemeAutomatic { _ = choose(theme: ThemeCatalogue.automatic) }
    }
  }

  private func start(
    _ action: Action, _ perform: @escaping @MainActor (Action) async -> Void
  ) {
    switch action {
    case .quit: ending = .quit
    case .redraw: repaint()
    case .suspend: suspend()
    case .theme(let name): _ = choose(theme: name)
    case .lesson(let number): open(lesson: number)
    case .submit, .interrupt, .command, .openEditor:
      if action == .interrupt { slowMotion.hurry() }
      pending.append(Task { await perform(action) })
      if pending.count > 64 { pending.removeFirst(32) }
    }
  }

  private func choose(theme name: String) -> Bool {
    isStale = true
    shown = nil
    isThemeAutomatic = name == ThemeCatalogue.automatic
    do {
      let name = isThemeAutomatic ? ThemeCatalogue.automaticTheme(on: background) : name
      palette = try themes.theme(named: name)
        .palette(at: usesColor ? terminal.colorDepth : .none)
      return true
    } catch {
      _ = state.update(.notice(Notice(.error, error.description)))
      return false
    }
  }

  // MARK: - Output

  private func paint() {
    guard isStale else { return }
    isStale = false
    let frame = cover?.drawn() ?? draw(state)
    terminal.show(frame.changes(since: shown), cursor: frame.cursor, palette: palette)
    shown = frame
  }

  private func resize() {
    let size = terminal.size
    _ = state.update(.resized(rows: size.rows, columns: size.columns))
    _ = cover?.update(.resized(rows: size.rows, columns: size.columns))
    repaint()
  }

  private func repaint() {
    terminal.redraw()
    shown = nil
    isStale = true
  }

  private func suspend() {
    terminal.suspend()
    parser = KeyParser()
    resize()
  }

  private func withoutScreen(_ work: () async -> Void) async {
    terminal.leave()
    await work()
    terminal.comeBack()
    parser = KeyParser()
    resize()
  }
}
