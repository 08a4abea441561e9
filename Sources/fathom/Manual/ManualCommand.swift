import ArgumentParser
import Files
import Foundation
import Reports
import Screen
import Shell

/// `fathom manual`: the manual page, for the installation.
struct ManualCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "manual", abstract: "Print the manual page, in the language of man.",
    shouldDisplay: false)

  func run() async throws {
    try await reportingErrors { try StandardStreams.write(try Self.page().text) }
  }

  private static func page() throws -> ManualPage {
    let root = try CommandShape(dump: Data(Fathom._dumpHelp().utf8))
    let groups = Fathom.configuration.groupedSubcommands.map { group in
      (title: group.name, names: group.subcommands.compactMap { $0.configuration.commandName })
    }
    return ManualPage(
      root: root, version: Fathom.release, groups: groups,
      sections: [
        (
          "in the conversation", "What begins with a slash is a command.",
          SlashCommand.forms.map { ($0.usage, $0.summary) }
        ),
        ("keys", "On the screen:", HelpView.keys),
        ("configuration", ManualTables.configuration, []),
        ("environment", ManualTables.environment, ManualTables.variables),
        ("files", "Folders follow the XDG Base Directory Specification.", ManualTables.files),
        (
          "exit status", "",
          ExitCode.meanings.map { ("\($0.code.rawValue)", $0.words) }
        ),
      ], examples: ManualTables.examples)
  }
}
