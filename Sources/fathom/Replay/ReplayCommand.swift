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
      --slow is given. --to writes the recording as something to hand out instead: a page (.html) that \
      needs nothing but a browser, a film of the screen (.cast, asciicast), the last screen (.svg), a \
      table with a row for each token (.csv), the conversation (.md).
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
    help: ArgumentHelp(
      "Write the recording to this file instead of showing it; its ending says how: .html, .cast, .svg, "
        + ".csv or .md. May be given several times.", valueName: "file"))
  var to: [String] = []

  @Option(help: "The version of the film's format, asciicast: 3 or 2.")
  var cast = 3

  @Option(
    help: "Write the screen after the last record to this file, as a picture in SVG.",
    completion: .file(extensions: ["svg"]))
  var svg: String?

  @Option(help: "The size of the screen in a picture or a film, columns by rows.")
  var size = "120x36"

  @OptionGroup var outputs: OutputOptions
  @OptionGroup var logOptions: LogOptions

  func validate() throws {
    for name in to where RecordingForm(name) == nil {
      throw ValidationError(
        "--to \(name): the ending says what is written: "
          + RecordingForm.allCases.map { ".\($0.rawValue)" }.joined(separator: ", ") + ".")
    }
    if RecordingCast.Version(rawValue: cast) == nil {
      throw ValidationError("--cast must be 2 or 3.")
    }
    if pictureSize == nil {
      throw ValidationError("--size must be columns by rows, such as 120x36.")
    }
    if let speed, !(speed > 0) { throw ValidationError("--speed must be greater than 0.") }
    if let slow, !(slow > 0) { throw ValidationError("--slow must be greater than 0.") }
    if speed != nil, slow != nil { throw ValidationError("Give either --speed or --slow.") }
  }

  func run() async throws {
    try await reportingErrors {
      let targets = to + [svg].compactMap(\.self)
      try outputs.check(reports: targets, from: [file])
      let reading = try load()
      let player = ReplayPlayer(reading.records, isCut: reading.isCut)
      let environment = ProcessInfo.processInfo.environment
      if !targets.isEmpty {
        for target in targets {
          let form = target == svg ? .svg : RecordingForm(target) ?? .svg
          try outputs.write(text(of: reading.records, as: form), to: target, from: [file])
        }
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

  /// The recording as something to hand out.
  private func text(of records: [Record], as form: RecordingForm) throws -> String {
    let size = pictureSize ?? (120, 36)
    let themes = ThemeCatalogue.ofThisUser
    // What is handed out has a background of its own.
    let theme = theme == ThemeCatalogue.automatic ? "dark" : theme
    switch form {
    case .html:
      return try RecordingPage.html(
        of: records, dark: themes.theme(named: theme == "light" ? "dark" : theme),
        light: themes.theme(named: "light"))
    case .cast:
      return try RecordingCast(
        records, pace: pace ?? .times(1), theme: themes.theme(named: theme)
      ).text(
        rows: size.rows, columns: size.columns,
        version: RecordingCast.Version(rawValue: cast) ?? .three)
    case .svg:
      let state = ReplayPlayer(records).state(rows: size.rows, columns: size.columns)
      return Screen.draw(state).svg(theme: try themes.theme(named: theme))
    case .csv: return RecordingTables.csv(of: records)
    case .md: return RecordingTables.markdown(of: records)
    }
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

/// What a recording is written as, by the ending of the file's name.
enum RecordingForm: String, CaseIterable {
  case html, cast, svg, csv, md

  /// The form that the name of a file asks for; nil where its ending is none of these.
  init?(_ name: String) {
    self.init(rawValue: URL(filePath: name).pathExtension.lowercased())
  }
}

extension ThemeCatalogue {
  /// The built-in themes and the person's own.
  static var ofThisUser: ThemeCatalogue {
    ThemeCatalogue(folder: URL(filePath: Places().themesFolder))
  }
}
