import ArgumentParser
import Chat
import Events
import Files
import Foundation
import Inference
import Models
import Reports
import Screen
import Sessions

/// `fathom chat`, or `fathom` alone: the conversation on the screen, or line by line.
struct ChatCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "chat",
    abstract: "Chat with a model and watch how deep each token goes (the default).",
    discussion: """
      On a terminal the screen shows the answer and, live, what ran for each token; F1 explains the \
      keys, /help the commands. --plain (or ACCESSIBLE=1, TERM=dumb, or no terminal) is a \
      conversation in lines of text. --continue goes on with the last conversation, --resume with any \
      that `fathom sessions` lists: with this model, and what is said is added to it.
      """)

  @OptionGroup(title: "Model and machine") var modelOptions: ModelOptions
  @OptionGroup var options: AnswerOptions

  @Flag(help: "Lines of text instead of a screen.")
  var plain = false

  @Option(
    help:
      "The theme: auto (by the terminal's background), dark, light, colorblind, mono, or one of your own.",
    completion: Completions.themes)
  var theme = ThemeCatalogue.automatic

  @Flag(name: .customLong("continue"), help: "Go on with the last conversation.")
  var continues = false

  @Option(
    help: ArgumentHelp(
      "Go on with this conversation: the beginning of an id that 'fathom sessions' shows, or last.",
      valueName: "id"), completion: Completions.sessions)
  var resume: String?

  @Option(
    help: ArgumentHelp(
      "How large the file of the conversations may grow: 500M, 2G, or none for no limit (default: 1G).",
      valueName: "size"),
    transform: { text in
      guard let limit = StorageLimit(parsing: text) else {
        throw ValidationError("--sessions-limit must be a size such as 500M or 2G, or none.")
      }
      return limit
    })
  var sessionsLimit = StorageLimit.usual

  @Flag(name: .customLong("no-history"), help: "Keep no session, nothing typed, nothing learned.")
  var keepsNothing = false

  func validate() throws {
    if continues && resume != nil {
      throw ValidationError("Give --continue or --resume, not both.")
    }
    if keepsNothing && earlier != nil {
      throw ValidationError("--no-history keeps nothing, so it goes on with nothing that is kept.")
    }
  }

  /// The conversation that a person wants to go on with, if any.
  private var earlier: String? { continues ? "last" : resume }

  /// The conversations that are kept.
  private var shelf: ConversationShelf { ConversationShelf(path: Places().sessionsFile) }

  func run() async throws {
    try await reportingErrors {
      let environment = ProcessInfo.processInfo.environment
      if plain || Surface.isPlain(environment: environment) {
        try await chatPlainly()
      } else {
        try await chatOnScreen(environment: environment)
      }
    }
  }

  /// The conversation that the flags ask for, with nothing said yet.
  private func dialogue() throws -> Dialogue {
    let model = try options.pruning.repaired(modelOptions.open())
    return try Dialogue(
      model: model, reference: modelOptions.reference, settings: options.settings(for: model))
  }

  @MainActor
  private func session(
    _ dialogue: Dialogue, looks: TurnRequest.Looks, hear: (@MainActor (Record) -> Void)? = nil,
    show: @escaping @MainActor (Aside) -> Void
  ) -> ChatSession {
    ChatSession(
      dialogue, tool: Fathom.tool,
      sessionsFile: keepsNothing ? nil : shelf.path, limit: sessionsLimit,
      guessesFolder: keepsNothing ? nil : Places().guessesFolder,
      openModel: { [modelOptions] name in
        let other = modelOptions.with(model: name)
        return (try other.open(), other.reference)
      }, looks: looks, hear: hear,
      show: { aside in
        Log.note(aside)
        show(aside)
      })
  }

  // MARK: - On the screen

  @MainActor
  private func chatOnScreen(environment: [String: String]) async throws {
    let stored = try await opened()
    let dialogue = try dialogue()
    var history = InputHistory(path: Places().historyFile)
    let themes = ThemeCatalogue.ofThisUser
    let terminal = try CursesTerminal()
    let loop = ScreenLoop(
      state: ScreenState(
        history: keepsNothing ? [] : history.entries,
        themes: [ThemeCatalogue.automatic] + themes.names),
      terminal: terminal, themes: themes, theme: theme,
      usesColor: Surface.usesColor(environment: environment))
    let session = session(dialogue, looks: [.lens, .yardstick]) { aside in
      // Behind the records that were made before it: what is said of a conversation that is opened stands
      // below it.
      Task { @MainActor in
        await Task.yield()
        loop.send(Message(aside))
      }
    }
    if let notice = terminal.notice { loop.send(.notice(notice)) }
    if let stored { session.resume(stored) }
    let welcoming = Task { await welcome(on: loop) }
    defer { welcoming.cancel() }
    let facts = Task { if let facts = await session.blockFacts() { loop.send(.blockFacts(facts)) } }
    defer { facts.cancel() }
    let ending = await loop.run(records: Log.following(session.stream)) { action in
      if !keepsNothing, case .submit(let text) = action { try? history.add(text) }
      switch action {
      case .submit(let text): await session.submit(text)
      case .interrupt: session.interrupt()
      case .command(let command):
        await session.apply(command)
        if command == .clear { await welcome(on: loop) }
      case .openEditor(let text):
        loop.send(.input(await Editor.edit(text, environment: environment)))
      case .theme, .lesson, .suspend, .redraw, .quit: break
      }
    }
    if case .signal(let number) = ending {
      await close(session, isAsked: false)
      throw ExitCode(128 + number)
    }
    await close(session, isAsked: true)
  }

  /// The conversation to go on with. It is read before the model is: a wrong name is said at once.
  private func opened() async throws -> StoredSession? {
    guard let earlier else { return nil }
    return try await shelf.open(earlier)
  }

  /// Offers the newest conversations on the first screen. Who cannot have them sees none.
  @MainActor
  private func welcome(on loop: ScreenLoop) async {
    let found = keepsNothing ? nil : try? await shelf.find()
    loop.send(
      .welcome(Welcome(found ?? FoundConversations(), lessons: LessonList.entries)))
  }

  // MARK: - Line by line

  @MainActor
  private func chatPlainly() async throws {
    let stored = try await opened()
    let isTerminal = isatty(STDIN_FILENO) == 1
    var renderer = PlainRenderer(wayOn: EndRecord.wayOn)
    let output = PlainOutput()
    let session = session(
      try dialogue(), looks: .yardstick,
      hear: { record in
        Log.note(record)
        output.write(renderer.text(for: record))
      },
      show: { aside in
        if let notice = aside.inLines { output.write(renderer.text(for: notice)) }
      })
    let reading = Task { @MainActor in
      if let stored {
        renderer.showsUser = true
        session.resume(stored)
        renderer.showsUser = false
      }
      if isTerminal { output.write(Self.prompt) }
      for await line in PlainInput.lines(notice: { printError("fathom: \($0)".visible) }) {
        let ended = await take(
          line, session: session, renderer: { renderer },
          showsUser: { renderer.showsUser = $0 },
          say: { output.write(renderer.text(for: $0)) })
        if ended || Task.isCancelled { return }
        if isTerminal { output.write(Self.prompt) }
      }
    }
    output.failed = {
      session.interrupt()
      reading.cancel()
    }
    let signals = StopSignals(calling: { number in
      Task { @MainActor in session.interrupt() }
      if number == SIGINT { return }
      reading.cancel()
      // Should the output wait for a reader that never reads.
      DispatchQueue.global().asyncAfter(deadline: .now() + 5) { _exit(128 + number) }
    })
    defer { signals.cancel() }
    await reading.value
    let ending = signals.received.flatMap { $0 == SIGINT ? nil : $0 }
    await close(session, isAsked: ending == nil)
    if let ending { throw ExitCode(128 + ending) }
    if let failure = output.failure { throw failure }
  }

  /// Ends the session. Where a person asked for it, there is more time than a signal leaves.
  @MainActor
  private func close(_ session: ChatSession, isAsked: Bool) async {
    guard let error = await session.close(patience: .seconds(isAsked ? 8 : 2)) else { return }
    printError("fathom: the end of this session is not kept: \(error)".visible)
  }

  /// Takes in one line; true when the person leaves.
  @MainActor
  private func take(
    _ line: String, session: ChatSession, renderer: @MainActor () -> PlainRenderer,
    showsUser: @MainActor (Bool) -> Void,
    say: @MainActor (Notice) -> Void
  ) async -> Bool {
    guard SlashCommand.isCommand(line) else {
      if !line.allSatisfy(\.isWhitespace) { await session.submit(line) }
      return false
    }
    do {
      switch try SlashCommand.parse(line).inLines {
      case .session(let command):
        // What was said in another conversation is not on the screen yet, whoever said it.
        showsUser(command.bringsBack)
        await session.apply(command)
        showsUser(false)
      case .say(let lines): for line in lines { say(Notice(.information, line)) }
      case .statistics:
        for line in renderer().statistics.lines { say(Notice(.information, line)) }
      case .whatIf: for line in renderer().whatIf { say(Notice(.information, line)) }
      case .leave: return true
      }
    } catch {
      say(Notice(.error, "\(error)"))
    }
    return false
  }

  private static let prompt = "You: "
}

/// The lines of a conversation on the standard output. Where they can no longer be written, the conversation
/// is over.
@MainActor
private final class PlainOutput {
  /// Why nothing more can be written.
  private(set) var failure: FileError?
  /// Hears that nothing more can be written.
  var failed: () -> Void = {} {
    didSet { if failure != nil { failed() } }
  }

  /// Writes text.
  func write(_ text: String) {
    guard failure == nil else { return }
    do { try StandardStreams.write(text) } catch {
      failure = error
      failed()
    }
  }
}
