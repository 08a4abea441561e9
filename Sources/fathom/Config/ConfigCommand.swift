import ArgumentParser
import Foundation
import Models
import Reports
import Shell

/// `fathom config`: what variables and the config file say.
struct ConfigCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "config", abstract: "Show the settings that variables and the config file make.",
    discussion: """
      Every option has a key in the file and a variable: --ctx-size is ctx-size there and \
      FATHOM_CTX_SIZE. What is written behind a command goes before a variable, a variable before the \
      file. docs/SHELL.md says more.
      """,
    subcommands: [ShowConfigCommand.self, ConfigPathCommand.self],
    defaultSubcommand: ShowConfigCommand.self)
}

/// `fathom config path`: where the file is.
struct ConfigPathCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "path", abstract: "Print where the config file is, or would be.")

  func run() async throws {
    try await reportingErrors {
      let path = ConfigFile.path(
        in: Places().config, environment: ProcessInfo.processInfo.environment)
      if let path { return try say(path.visible) }
      printError("fathom: FATHOM_CONFIG is empty: no file is read")
    }
  }
}

/// `fathom config show`: what is set.
struct ShowConfigCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "show", abstract: "Print what is set, as TOML.",
    discussion: """
      Without a command what variables and the file say; behind the name of a command the value of each of its options, \
      with the defaults.
      """)

  @Argument(
    help: "A command, such as chat or tune exits.", completion: .custom(Completions.commands))
  var command: [String] = []

  @Flag(help: "Say where each value is from.")
  var origin = false

  func run() async throws {
    try await reportingErrors {
      let tree = CommandTree(Fathom.self)
      let sources = try SettingSources.ofThisUser(tree)
      if command.isEmpty { return try showAll(sources) }
      let (path, count) = tree.commands(in: command)
      guard let leaf = path.last, count == command.count, leaf.children.isEmpty else {
        throw ValidationError("There is no command \(command.joined(separator: " ")).".visible)
      }
      try show(path, sources)
    }
  }

  private func showAll(_ sources: SettingSources) throws {
    var scopes: [[String]] = []
    var found: [[String]: [Setting]] = [:]
    for path in sources.tree.paths {
      for setting in try sources.settings(for: path) {
        if found[setting.scope] == nil { scopes.append(setting.scope) }
        if found[setting.scope]?.contains(setting) != true {
          found[setting.scope, default: []].append(setting)
        }
      }
    }
    var isFirst = true
    for scope in scopes.filter(\.isEmpty) + scopes.filter({ !$0.isEmpty }) {
      if !scope.isEmpty {
        try fathom.say((isFirst ? "" : "\n") + "[\(scope.joined(separator: "."))]")
      }
      isFirst = false
      for setting in found[scope] ?? [] { try say(setting) }
    }
    if isFirst { printError("fathom: neither a variable nor the config file sets anything") }
  }

  private func show(_ path: [CommandTree], _ sources: SettingSources) throws {
    let settings = try sources.settings(for: path)
    for option in path.last?.options ?? [] {
      guard let key = option.key else { continue }
      if let setting = settings.first(where: { $0.key == key }) {
        try say(setting)
      } else if let value = option.defaultValue ?? (option.kind == .flag ? "false" : nil) {
        let setting: Setting.Value = option.kind == .flag ? .flag(value == "true") : .words([value])
        try say(Setting(key, setting, from: .variable("default")))
      } else {
        try fathom.say("# \(key) is not set".visible)
      }
    }
  }

  private func say(_ setting: Setting) throws {
    let line = "\(setting.key) = \(setting.words)"
    try fathom.say((origin ? "\(line)  # \(setting.origin)" : line).visible)
  }
}

extension CommandTree {
  /// The ways to all commands below this one that have no further ones.
  var paths: [[CommandTree]] {
    children.flatMap { child in
      child.children.isEmpty ? [[child]] : child.paths.map { [child] + $0 }
    }
  }
}
