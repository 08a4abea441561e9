import Events

/// The commands about single turns, and about the conversation's text.
extension SlashCommand {
  static let undo = Form(["/undo"], "takes back the last question and its answer") {
    bare($0, .session(.turns(.undo), isPatient: true))
  }

  static let edit = Form(
    ["/edit"], argument: "[TURN]",
    "takes back a question, with all that follows, to be written anew; turns are counted from 1"
  ) { numbered($0) { .session(.turns(.edit(turn: $0)), isPatient: true) } }

  static let read = Form(
    ["/read"], argument: "FILE | off", words: ["off"],
    "puts the text of a file in front of the next message"
  ) { $0.isEmpty ? nil : .session(.turns(.read(path: $0 == "off" ? nil : $0))) }

  static let copy = Form(
    ["/copy"], argument: "[TURN | code [N]]", words: ["code"],
    "puts the last answer, a turn's answer or a block of code on the terminal's clipboard"
  ) { argument in
    let words = argument.split(whereSeparator: \.isWhitespace)
    guard words.first == "code" else { return numbered(argument) { copying(.answer(turn: $0)) } }
    return numbered(words.dropFirst().joined(separator: " ")) { copying(.code(number: $0)) }
  }

  static let pin = Form(
    ["/pin"], argument: "[TURN]", "keeps a turn in sight when a window forgets; the first one is"
  ) { numbered($0) { .session(.turns(.pin(turn: $0)), isPatient: true) } }

  static let unpin = Form(
    ["/unpin"], argument: "[TURN]", "lets a turn leave, or all that are pinned"
  ) {
    numbered($0) { .session(.turns(.unpin(turn: $0)), isPatient: true) }
  }

  static let show = Form(
    ["/show"], argument: TurnCommand.Topic.allCases.map(\.rawValue).joined(separator: " | "),
    words: TurnCommand.Topic.allCases.map(\.rawValue),
    "says what the model is, and what is set"
  ) {
    let topic = $0.isEmpty ? .info : TurnCommand.Topic(rawValue: $0)
    return topic.map { .session(.turns(.show($0))) }
  }

  /// The conversation or the model, as the ending of the file's name says.
  static func export(_ argument: String) throws(ScreenError) -> Effect? {
    guard let (path, replaces) = file(argument) else { return nil }
    let name = path.lowercased()
    if name.hasSuffix(".gguf") {
      return .session(.export(nil, to: path, replaces: replaces), isPatient: true)
    }
    guard [".md", ".json", ".html"].contains(where: name.hasSuffix) else {
      throw ScreenError(
        .badArgument, at: "/export",
        "\(path): the ending says what is written. .md, .json and .html are the conversation, .gguf "
          + "is the model without the blocks that are left out.")
    }
    return .session(.turns(.export(to: path, replaces: replaces)), isPatient: true)
  }

  /// Shows the instructions, or sets them.
  static func system(_ argument: String) -> Effect? {
    argument.isEmpty
      ? .session(.turns(.show(.system))) : .session(.system(argument), isPatient: true)
  }

  private static func copying(_ source: TurnCommand.Source) -> Effect {
    Effect(
      inLines: .say([
        "Lines of text reach no clipboard. /export FILE.md writes the conversation to a file."
      ])
    ) { _ in [.command(.turns(.copy(source)))] }
  }

  /// What `effect` makes of a number from 1 on, or of none; nil where the argument is something else.
  private static func numbered(_ argument: String, _ effect: (Int?) -> Effect) -> Effect? {
    if argument.isEmpty { return effect(nil) }
    return Int(argument).flatMap { $0 > 0 ? effect($0) : nil }
  }
}
