import ArgumentParser
import Events
import Files
import Foundation

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
      ChatCommand.self, RunCommand.self, SessionsCommand.self, ReplayCommand.self,
      BenchCommand.self, EvalCommand.self,
      PruneCommand.self, PruneTableCommand.self, ExportCommand.self,
      PullCommand.self, ListCommand.self, RemoveCommand.self, ShowCommand.self,
      TokenizeCommand.self,
      TuneCommand.self, CalibrateCommand.self, OracleCommand.self, PasskeyCommand.self,
    ],
    defaultSubcommand: ChatCommand.self
  )

  /// Runs the command that the arguments ask for. What is printed at the end, help or an error, is written as
  /// everything else is.
  static func main() async {
    StandardStreams.prepare()
    do {
      try OpenFiles.raiseLimit()
      var command = try parseAsRoot(HubOptions.plain(CommandLine.arguments.dropFirst()))
      if let user = command as? any RunsModel { command = try await user.withModelFetched() }
      if var command = command as? any AsyncParsableCommand {
        try await command.run()
      } else {
        try command.run()
      }
    } catch {
      let code = exitCode(for: error)
      let message = fullMessage(for: error)
      if !message.isEmpty {
        if code.isSuccess {
          do { try say(message) } catch { Foundation.exit(ExitCode.cannotWrite.rawValue) }
        } else {
          printError(message)
        }
      }
      Foundation.exit(code.rawValue)
    }
  }
}
