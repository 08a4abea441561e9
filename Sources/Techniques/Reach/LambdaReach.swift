// Source: Han et al., LM-Infinite (arXiv 2308.16137, section 4).
// Decides: a row sees its window and the first positions, all of those at one distance.
// Needs: nothing but positions.
// Costs: attention to window + sinks positions, however long the text is.
// Exact? As long as the text fits the window, yes.

import Dials

extension ReachTechnique {
  /// The first positions and a window.
  static let lambda = ReachTechnique(
    "lambda", "the first positions and a window", .technique(.lambda))

  /// How many first positions stay visible: attention sinks.
  static let sinks = ReachTechnique(
    "sinks", "first positions that stay visible",
    .number(
      value: { $0.isLimited && $0.technique != .sliding ? $0.sinks : nil },
      label: { ", \($0) sinks" }))

  /// Turns of a conversation leave the window whole, and what is pinned are the first positions.
  static let turns = ReachTechnique("turns", "turns of a conversation leave whole", .turns)

  /// Positions before the window are seen at its length.
  static let capped = ReachTechnique(
    "capped", "what lies before the window is seen at the window's length",
    .distance(.capped, label: nil))
}
