/// The manual page of the program: what the commands say of themselves, and what they have in common.
package struct ManualPage: Sendable {
  /// Words with what they mean.
  package typealias Items = [(term: String, words: String)]

  /// The commands.
  package var root: CommandShape
  /// The program's version.
  package var version: String
  /// The names of commands under the title of their group.
  package var groups: [(title: String, names: [String])]
  /// Titles of sections behind those of the commands, with an opening and items.
  package var sections: [(title: String, opening: String, items: Items)]
  /// What to type, with what it does.
  package var examples: Items

  /// A page with these parts.
  package init(
    root: CommandShape, version: String, groups: [(title: String, names: [String])],
    sections: [(title: String, opening: String, items: Items)], examples: Items
  ) {
    (self.root, self.version, self.groups) = (root, version, groups)
    (self.sections, self.examples) = (sections, examples)
  }

  /// The page, in the language of `man`.
  package var text: String {
    var page = ManualText(name: root.name, version: version, date: "", title: "User Commands")
    page.section("name")
    page.paragraphs("\(root.name) - \(Self.small(root.summary))")
    page.section("synopsis")
    page.item("\(root.name) [COMMAND] [OPTIONS]", "Without a command: chat.")
    page.section("description")
    page.paragraphs(root.details.isEmpty ? root.summary : root.details)
    page.section("commands")
    for group in groups {
      page.part(group.title)
      for command in root.children where group.names.contains(command.name) {
        page.item(command.name, command.summary)
      }
    }
    for command in root.children where command.isShown { add(command, below: [], to: &page) }
    for section in sections {
      page.section(section.title)
      page.paragraphs(section.opening)
      for item in section.items { page.item(item.term, item.words) }
    }
    page.section("examples")
    for example in examples {
      page.paragraphs(example.words)
      page.literal([example.term])
    }
    return page.text
  }

  private func add(_ command: CommandShape, below path: [String], to page: inout ManualText) {
    let path = path + [command.name]
    page.section(([root.name] + path).joined(separator: " "))
    page.paragraphs(command.summary)
    page.paragraphs(command.details)
    let shown = command.options.filter { $0.isShown && !$0.longNames.contains("help") }
    var groups: [String] = []
    for option in shown where !groups.contains(option.group ?? "") {
      groups.append(option.group ?? "")
    }
    for group in groups {
      if !group.isEmpty { page.part(group) }
      for option in shown where option.group ?? "" == group {
        page.item(Self.term(option), Self.words(option))
      }
    }
    for child in command.children where child.isShown { add(child, below: path, to: &page) }
  }

  /// The names of an option with its value: `-m, --model FILE`.
  private static func term(_ option: OptionShape) -> String {
    let value = option.valueName.uppercased()
    if option.kind == .argument { return option.isOptional ? "[\(value)]" : value }
    let names = option.shortNames.map { "-\($0)" } + option.longNames.map { "--\($0)" }
    return names.joined(separator: ", ") + (option.kind == .option ? " \(value)" : "")
  }

  private static func words(_ option: OptionShape) -> String {
    let value = option.defaultValue.map { " Default: \($0)." } ?? ""
    return option.summary + value
  }

  /// A sentence as the page's first line has it: no capital, no full stop.
  private static func small(_ sentence: String) -> String {
    let end = sentence.hasSuffix(".") ? sentence.dropLast() : sentence[...]
    return end.prefix(1).lowercased() + end.dropFirst()
  }
}
