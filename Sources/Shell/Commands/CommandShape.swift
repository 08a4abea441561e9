package import Foundation

/// A command with its options and the commands below it, read from what the parser tells of itself.
package struct CommandShape: Hashable, Sendable {
  /// Its name.
  package var name: String
  /// What it does, in a line.
  package var summary: String
  /// What it does, in a paragraph or more; empty where a line is enough.
  package var details: String
  /// Whether the help shows it.
  package var isShown: Bool
  /// What can be written behind it.
  package var options: [OptionShape]
  /// The commands below it.
  package var children: [CommandShape]

  /// The command that the parser's JSON describes.
  package init(dump: Data) throws {
    self.init(try JSONDecoder().decode(Dump.self, from: dump).command)
  }

  private init(_ dump: Dump.Command) {
    (name, summary) = (dump.commandName, dump.abstract ?? "")
    (details, isShown) = (dump.discussion ?? "", dump.shouldDisplay ?? true)
    options = (dump.arguments ?? []).map(OptionShape.init)
    children = (dump.subcommands ?? []).filter { $0.commandName != "help" }.map(CommandShape.init)
  }
}

/// What the parser writes, as far as it is of use here.
private struct Dump: Decodable {
  struct Command: Decodable {
    var commandName: String
    var abstract: String?
    var discussion: String?
    var shouldDisplay: Bool?
    var arguments: [Argument]?
    var subcommands: [Command]?
  }

  struct Argument: Decodable {
    struct Name: Decodable {
      var kind: String
      var name: String
    }

    var kind: String
    var names: [Name]?
    var valueName: String?
    var abstract: String?
    var discussion: String?
    var defaultValue: String?
    var allValues: [String]?
    var sectionTitle: String?
    var isRepeating: Bool?
    var isOptional: Bool?
    var shouldDisplay: Bool?
    var parsingStrategy: String?
  }

  var command: Command
}

extension OptionShape {
  fileprivate init(_ dump: Dump.Argument) {
    let names = dump.names ?? []
    let kinds: [String: Kind] = ["option": .option, "flag": .flag]
    self.init(
      kinds[dump.kind] ?? .argument, names.filter { $0.kind == "long" }.map(\.name),
      short: names.filter { $0.kind != "long" }.map(\.name), valueName: dump.valueName ?? "",
      summary: [dump.abstract, dump.discussion].compactMap(\.self).joined(separator: " "),
      defaultValue: dump.defaultValue, choices: dump.allValues ?? [], group: dump.sectionTitle,
      isRepeating: dump.isRepeating ?? false,
      takesSeveral: dump.parsingStrategy == "upToNextOption",
      isOptional: dump.isOptional ?? true, isShown: dump.shouldDisplay ?? true)
  }
}
