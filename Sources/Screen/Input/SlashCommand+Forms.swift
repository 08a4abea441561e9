import Dials
import Techniques

extension SlashCommand {
  /// One command: how it is written, what it does, what its argument may begin with.
  package struct Form: Sendable {
    /// The name and its other names.
    package let names: [String]
    /// What follows the name; empty when nothing does.
    package let argument: String
    /// What it does, without a full stop.
    package let summary: String
    /// Words that the argument may begin with, for completion.
    package let words: [String]
    /// The command for an argument; nil when the argument is not one.
    let parse: @Sendable (String) throws(ScreenError) -> SlashCommand?

    init(
      _ names: [String], argument: String = "", words: [String] = [], _ summary: String,
      parse: @escaping @Sendable (String) throws(ScreenError) -> SlashCommand?
    ) {
      self.names = names
      self.argument = argument
      self.words = words
      self.summary = summary
      self.parse = parse
    }

    /// The name with its argument, as help and errors show it.
    package var usage: String {
      argument.isEmpty ? names.joined(separator: " or ") : "\(names[0]) \(argument)"
    }
  }

  /// The names that /set takes; as in ollama.
  package static let parameters = [
    "temperature", "top_k", "top_p", "min_p", "seed", "num_predict", "repeat_penalty",
    "repeat_last_n",
  ]

  /// The names that /preset takes.
  package static let presets = ["quality", "balanced", "saving", "off"]

  /// The words of a notation as completion offers them: what follows all but `off` stands behind a space.
  private static func opening(_ words: [String]) -> [String] {
    words.map { $0 == "off" ? $0 : $0 + " " }
  }

  /// Every command, in the order of the help.
  package static let forms: [Form] = [
    Form(["/help", "/?"], "shows the keys and the commands") { bare($0, .help) },
    Form(
      ["/exit-policy"],
      argument: ExitSetting.usage, words: opening(ExitSetting.words),
      "says when a token may leave early (N: blocks executed, T and G: thresholds)"
    ) { $0.isEmpty ? nil : .exitPolicy($0) },
    Form(
      ["/preset"], argument: presets.joined(separator: " | "), words: presets,
      "puts a calibrated setting in force, or full depth"
    ) { presets.contains($0) ? .preset($0) : nil },
    Form(
      ["/mode"], argument: "identical | approximate", words: ["identical", "approximate"],
      "has full depth verify early exits, or takes them as they are"
    ) { ExitMode(rawValue: $0).map { .mode($0) } },
    Form(
      ["/adapter"], argument: "FILE | off", words: ["off"],
      "loads exits that were trained for the model, or puts them away"
    ) { $0.isEmpty ? nil : .adapter(["off", "none"].contains($0) ? nil : $0) },
    Form(
      ["/draft"], argument: "auto | off | ngram,recycle ... [N]",
      words: ["auto", "off"] + DraftSetting.words,
      "says who drafts tokens that one pass verifies, and how many at most"
    ) { $0.isEmpty ? nil : .draft($0) },
    Form(
      ["/window"], argument: "N | off | lambda N sinks N ...",
      words: opening(["off"] + ReachSetting.techniqueWords),
      "says how many positions attention sees besides the first ones"
    ) { $0.isEmpty ? nil : .window($0) },
    Form(
      ["/prune"], argument: "3,7-9 | auto N | none | measure", words: ["auto ", "none", "measure"],
      "leaves blocks out of the model, by index or by what fathom prune found; alone, the editor; "
        + "measure says what each costs",
      parse: parsePrune),
    Form(["/export"], argument: "FILE", "writes the model without the blocks left out as a GGUF") {
      $0.isEmpty ? nil : .export(nil, to: $0)
    },
    Form(["/compare"], "answers again with the same seed and says what the settings changed") {
      bare($0, .compare)
    },
    Form(
      ["/set"], argument: "NAME VALUE", words: parameters.map { $0 + " " },
      "sets a sampling parameter: \(parameters.joined(separator: ", "))", parse: parseSet),
    Form(["/system"], argument: "TEXT", "sets the instructions and begins afresh") {
      $0.isEmpty ? nil : .system($0)
    },
    Form(["/regen"], "answers the last message again") { bare($0, .regen) },
    Form(["/clear"], "forgets the conversation") { bare($0, .clear) },
    Form(["/save"], argument: "FILE", "saves the session's records as JSON Lines") {
      $0.isEmpty ? nil : .save($0)
    },
    Form(["/load"], argument: "FILE", "loads a saved session") { $0.isEmpty ? nil : .load($0) },
    Form(["/stats"], "says what the last answer cost and how deep it went") { bare($0, .stats) },
    Form(["/theme"], argument: "NAME", "changes the colours") { $0.isEmpty ? nil : .theme($0) },
    Form(["/quit", "/exit", "/bye"], "leaves") { bare($0, .quit) },
  ]

  private static func bare(_ argument: String, _ command: SlashCommand) -> SlashCommand? {
    argument.isEmpty ? command : nil
  }

  /// A list of blocks, `auto N`, or nothing.
  private static func parsePrune(_ argument: String) throws(ScreenError) -> SlashCommand? {
    if argument.isEmpty { return .pruneEditor }
    if argument == "measure" { return .measureBlocks }
    let words = argument.split(whereSeparator: \.isWhitespace)
    if words.count == 2, words[0] == "auto" {
      return Int(words[1]).flatMap { $0 >= 0 ? .pruneFirst($0) : nil }
    }
    return BlockSet(parsing: argument).map { .prune($0) }
  }

  /// `NAME VALUE`, ollama's `parameter NAME VALUE`, or `system TEXT`.
  private static func parseSet(_ argument: String) throws(ScreenError) -> SlashCommand? {
    var words = argument.split(maxSplits: 1, whereSeparator: \.isWhitespace).map(String.init)
    if words.first == "parameter", words.count == 2 {
      words = words[1].split(maxSplits: 1, whereSeparator: \.isWhitespace).map(String.init)
    }
    guard words.count == 2 else { return nil }
    let value = words[1].trimmingSpaces
    if words[0] == "system" { return .system(value) }
    guard parameters.contains(words[0]) else {
      let near = Spelling.nearest(to: words[0], among: parameters)
      throw ScreenError(
        .badArgument, at: "/set",
        "there is no parameter \(words[0])." + (near.map { " Did you mean \($0)?" } ?? "")
          + " There are: \(parameters.joined(separator: ", ")).")
    }
    guard Double(value) != nil else {
      throw ScreenError(.badArgument, at: "/set \(words[0])", "\(value) is not a number.")
    }
    return .set(name: words[0], value: value)
  }
}
