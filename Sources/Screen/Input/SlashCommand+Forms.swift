import Dials
import Events
import Reports
import Techniques

extension SlashCommand {
  /// One command: how it is written, what its argument may begin with, how the help explains it and
  /// what it does.
  package struct Form: Sendable {
    /// The name and its other names.
    package let names: [String]
    /// What follows the name; empty when nothing does.
    package let argument: String
    /// What it does, without a full stop.
    package let summary: String
    /// Words that the argument may begin with, for completion.
    package let words: [String]
    /// What it does with an argument; nil when the argument is not one.
    let effect: @Sendable (String) throws(ScreenError) -> Effect?

    init(
      _ names: [String], argument: String = "", words: [String] = [], _ summary: String,
      effect: @escaping @Sendable (String) throws(ScreenError) -> Effect?
    ) {
      self.names = names
      self.argument = argument
      self.words = words
      self.summary = summary
      self.effect = effect
    }

    /// The name with its argument, as help and errors show it.
    package var usage: String {
      argument.isEmpty ? names.joined(separator: " or ") : "\(names[0]) \(argument)"
    }
  }

  private static let parameters = Parameter.allCases.map(\.rawValue)
  private static let presets = (Preset.allCases.filter { $0 != .off } + [.off]).map(\.rawValue)

  /// The words of a notation as completion offers them: what follows all but `off` stands behind a space.
  private static func opening(_ words: [String]) -> [String] {
    words.map { $0 == "off" ? $0 : $0 + " " }
  }

  /// Every command, in the order of the help.
  package static let forms: [Form] = [
    Form(["/help", "/?"], "shows the keys and the commands") {
      bare(
        $0,
        Effect(inLines: .say(forms.map { "\($0.usage): \($0.summary)" })) { state in
          state.overlay = .help(from: 0)
          return []
        })
    },
    Form(
      ["/exit-policy"],
      argument: ExitSetting.usage, words: opening(ExitSetting.words),
      "says when a token may leave early (N: blocks executed, T and G: thresholds)"
    ) { $0.isEmpty ? nil : .session(.exitPolicy($0)) },
    Form(
      ["/preset"], argument: presets.joined(separator: " | "), words: presets,
      "puts a calibrated setting in force, or full depth"
    ) { Preset(rawValue: $0).map { .session(.preset($0)) } },
    Form(
      ["/mode"], argument: "identical | approximate", words: ["identical", "approximate"],
      "has full depth verify early exits, or takes them as they are"
    ) { ExitMode(rawValue: $0).map { .session(.mode($0)) } },
    Form(
      ["/adapter"], argument: "FILE | off", words: ["off"],
      "loads exits that were trained for the model, or puts them away"
    ) {
      let path = ["off", "none"].contains($0) ? nil : $0
      return $0.isEmpty ? nil : .session(.adapter(path), isPatient: true)
    },
    Form(
      ["/draft"], argument: "auto | off | auto-timed | ngram,recycle ... [N]",
      words: ["auto", "off", "auto-timed"] + DraftSetting.words,
      "says who drafts tokens that one pass verifies, and how many at most"
    ) { $0.isEmpty ? nil : .session(.draft($0)) },
    Form(
      ["/window"], argument: "N | off | lambda N sinks N ...",
      words: opening(["off"] + ReachSetting.techniqueWords),
      "says how many positions attention sees besides the first ones"
    ) { $0.isEmpty ? nil : .session(.window($0)) },
    Form(
      ["/budget"], argument: "60% | off", words: ["80%", "60%", "off"],
      "says how many feed-forwards run big; the others are small, token by token"
    ) { $0.isEmpty ? nil : .session(.budget($0)) },
    Form(
      ["/think"], argument: Thinking.usage, words: Thinking.allCases.map(\.rawValue),
      "folds what the model thinks, has it think nothing, or hides it"
    ) { Thinking(rawValue: $0).map { .session(.think($0)) } },
    Form(
      ["/prune"], argument: "3,7-9 | auto N [repair] | none | measure",
      words: ["auto ", "none", "measure"],
      "leaves blocks out of the model, by index or by what fathom prune found, and repairs the rest; "
        + "alone, the editor; measure says what each costs",
      effect: prune),
    Form(
      ["/export"], argument: "[--force] FILE.md | .json | .html | .gguf",
      "writes the conversation, or the model without the blocks left out; --force replaces a file",
      effect: export),
    Form(
      ["/compare"],
      "answers again with the same seed, side by side: as it is set now, or as the whole model says"
    ) { bare($0, Effect(inLines: .session(.compare)) { Comparing.toggle(in: &$0) }) },
    Form(["/whatif"], "says what another threshold would have made of the last answer") {
      bare(
        $0,
        Effect(inLines: .whatIf) { state in
          Comparing.toggleWhatIf(in: &state)
          return []
        })
    },
    Form(
      ["/set"], argument: "NAME VALUE", words: parameters.map { $0 + " " },
      "sets a sampling parameter: \(parameters.joined(separator: ", "))", effect: set),
    Form(
      ["/system"], argument: "[TEXT]", "shows the instructions, or sets them and begins afresh",
      effect: system),
    Form(["/regen"], "answers the last message again") {
      bare($0, .session(.regenerate, isPatient: true))
    },
    Form(["/continue"], "goes on with the last answer where it stopped") {
      bare($0, .session(.continueAnswer, isPatient: true))
    },
    undo, edit, read, copy, pin, unpin, show,
    Form(["/clear"], "forgets the conversation") {
      bare(
        $0,
        Effect(inLines: .session(.clear)) { state in
          if state.refusesWhileAnswering() { return [] }
          state.clearConversation()
          return [.command(.clear)]
        })
    },
    Form(
      ["/save"], argument: "[--force] FILE",
      "saves the session's records as JSON Lines; --force replaces a file that is no save of it"
    ) {
      file($0).map { .session(.save(to: $0.path, replaces: $0.replaces)) }
    },
    Form(["/load"], argument: "FILE", "loads a saved session") {
      $0.isEmpty ? nil : .session(.load(from: $0), isPatient: true)
    },
    Form(
      ["/sessions"], argument: "[WORDS]",
      "lists the conversations that are kept, or those in which all of these words were said"
    ) { words in
      Effect(inLines: .session(.conversations(.list(words)))) {
        ConversationsBoard.open(words, in: &$0)
      }
    },
    Form(["/resume"], argument: "ID", "goes on with a conversation of /sessions") {
      $0.isEmpty ? nil : .session(.conversations(.resume($0)), isPatient: true)
    },
    Form(
      ["/branch"], argument: "[NAME]",
      "goes on as a copy from here; the conversation of before stays as it is"
    ) { .session(.conversations(.branch($0.isEmpty ? nil : $0)), isPatient: true) },
    Form(["/mark"], argument: "[TEXT]", "marks this place, with a note, for a replay to go to") {
      .session(.mark($0))
    },
    Form(["/slow"], argument: "N | off", words: ["5", "off"], SlowMotion.summary) {
      SlowMotion.effect($0)
    },
    Form(["/lesson"], argument: "[N]", "plays a lesson of two minutes; alone, lists them") {
      LessonList.effect($0)
    },
    Form(["/model"], argument: "NAME", "goes on with another model, which reads this again") {
      $0.isEmpty ? nil : .session(.model($0), isPatient: true)
    },
    Form(["/stats"], "says what the last answer cost, how deep it went and what it was made with") {
      bare(
        $0,
        Effect(inLines: .statistics) { state in
          state.say(Notice(.information, state.statistics.lines.joined(separator: "\n")))
          return []
        })
    },
    Form(
      ["/panel"], argument: ViewChoices.Panel.allCases.map(\.rawValue).joined(separator: " | "),
      words: ViewChoices.Panel.allCases.map(\.rawValue), "says what stands beside the conversation"
    ) { name in
      ViewChoices.Panel(rawValue: name).map { panel in
        Effect(inLines: .say(["There is no panel in lines of text."])) { state in
          state.turnPanel(to: panel)
          return []
        }
      }
    },
    Form(["/theme"], argument: "NAME", "changes the colours") { name in
      name.isEmpty
        ? nil
        : Effect(inLines: .say(["There are no colours in lines of text."])) { _ in [.theme(name)] }
    },
    Form(
      ["/color"], argument: TextLook.usage, words: TextLook.words,
      "says what the colours of the words mean"
    ) { word in
      TextLook.takes(word)
        ? Effect(inLines: .say(["There are no colours in lines of text."])) { state in
          if let notice = state.look.color(by: word) { state.say(notice) }
          return []
        } : nil
    },
    Form(["/raw"], "shows answers as they came, or as Markdown again") {
      bare(
        $0,
        Effect(inLines: .say(["Lines of text are always as they came."])) { state in
          state.look.toggleRaw(&state.passages)
          state.wrapPassages(lines: state.rows)
          return []
        })
    },
    Form(["/quit", "/exit", "/bye"], "leaves") {
      bare($0, Effect(inLines: .leave) { _ in [.quit] })
    },
  ]

  /// The name of a file, and whether one that is there is replaced.
  static func file(_ argument: String) -> (path: String, replaces: Bool)? {
    let word = "--force"
    let isForced = argument == word || argument.hasPrefix(word + " ")
    let path = isForced ? String(argument.dropFirst(word.count)).trimmingSpaces : argument
    return path.isEmpty ? nil : (path, isForced)
  }

  static func bare(_ argument: String, _ effect: Effect) -> Effect? {
    argument.isEmpty ? effect : nil
  }

  /// A list of blocks, `auto N`, `measure`, or nothing.
  private static func prune(_ argument: String) throws(ScreenError) -> Effect? {
    if argument.isEmpty {
      return Effect(inLines: .session(.listBlocks)) { state in
        state.togglePruning()
        return []
      }
    }
    if argument == "measure" {
      return Effect(inLines: .session(.measureBlocks)) { $0.measureBlocks() }
    }
    let words = argument.split(whereSeparator: \.isWhitespace)
    if words.count == 3, words[0] == "auto", words[2] == "repair" {
      return Int(words[1]).flatMap {
        $0 >= 0 ? .session(.repairFirst($0), isPatient: true) : nil
      }
    }
    if words.count == 2, words[0] == "auto" {
      return Int(words[1]).flatMap { $0 >= 0 ? .session(.pruneFirst($0)) : nil }
    }
    if let outside = BlockSet.firstBeyondCapacity(in: argument) {
      throw ScreenError(
        .badArgument, at: "/prune",
        "\"\(argument)\": the model has no block \(outside). F4 shows the blocks it has.")
    }
    return BlockSet(parsing: argument).map { .session(.prune($0)) }
  }

  /// `NAME VALUE`, ollama's `parameter NAME VALUE`, or `system TEXT`.
  private static func set(_ argument: String) throws(ScreenError) -> Effect? {
    var words = argument.split(maxSplits: 1, whereSeparator: \.isWhitespace).map(String.init)
    if words.first == "parameter", words.count == 2 {
      words = words[1].split(maxSplits: 1, whereSeparator: \.isWhitespace).map(String.init)
    }
    guard words.count == 2 else { return nil }
    let value = words[1].trimmingSpaces
    if words[0] == "system" { return .session(.system(value), isPatient: true) }
    guard let parameter = Parameter(rawValue: words[0]) else {
      let near = Spelling.nearest(to: words[0], among: parameters)
      throw ScreenError(
        .badArgument, at: "/set",
        "there is no parameter \(words[0])." + (near.map { " Did you mean \($0)?" } ?? "")
          + " There are: \(parameters.joined(separator: ", ")).")
    }
    guard Double(value) != nil else {
      throw ScreenError(.badArgument, at: "/set \(words[0])", "\(value) is not a number.")
    }
    return .session(.set(parameter, to: value))
  }
}
