import ArgumentParser
import Events
import Files
import Foundation
import Models
import Reports
import Screen

/// `fathom replay FILE`: shows a saved session again, without a model.
struct ReplayCommand: AsyncParsableCommand, KeepsLog {
  static let configuration = CommandConfiguration(
    commandName: "replay",
    abstract: "Show a saved session again, without a model.",
    discussion: """
      FILE holds records as /save and `fathom run --json` write them. On a terminal they appear at \
      their own pace (a pause of the person is shortened to two seconds): Space pauses, "," and "." \
      go a word back and on, [ and ] an answer, m goes to the next mark, + and - change the speed, q \
      leaves. Anywhere else, and with --plain, they become lines of text, at once unless --speed or \
      --slow is given.
      """)

  @Argument(
    help: "The file of records (JSON Lines); - reads the standard input.",
    completion: .file(extensions: ["jsonl"]))
  var file: String

  @Flag(help: "Lines of text instead of a screen.")
  var plain = false

  @Option(parsing: .unconditional, help: "How many times as fast as it was.")
  var speed: Double?

  @Option(
    parsing: .unconditional,
    help: ArgumentHelp("So many tokens a second, whatever the engine took.", valueName: "n"))
  var slow: Double?

  @Flag(help: "In lines of text: wait for Enter at every mark (/mark sets one).")
  var wait = false

  @Option(
    help:
      "The theme: auto (by the terminal's background), dark, light, colorblind, mono, or one of your own.",
    completion: Completions.themes)
  var theme = ThemeCatalogue.automatic

  @Option(
    help: "Write the screen after the last record to this file, as a picture in SVG.",
    completion: .file(extensions: ["svg"]))
  var svg: String?

  @Option(help: "The size of that picture, columns by rows.")
  var size = "120x36"

  @OptionGroup var outputs: OutputOptions
  @OptionGroup var logOptions: LogOptions

  func validate() throws {
    if svg != nil && pictureSize == nil {
      throw ValidationError("--size must be columns by rows, such as 120x36.")
    }
    if let speed, !(speed > 0) { throw ValidationError("--speed must be greater than 0.") }
    if let slow, !(slow > 0) { throw ValidationError("--slow must be greater than 0.") }
    if speed != nil, slow != nil { throw ValidationError("Give either --speed or --slow.") }
  }

  func run() async throws {
    try await reportingErrors {
      try outputs.check(reports: [svg], from: [file])
      let reading = try load()
      let player = ReplayPlayer(reading.records, isCut: reading.isCut)
      let environment = ProcessInfo.processInfo.environment
      if let svg {
        try draw(player, into: svg)
      } else if plain || Surface.isPlain(environment: environment) {
        try await player.play(
          pace: pace, write: { try StandardStreams.write($0) },
          waits: wait ? { EnterKey.wait(prompting: isatty(STDIN_FILENO) == 1) } : nil)
      } else {
        try await show(player, environment: environment)
      }
    }
  }

  /// The pace that was asked for; nil where none was.
  private var pace: Playback.Pace? { slow.map { .tokens($0) } ?? speed.map { .times($0) } }

  private func load() throws -> EventLog.Reading {
    let data = try FileReader.contents(of: file)
    do {
      let reading = try EventLog.read(data)
      if reading.isCut {
        printError(
          "fathom: \(file): the last line is cut off; what lies before it is shown".visible)
      }
      return reading
    } catch {
      printError("fathom: \(file): \(error)".visible)
      throw ExitCode(for: error)
    }
  }

  /// Columns and rows of the picture, at most 1000 each; nil when `size` is something else.
  private var pictureSize: (columns: Int, rows: Int)? {
    let parts = size.split(separator: "x").map { Int($0) ?? 0 }
    guard parts.count == 2, parts.allSatisfy({ (1...1000).contains($0) }) else { return nil }
    return (parts[0], parts[1])
  }

  private func draw(_ player: ReplayPlayer, into file: String) throws {
    guard let size = pictureSize else { return }
    // A picture has a background of its own.
    let name = theme == ThemeCatalogue.automatic ? "dark" : theme
    let theme = try ThemeCatalogue.ofThisUser.theme(named: name)
    let state = player.state(rows: size.rows, columns: size.columns)
    try outputs.write(Screen.draw(state).svg(theme: theme), to: file, from: [self.file])
  }

  @MainActor
  private func show(_ player: ReplayPlayer, environment: [String: String]) async throws {
    let loop = ScreenLoop(
      state: ScreenState(stage: .replay(file: URL(filePath: file).lastPathComponent)),
      terminal: try CursesTerminal(), themes: .ofThisUser, theme: theme,
      usesColor: Surface.usesColor(environment: environment))
    let name = URL(filePath: file).lastPathComponent
    let ending = await player.play(file: name, pace: pace ?? .times(1), on: loop)
    if case .signal(let number) = ending { throw ExitCode(128 + number) }
  }
}

extension ThemeCatalogue {
  /// The built-in themes and the person's own.
  static var ofThisUser: ThemeCatalogue {
    ThemeCatalogue(folder: URL(filePath: Places().themesFolder))
  }
}
