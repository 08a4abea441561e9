/// An option, a flag or an argument of a command, as the parser knows it.
package struct OptionShape: Hashable, Sendable {
  /// What is written behind the command.
  package enum Kind: Hashable, Sendable {
    /// A name with a value behind it.
    case option
    /// A name alone.
    case flag
    /// A value without a name.
    case argument
  }

  /// Which of them it is.
  package var kind: Kind
  /// Its names with two dashes, without them; the first is the one that variables and files go by.
  package var longNames: [String]
  /// Its names with one dash, without it: letters, and words such as `sys`.
  package var shortNames: [String]
  /// What stands for its value in the help.
  package var valueName: String
  /// What it is for.
  package var summary: String
  /// Its value where nobody says one.
  package var defaultValue: String?
  /// The words that it takes, where those are few.
  package var choices: [String]
  /// The title of the group that it stands in.
  package var group: String?
  /// Whether it may be given several times.
  package var isRepeating: Bool
  /// Whether all values behind it are its own, up to the next name.
  package var takesSeveral: Bool
  /// Whether it can be left out.
  package var isOptional: Bool
  /// Whether the help shows it.
  package var isShown: Bool

  /// The option of this name; what nobody says is as for an option of its own with a value.
  package init(
    _ kind: Kind, _ longNames: [String], short shortNames: [String] = [], valueName: String = "",
    summary: String = "", defaultValue: String? = nil, choices: [String] = [],
    group: String? = nil, isRepeating: Bool = false, takesSeveral: Bool = false,
    isOptional: Bool = true, isShown: Bool = true
  ) {
    (self.kind, self.longNames, self.shortNames) = (kind, longNames, shortNames)
    (self.valueName, self.summary, self.defaultValue) = (valueName, summary, defaultValue)
    (self.choices, self.group, self.isRepeating) = (choices, group, isRepeating)
    (self.takesSeveral, self.isOptional, self.isShown) = (takesSeveral, isOptional, isShown)
  }

  /// The name that variables and files go by; nil for an argument, and for what asks for help.
  package var key: String? {
    guard kind != .argument, let name = longNames.first, !["help", "version"].contains(name) else {
      return nil
    }
    return name
  }
}
