import ArgumentParser
import Chat
import Dials
import Events
import Files
import Foundation
import Inference
import Reports
import Screen
import Techniques
import Tokenization

/// `fathom run`: one turn; the answer on the standard output, all else on the error output.
struct RunCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "run",
    abstract: "Answer one prompt on the standard output.",
    discussion: """
      The prompt is what -p says, what -f holds, or what comes in on the standard input; with both \
      -p and piped input, the input follows the text. Everything but the answer goes to the error \
      output. --json writes event records instead (JSON Lines), which `fathom replay` shows.
      """)

  @OptionGroup(title: "Model and machine") var modelOptions: ModelOptions
  @OptionGroup var options: AnswerOptions

  // Unconditional, here and for the instructions: a text may begin with a dash.
  @Option(name: .shortAndLong, parsing: .unconditional, help: "The prompt.")
  var prompt: String?

  @Option(
    name: .shortAndLong, help: "A file with the prompt; - is the standard input.",
    completion: .file())
  var file: String?

  @Flag(help: "Write event records, one JSON object a line.")
  var json = false

  @Flag(
    help:
      "Evaluate the head after every block, once the answer is complete (probe records, agreement)."
  )
  var inspect = false

  func run() async throws {
    try await reportingErrors {
      let text = try readPrompt()
      let model = try options.pruning.repaired(modelOptions.load(isRaw: options.raw))
      var dialogue = try Dialogue(
        model: model, reference: modelOptions.reference, settings: options.settings(for: model))
      dialogue.conversation.say(.user, text)
      let engine = Engine(model: model, contextLength: modelOptions.contextSize)
      let chosen = dialogue.settings.reach
      let prompt = try dialogue.comingPrompt()
      if let reach = dialogue.settings.reach, chosen == nil {
        printError(
          "fathom: the prompt has \(prompt.count) tokens, the context \(engine.contextLength) "
            + "positions: attention sees the first \(reach.sinks) and the last \(reach.window) "
            + "tokens. --window changes it."
            + (options.tokenLimit == nil
              ? " Without -n the answer ends after \(engine.contextLength) tokens at the latest."
              : ""))
      }
      let request = dialogue.request(
        prompt, answer: 1, looks: inspect ? [.lens, .yardstick] : .yardstick)
      let opening = try opening(of: dialogue, engine: engine, text: text)
      if let notice = dialogue.thinkingNotice { printError("fathom: \(notice)".visible) }
      try await write(
        opening, then: request, engine: engine, isHidden: dialogue.settings.thinking == .hide)
    }
  }

  /// The records that stand before the answer.
  private func opening(of dialogue: Dialogue, engine: Engine, text: String) throws -> [Record] {
    let session = dialogue.sessionRecord(
      of: engine, id: UUID().uuidString, tool: Fathom.tool)
    let user = TurnRecord(
      turn: dialogue.conversation.nextTurn - 1, role: .user, text: text, tNs: engine.elapsed)
    let thinking = dialogue.thinkingChange(after: .on, tNs: engine.elapsed).map(Record.parameter)
    let changes = [thinking].compactMap(\.self)
    guard dialogue.settings.preset != nil else {
      return [.session(session)] + changes + [.turn(user)]
    }
    let state = dialogue.presetState
    if !state.isCertified { printError("fathom: preset \(state)") }
    let preset = ParameterRecord.preset(
      from: .off, to: state, policy: dialogue.dials, tNs: engine.elapsed)
    return [.session(session), .parameter(preset)] + changes + [.turn(user)]
  }

  private func readPrompt() throws -> String {
    var parts = [prompt].compactMap { $0 }
    if let file {
      parts.append(try InputFile.text(file))
    } else if isatty(STDIN_FILENO) == 0, prompt == nil || hasPipedInput {
      let waiting = Task {
        try await Task.sleep(for: .seconds(2))
        printError(
          "fathom: waiting for the end of the standard input"
            + (prompt == nil ? "" : ", which follows -p; </dev/null leaves it out"))
      }
      defer { waiting.cancel() }
      let input = try InputFile.text(nil)
      if !input.isEmpty { parts.append(input) }
    }
    let text = parts.joined(separator: "\n\n")
    guard !text.allSatisfy(\.isWhitespace) else {
      throw ValidationError("There is no prompt. Give one with -p, -f or on the standard input.")
    }
    return text
  }

  /// Whether something is piped in, now or later: a pipe, a file or a socket, and no terminal or
  /// `/dev/null`.
  private var hasPipedInput: Bool {
    switch FileIdentity(descriptor: STDIN_FILENO)?.kind {
    case .pipe, .file, .socket: true
    default: false
    }
  }

  private func write(
    _ opening: [Record], then request: TurnRequest, engine: Engine, isHidden: Bool
  ) async throws {
    let signals = StopSignals(handler: engine.stop)
    defer { signals.cancel() }
    var answer = ReplyParts()
    var renderer = PlainRenderer(
      wayOn: "--circle-limit 0 goes on; another --temp or --repeat-penalty may lead out.")
    var summary = ""
    var last: EndRecord?
    if json { for record in opening { try emit(record) } }
    for record in opening {
      Log.note(record)
      _ = renderer.text(for: record)
    }
    for await record in engine.records(for: request) {
      Log.note(record)
      if json {
        try emit(record)
      } else {
        let piece = answer.append(record)
        try StandardStreams.write((isHidden ? piece.said : piece.text).visibleLines)
      }
      let text = renderer.text(for: record)
      if case .end(let end) = record { last = end }
      if last != nil { summary += text }
    }
    if !json { try say() }
    if last?.reason == .error {
      printError("fathom: \(last?.message ?? "the answer failed")".visible)
      throw ExitCode.failure
    }
    if !json { printError(summary.trimmingCharacters(in: .newlines)) }
    if let number = signals.received { throw ExitCode(128 + number) }
  }

  private func emit(_ record: Record) throws {
    var line = try EventLog.line(for: record)
    line.append(UInt8(ascii: "\n"))
    try StandardStreams.write(line)
  }
}
