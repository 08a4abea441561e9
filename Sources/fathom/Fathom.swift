import ArgumentParser
import Events

/// The command line: one file per command beside this one.
@main
struct Fathom: AsyncParsableCommand {
  /// The program's version.
  static let release = "0.1.0"

  /// The program as records name it.
  static let tool = SessionRecord.Tool(name: "fathom", version: release, commit: commit)

  static let configuration = CommandConfiguration(
    commandName: "fathom",
    abstract: "Chat with a local language model and see how much of it each token used.",
    version: release + (commit.map { " (\($0))" } ?? ""),
    subcommands: [
      ChatCommand.self, RunCommand.self, ReplayCommand.self, BenchCommand.self, EvalCommand.self,
      PruneCommand.self, PruneTableCommand.self, ExportCommand.self,
      PullCommand.self, ListCommand.self, ShowCommand.self, TokenizeCommand.self,
      TuneCommand.self, CalibrateCommand.self, PasskeyCommand.self,
    ],
    defaultSubcommand: ChatCommand.self
  )
}
