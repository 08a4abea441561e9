import Dials

/// A word of the reach dial's notation, in one file with what it means: a technique, a number that
/// belongs to one, or the distance at which far positions are seen.
///
/// What a row sees is geometry, and lies in `ReachSetting`; a technique is a name for some of it.
package struct ReachTechnique: Sendable {
  /// What the word says.
  enum Kind: Sendable {
    /// What attention keeps of the past.
    case technique(ReachSetting.Technique)
    /// A number of positions, which follows the word: where it stands in a setting that has it, and how
    /// a person reads it behind the window's length.
    case number(
      value: @Sendable (ReachSetting) -> Int?, label: @Sendable (Int) -> String)
    /// At which distance positions before the window are seen, and how a person reads it; the usual one
    /// is not said.
    case distance(ReachSetting.Distance, label: String?)
    /// Turns of a conversation leave whole.
    case turns
  }

  /// The word.
  package let word: String
  /// What it means, for help.
  package let help: String
  /// What it says.
  let kind: Kind

  /// A word.
  init(_ word: String, _ help: String, _ kind: Kind) {
    self.word = word
    self.help = help
    self.kind = kind
  }

  /// What the notation of a setting says with this word, behind the window's length; nil: nothing.
  func notation(of setting: ReachSetting) -> String? {
    switch kind {
    case .technique: nil
    case .turns: setting.turns ? word : nil
    case .number(let value, _): value(setting).map { "\(word) \($0)" }
    case .distance(let distance, let label):
      label != nil && setting.distance == distance ? word : nil
    }
  }

  /// What a person reads of it there; nil: nothing.
  func label(of setting: ReachSetting) -> String? {
    switch kind {
    case .technique: nil
    case .turns: setting.turns ? ", whole turns" : nil
    case .number(let value, let label): value(setting).map(label)
    case .distance(let distance, let label): setting.distance == distance ? label : nil
    }
  }
}
