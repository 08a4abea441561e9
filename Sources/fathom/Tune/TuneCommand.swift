import ArgumentParser

/// `fathom tune`: what can be taught to a model on this machine.
struct TuneCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "tune",
    abstract: "Teach a model to leave early, to guess ahead, and to save feed-forwards.",
    discussion: """
      `tune answers` has the model answer prompts: text of its own to learn from. `tune exits` trains \
      small modules that let it speak before its last block, `tune draft` a head that guesses the next \
      tokens, `tune duo` small feed-forwards that stand in for the big ones where a token does not need \
      them, `tune memory` makes the tables that drafters begin with; the model itself stays as it is. \
      `tune msn` teaches the model to look past wrong guesses, so that more of its own come true.
      """,
    subcommands: [
      TuneExitsCommand.self, TuneDraftCommand.self, TuneDuoCommand.self, TuneLiteCommand.self,
      TuneMSNCommand.self,
      TuneMemoryCommand.self, TuneAnswersCommand.self,
    ])
}
