import ArgumentParser
import Files
import Foundation
import Models
import Shell
import Synchronization

/// Makes a command of the arguments, the variables and the person's file: what those two say is put before what is
/// written behind the command, so that one parser checks it all.
struct CommandReader {
  /// The commands and those behind them that take no settings: they look at those.
  private static let unsettled: Set = ["config", "doctor", "manual"]
  /// What the parser answers itself.
  private static let questions: Set = [
    "-h", "--help", "-help", "--help-hidden", "--version", "--experimental-dump-help",
  ]

  /// The names of the commands, as they are written.
  private let path: [String]
  /// What stands behind them.
  private let given: [String]

  /// The command, and the arguments that come to it.
  static func command(
    for arguments: [String]
  ) throws -> (command: any ParsableCommand, arguments: [String]) {
    let tree = CommandTree(Fathom.self)
    let (path, count) = tree.commands(in: arguments)
    guard let command = path.last, let name = path.first?.name, !unsettled.contains(name),
      !isQuestion(arguments)
    else { return (try Fathom.parseAsRoot(arguments), arguments) }
    let sources = try SettingSources.ofThisUser(tree)
    if sources.isEmpty, let command = try? Fathom.parseAsRoot(arguments) {
      return (command, arguments)
    }
    let given = GivenArguments(Array(arguments.dropFirst(count)), options: command.options)
    let settings = try sources.settings(for: path, given: given.keys)
    let reader = CommandReader(path: path.map(\.name), given: given.arguments)
    return try reader.command(with: settings)
  }

  /// Whether the parser answers these arguments without running a command.
  private static func isQuestion(_ arguments: [String]) -> Bool {
    let first = arguments.first ?? ""
    return first == "help" || first.hasPrefix("---")
      || arguments.prefix { $0 != "--" }.contains {
        questions.contains($0) || $0.hasPrefix("--generate-completion-script")
      }
  }

  private func command(
    with settings: [Setting]
  ) throws -> (command: any ParsableCommand, arguments: [String]) {
    do { return try parse(settings, given) } catch {
      if Fathom.exitCode(for: error).isSuccess { throw error }
      return try parse(try fitting(settings), given)
    }
  }

  private func parse(
    _ settings: [Setting], _ given: [String]
  ) throws -> (command: any ParsableCommand, arguments: [String]) {
    let arguments = path + settings.flatMap(\.arguments) + given
    return (try Fathom.parseAsRoot(arguments), arguments)
  }

  /// The settings without those that contradict what goes before them; throws at one that makes no sense by
  /// itself.
  private func fitting(_ settings: [Setting]) throws -> [Setting] {
    var kept: [Setting] = []
    for setting in settings {
      let problem = problem(kept + [setting], given)
      if problem == nil || problem == self.problem(kept, given) {
        kept.append(setting)
      } else if let problem, self.problem([setting], []) != nil {
        throw SettingError(at: "\(setting.origin)", problem)
      }
    }
    return kept
  }

  private func problem(_ settings: [Setting], _ given: [String]) -> String? {
    do { _ = try parse(settings, given) } catch { return Fathom.message(for: error) }
    return nil
  }
}

extension SettingSources {
  /// The variables and the file of this person, which is checked as a whole.
  static func ofThisUser(_ tree: CommandTree) throws(SettingError) -> SettingSources {
    let environment = ProcessInfo.processInfo.environment
    let path = ConfigFile.path(in: Places().config, environment: environment)
    let file: ConfigFile? =
      if let path { try .read(path, isNamed: environment["FATHOM_CONFIG"] != nil) } else { nil }
    try file?.check(against: tree)
    return SettingSources(tree: tree, environment: environment, file: file)
  }
}

extension CommandTree {
  /// The command that this type is, with those below it.
  init(_ type: any ParsableCommand.Type) {
    let configuration = type.configuration
    let kept = OptionList { (try? CommandShape(dump: Data(type._dumpHelp().utf8)))?.options ?? [] }
    self.init(
      configuration.commandName ?? "\(type)".lowercased(),
      children: configuration.subcommands.map { CommandTree($0) },
      defaultChild: configuration.defaultSubcommand?.configuration.commandName,
      read: { kept.value })
  }
}

/// The options of a command, which are read once.
private final class OptionList: Sendable {
  private let read: @Sendable () -> [OptionShape]
  private let kept = Mutex<[OptionShape]?>(nil)

  init(read: @escaping @Sendable () -> [OptionShape]) { self.read = read }

  var value: [OptionShape] {
    kept.withLock { kept in
      if let kept { return kept }
      let options = read()
      kept = options
      return options
    }
  }
}
