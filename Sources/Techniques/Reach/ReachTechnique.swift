package import Dials

/// A word of the reach dial's notation, in one file with what it means: a technique, a number that
/// belongs to one, or the distance at which far positions are seen.
///
/// What a row sees is geometry, and lies in `ReachSetting`; a technique is a name for some of it.
package struct ReachTechnique: Sendable {
  /// What the word says.
  package enum Kind: Sendable {
    /// What attention keeps of the past.
    case technique(ReachSetting.Technique)
    /// A number, which follows the word: how many positions.
    case number
    /// At which distance positions before the window are seen.
    case distance(ReachSetting.Distance)
  }

  /// The word.
  package let word: String
  /// What it means, for help.
  package let help: String
  /// What it says.
  package let kind: Kind
  /// Its number in a setting that it says something of; nil where it says nothing.
  let value: @Sendable (ReachSetting) -> Int?
  /// What a person reads behind the window's length, for its number.
  let label: @Sendable (Int) -> String

  private init(
    _ word: String, _ help: String, _ kind: Kind,
    value: @escaping @Sendable (ReachSetting) -> Int? = { _ in nil },
    label: @escaping @Sendable (Int) -> String = { _ in "" }
  ) {
    self.word = word
    self.help = help
    self.kind = kind
    self.value = value
    self.label = label
  }

  /// A name for what attention keeps.
  static func technique(_ technique: ReachSetting.Technique, _ help: String) -> ReachTechnique {
    ReachTechnique(technique.rawValue, help, .technique(technique))
  }

  /// A number and where it stands in a setting that has it.
  static func number(
    _ word: String, _ help: String, value: @escaping @Sendable (ReachSetting) -> Int?,
    label: @escaping @Sendable (Int) -> String
  ) -> ReachTechnique {
    ReachTechnique(word, help, .number, value: value, label: label)
  }

  /// A distance; `label` is what a person reads of it, empty for the usual one.
  static func distance(
    _ distance: ReachSetting.Distance, _ help: String, label: String
  ) -> ReachTechnique {
    ReachTechnique(
      distance.rawValue, help, .distance(distance),
      value: { $0.distance == distance && !label.isEmpty ? 0 : nil }, label: { _ in label })
  }
}
