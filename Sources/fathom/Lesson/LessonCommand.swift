import ArgumentParser
import Events
import Files
import Foundation
import Lessons
import Reports
import Screen

/// `fathom lesson`: tours of two minutes from recordings that came with the program.
struct LessonCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "lesson",
    abstract: "Play a lesson of two minutes; without a number, list them.",
    discussion: """
      A lesson says something, plays a stretch of a recording, asks a question and waits for Enter. It \
      needs no model. With --live the same lines are given to your model first, and the lesson plays \
      what came of it. --plain (or ACCESSIBLE=1, TERM=dumb, or no terminal) is the lesson in lines \
      of text.
      """)

  @Argument(help: "The number of the lesson.")
  var number: Int?

  @Flag(help: "Lines of text instead of a screen.")
  var plain = false

  @Flag(help: "Make the recording now, with your model.")
  var live = false

  @Option(
    help: ArgumentHelp(
      "Make the recording now, and write it to this file instead of playing it.",
      valueName: "file"))
  var record: String?

  @Option(help: "The theme: dark, light, colorblind, mono, or one of your own.")
  var theme = "dark"

  @OptionGroup var modelOptions: ModelOptions
  @OptionGroup var outputs: OutputOptions

  func validate() throws {
    if number == nil, live || record != nil {
      throw ValidationError("Say which lesson: fathom lesson 1 --live.")
    }
  }

  func run() async throws {
    try await reportingErrors {
      let catalogue = LessonCatalogue()
      guard let number else { return try list(catalogue) }
      let lesson = try catalogue.lesson(number)
      if let record {
        try outputs.check(record, from: [])
        let records = try await LessonRecorder.records(of: lesson, with: modelOptions)
        try outputs.file(record, from: []).write(try EventLog.data(for: records))
        return warn(objectionsTo: lesson, in: records)
      }
      let records =
        live
        ? try await LessonRecorder.records(of: lesson, with: modelOptions)
        : try catalogue.recording(of: number)
      if live { warn(objectionsTo: lesson, in: records) }
      try await play(try LessonScript(lesson, over: records, isLenient: live), over: records)
    }
  }

  private func list(_ catalogue: LessonCatalogue) throws {
    let lines = LessonList.lines(of: catalogue)
    // Says what is missing where nothing is there.
    if lines.isEmpty { _ = try catalogue.lesson(1) }
    try say((lines + ["", "fathom lesson N plays one."]).joined(separator: "\n"))
  }

  /// Says what of the lesson's words is otherwise in a recording that was made now.
  private func warn(objectionsTo lesson: Lesson, in records: [Record]) {
    for objection in lesson.objections(in: records) {
      printError("fathom: otherwise than in the lesson: \(objection)".visible)
    }
  }

  // MARK: - Playing

  private func play(_ script: LessonScript, over records: [Record]) async throws {
    let environment = ProcessInfo.processInfo.environment
    if plain || Surface.isPlain(environment: environment) {
      try await playPlainly(script, over: records)
    } else {
      try await show(script, over: records, usesColor: Surface.usesColor(environment: environment))
    }
  }

  private func playPlainly(_ script: LessonScript, over records: [Record]) async throws {
    let isTerminal = isatty(STDIN_FILENO) == 1
    try await PlainLesson(script, over: records).play(
      isPaced: isTerminal && isatty(STDOUT_FILENO) == 1,
      write: { try StandardStreams.write($0) },
      waits: { EnterKey.wait(prompting: isTerminal) })
  }

  @MainActor
  private func show(
    _ script: LessonScript, over records: [Record], usesColor: Bool
  ) async throws {
    let loop = ScreenLoop(
      state: ScreenState(stage: .replay(file: "lesson \(script.number)")),
      terminal: try CursesTerminal(), themes: .ofThisUser, theme: theme, usesColor: usesColor)
    loop.cover(with: LessonScreen(script, over: records))
    let ending = await loop.run(records: AsyncStream { $0.finish() }) { _ in }
    if case .signal(let number) = ending { throw ExitCode(128 + number) }
  }
}

extension LessonCommand: RunsModel {}
