package import Dials

/// A drafter's entry in the catalogue: its word, what it proposes, and how one is made.
package struct DraftTechnique: Sendable {
  /// Who drafts.
  package enum Maker: Sendable {
    /// A drafter that sees only the text and what passes found out, for a vocabulary of this size.
    case free(@Sendable (_ vocabularyCount: Int) -> any Drafter)
    /// One that asks a head that was trained for the model. Where one is given, it joins those of `auto`.
    case trained(@Sendable (_ head: any GuessingHead) -> any Drafter)
    /// A drafter that runs the model.
    case model(@Sendable () -> any ModelDrafter)
    /// Nobody: tokens with this name stand in the tree of another drafter.
    case filler
  }

  /// The word that people ask for it by and records carry.
  package let source: DraftSource
  /// What it proposes, for help: `what followed the same words earlier in the text`.
  package let help: String
  /// Whether `auto` asks it for every model: it needs neither training nor a pass of its own.
  package let isAutomatic: Bool
  /// How one is made.
  package let make: Maker

  /// Whether people can ask for it by its word.
  package var isSelectable: Bool { if case .filler = make { false } else { true } }

  /// Whether the drafter runs the model.
  package var runsModel: Bool { if case .model = make { true } else { false } }

  init(_ source: DraftSource, _ help: String, isAutomatic: Bool = false, _ make: Maker) {
    self.source = source
    self.help = help
    self.isAutomatic = isAutomatic
    self.make = make
  }
}
