public import Dials

/// What an early exit is used for. The two are never confused: the screen always names one.
public enum ExitMode: String, Hashable, RecordWord, CaseIterable, Sendable {
  /// The exit drafts; full depth verifies. The text is that of full depth.
  case identical
  /// The exit's token is taken as it is.
  case approximate
}

/// How the blocks that a token left out get its keys and values, where an exit is unverified.
public enum FillPolicy: String, Hashable, RecordWord, CaseIterable, Sendable {
  /// From the state at which it left (CALM's state propagation): cheap, and not exact.
  case propagate
  /// By running them later, together with the next token that goes deeper: exact, and one reading of
  /// the weights serves several tokens.
  case catchUp = "catch-up"
}

/// What the user is promised about the text.
public enum Contract: String, Hashable, Codable, Sendable {
  /// The same text as the dense model.
  case identical
  /// The same text as the dense model whose attention reaches no farther.
  case window
  /// Not the same text; agreement with full depth is measured and shown.
  case approximate
}

/// The dials together: one value that says how a forward pass differs from the plain one.
public struct DialSettings: Hashable, Sendable {
  /// Blocks that run for nobody.
  public var pruned: BlockSet
  /// When a token may leave early.
  public var exit: ExitSetting
  /// What an early exit is used for.
  public var mode: ExitMode
  /// In `identical` mode, how many tokens early exits draft before full depth verifies them (1 or
  /// more).
  public var draftLength: Int
  /// Who proposes the tokens that a pass verifies.
  public var draft: DraftSetting
  /// Whether exits ask the adapter's short head instead of the whole one. In `approximate` mode it
  /// also decides at full depth where its most probable token is more probable than this; 1 never is.
  /// Nil: the short head is not used.
  public var shortHead: Float?
  /// How blocks that a token left out get its keys and values.
  public var fill: FillPolicy
  /// Which past positions attention sees.
  public var reach: ReachSetting
  /// How many feed-forwards run big.
  public var budget: BudgetSetting
  /// Dials that a record of a newer version has in words which this one does not know; they stand at
  /// their usual place here, and are written again as they were read. The exit keeps its own.
  package internal(set) var unknownDials: [UnknownDial] = []

  /// All dials at zero: the plain model.
  public static let plain = DialSettings()

  /// Settings that differ from plain where an argument is given.
  public init(
    pruned: BlockSet = .none, exit: ExitSetting = .off, mode: ExitMode = .identical,
    draftLength: Int = 4, draft: DraftSetting = .exits,
    shortHead: Float? = nil, fill: FillPolicy = .propagate,
    reach: ReachSetting = .full, budget: BudgetSetting = .whole
  ) {
    self.pruned = pruned
    self.exit = exit
    self.mode = mode
    self.draftLength = draftLength
    self.draft = draft
    self.shortHead = shortHead
    self.fill = fill
    self.reach = reach
    self.budget = budget
  }

  /// Whether this version knows all that the settings say.
  package var isKnown: Bool { unknownDials.isEmpty && exit.unknown == nil }

  /// Whether a token may be decided before the whole model was asked.
  public var leavesEarly: Bool { exit != .off || shortHead ?? 1 < 1 }

  /// Whether the token of an exit is taken as it is.
  public var takesExits: Bool { mode == .approximate && exit != .off }

  /// Whether a short head decides at full depth where it is sure enough.
  public var takesShortHead: Bool { mode == .approximate && shortHead ?? 1 < 1 }

  /// Whether small feed-forwards only draft, and full depth verifies.
  public var draftsWithBudget: Bool { budget.isOn && draft.sources.contains(.small) }

  /// Whether a token of the text may be decided with small feed-forwards.
  public var takesBudget: Bool { budget.isOn && !draftsWithBudget }

  /// What chooses the feed-forwards of the text's rows; nil where all are big.
  package var textRule: FeedForwardRule? { takesBudget ? budget.rule : nil }

  /// What chooses those of drafts that full depth verifies; nil where the budget is not for drafts.
  package var draftRule: FeedForwardRule? { draftsWithBudget ? budget.rule : nil }

  /// Whether full depth is every block and the whole past.
  public var runsWhole: Bool { pruned.isEmpty && !reach.isLimited }

  /// The way of a row at full depth.
  public var route: Route { Route(pruned: pruned) }

  /// Whether the model itself may draft, left early or along another route.
  package var draftsByModel: Bool {
    mode == .identical
      && Catalogue.drafters.contains { drafter in
        drafter.runsModel && draft.sources.contains(drafter.source)
          && (drafter.source != .exit || exit != .off)
          && (drafter.source != .small || budget.isOn)
      }
  }

  /// What these settings promise, relative to the dense model.
  public var contract: Contract {
    // Nothing can be promised of what is not known.
    guard isKnown else { return .approximate }
    if !pruned.isEmpty || takesExits || takesShortHead || takesBudget { return .approximate }
    return reach.isLimited ? .window : .identical
  }
}
