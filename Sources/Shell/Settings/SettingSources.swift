import Files
import Reports

/// The variables and the file, and what they say of a command's options: the one place that knows who goes before
/// whom. What a person writes behind the command goes before a variable, a variable before the file; and in each
/// of them what is said of one command before what is said of all.
package struct SettingSources: Sendable {
  /// All commands.
  package let tree: CommandTree
  /// The variables.
  package let environment: [String: String]
  /// The file, if there is one.
  package let file: ConfigFile?

  /// Variables and a file for these commands.
  package init(tree: CommandTree, environment: [String: String], file: ConfigFile?) {
    (self.tree, self.environment, self.file) = (tree, environment, file)
  }

  /// Whether anybody says anything.
  package var isEmpty: Bool {
    file?.entries.isEmpty ?? true
      && !environment.contains { name, value in
        name.hasPrefix(VariableName.prefix) && !value.isEmpty && !VariableName.others.contains(name)
      }
  }

  /// What is said of the options of the command that `path` leads to, but of those that are `given`; variables
  /// first. What excludes something that is given, or that goes before, is left out.
  package func settings(
    for path: [CommandTree], given: Set<String> = []
  ) throws(SettingError) -> [Setting] {
    guard let command = path.last else { return [] }
    var found: [Setting] = []
    for option in command.options {
      guard let key = option.key, !given.contains(key) else { continue }
      if let setting = try setting(of: option, key: key, path: path) { found.append(setting) }
    }
    let isVariable: (Setting) -> Bool = { if case .variable = $0.origin { true } else { false } }
    found = found.filter(isVariable) + found.filter { !isVariable($0) }
    var before = given.map { ($0, Setting.Origin?.none) }
    return found.filter { setting in
      let isExcluded = before.contains { key, origin in
        !Self.isSameSource(origin, setting.origin) && Self.excludes(key, setting.key)
      }
      if !isExcluded { before.append((setting.key, setting.origin)) }
      return !isExcluded
    }
  }

  // MARK: - Who excludes whom

  /// Options of which a command takes those of one side only.
  private static let rivals: [(Set<String>, Set<String>)] = [
    (["model"], ["hf"]), (["preset"], ["exit-policy", "short-head"]),
    (["prune-blocks"], ["pruned", "blocks"]),
  ]

  private static func excludes(_ one: String, _ other: String) -> Bool {
    rivals.contains {
      $0.contains(one) && $1.contains(other) || $1.contains(one) && $0.contains(other)
    }
  }

  private static func isSameSource(_ one: Setting.Origin?, _ other: Setting.Origin) -> Bool {
    switch (one, other) {
    case (.variable, .variable), (.file, .file): true
    default: false
    }
  }

  // MARK: - Of one option

  private func setting(
    of option: OptionShape, key: String, path: [CommandTree]
  ) throws(SettingError) -> Setting? {
    let names = path.map(\.name)
    for count in (0...names.count).reversed() {
      let scope = Array(names.prefix(count))
      for name in VariableName.candidates(for: option, of: scope) {
        guard let text = environment[name], !text.isEmpty else { continue }
        let isGeneral = count < names.count
        if let value = try value(of: text, in: name, option: option, isGeneral: isGeneral) {
          return Setting(key, value, of: scope, from: .variable(name))
        }
      }
    }
    guard let file else { return nil }
    for count in (0...names.count).reversed() {
      let scope = Array(names.prefix(count))
      let entries = file.entries.filter {
        Array($0.path.dropLast()) == scope && option.longNames.contains($0.path.last ?? "")
      }
      guard let entry = entries.first else { continue }
      if let other = entries.dropFirst().first {
        throw SettingError(
          at: "\(file.origin(other))",
          "\(other.path.joined(separator: ".")): line \(entry.line) says it already, as "
            + "\(entry.path.joined(separator: ".")).")
      }
      if let value = try value(
        of: entry, in: file, option: option, isGeneral: count < names.count)
      {
        return Setting(key, value, of: scope, from: file.origin(entry))
      }
    }
    return nil
  }

  /// Whether another command has an option of this name that is of the other kind: what is said of all commands
  /// may be meant for that one.
  private func isAmbiguous(_ option: OptionShape) -> Bool {
    guard let key = option.key else { return false }
    return tree.options(of: key).contains { $0.kind != option.kind }
  }

  private func value(
    of text: String, in name: String, option: OptionShape, isGeneral: Bool
  ) throws(SettingError) -> Setting.Value? {
    let flag = Self.flags[text.lowercased()]
    if option.kind == .flag {
      if let flag { return .flag(flag) }
      if isGeneral, isAmbiguous(option) { return nil }
      throw SettingError(
        at: name, "\"\(text)\" is neither true nor false (1 and 0 will do).".visible)
    }
    if flag != nil, isGeneral, isAmbiguous(option) { return nil }
    let lines = text.split(separator: "\n").map(String.init)
    return .words(option.isRepeating ? lines : [text])
  }

  private static let flags = [
    "1": true, "true": true, "yes": true, "on": true,
    "0": false, "false": false, "no": false, "off": false,
  ]

  private func value(
    of entry: TOMLText.Entry, in file: ConfigFile, option: OptionShape, isGeneral: Bool
  ) throws(SettingError) -> Setting.Value? {
    let isFlag = option.kind == .flag
    switch (entry.value, Self.words(entry.value, isList: false)) {
    case (.flag(let flag), _) where isFlag: return .flag(flag)
    case (_, let words?) where !isFlag:
      return .words(option.isRepeating ? words : [words.joined(separator: ",")])
    case (.flag, _), (_, .some):
      if isGeneral, isAmbiguous(option) { return nil }
    default: break
    }
    throw SettingError(
      at: "\(file.origin(entry))",
      "\(entry.path.joined(separator: ".")) = \(entry.value): ".visible
        + (isFlag ? "it takes true or false." : "it takes a text in quotation marks or a number."))
  }

  /// The words that a value is, if it is one or a list of such.
  private static func words(_ value: TOMLText.Value, isList: Bool) -> [String]? {
    switch value {
    case .text(let text): return [text]
    case .whole(let number): return ["\(number)"]
    case .number(let number): return ["\(number)"]
    case .list(let values) where !isList:
      let words = values.compactMap { self.words($0, isList: true)?.first }
      return words.count == values.count ? words : nil
    default: return nil
    }
  }
}
