import ArgumentParser
import Events
import Files
import Foundation
import Reports
import Shell

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
    subcommands: [ManualCommand.self],
    groupedSubcommands: [
      CommandGroup(
        name: "Talk",
        subcommands: [
          ChatCommand.self, RunCommand.self, SessionsCommand.self, ReplayCommand.self,
          LessonCommand.self,
        ]),
      CommandGroup(
        name: "Look",
        subcommands: [
          ListCommand.self, ShowCommand.self, TokenizeCommand.self, ConfigCommand.self,
          DoctorCommand.self,
        ]),
      CommandGroup(
        name: "Measure",
        subcommands: [
          BenchCommand.self, EvalCommand.self, OracleCommand.self, PasskeyCommand.self,
          PruneTableCommand.self,
        ]),
      CommandGroup(
        name: "Change the model",
        subcommands: [
          PullCommand.self, RemoveCommand.self, PruneCommand.self, ExportCommand.self,
          TuneCommand.self, CalibrateCommand.self,
        ]),
    ],
    defaultSubcommand: ChatCommand.self
  )

  /// Runs the command that the arguments ask for. What is printed at the end, help or an error, is written as
  /// everything else is.
  static func main() async {
    StandardStreams.prepare()
    do {
      try OpenFiles.raiseLimit()
      var (command, arguments) = try CommandReader.command(
        for: HubOptions.plain(CommandLine.arguments.dropFirst()))
      CommandLineText.keep(arguments)
      if let logging = command as? any KeepsLog { try logging.beginLog() }
      if let user = command as? any RunsModel { command = try await user.withModelFetched() }
      if var command = command as? any AsyncParsableCommand {
        try await command.run()
      } else {
        try command.run()
      }
    } catch let error as SettingError {
      printError("fathom: \(error)".visible)
      Foundation.exit(ExitCode.badConfiguration.rawValue)
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
