import Dials
import Techniques

/// When an answer measures what a plain pass takes: one row through every block, and the whole head.
///
/// Speed against plain decoding is told by passes of the same answer, between the others, so that a machine
/// that is busy is busy for both. Where full depth verifies, a plain pass is a round like any other and
/// decides a token. Where exits are taken unverified or feed-forwards are small it would change the text: there
/// it is made beside the text, and its time is told apart.
struct Yardstick {
  /// What a round has to do for it.
  enum Duty: Hashable, Sendable {
    case nothing
    /// Nobody drafts in this round.
    case plainRound
    /// A plain pass is made before this round and dropped.
    case passBeside
  }

  /// The rounds from one plain pass to the next at most, but for rows that wait for deeper blocks.
  static let interval = 16

  /// Whether plain passes are noted: where something is set that may make the others faster.
  let isOn: Bool
  private let isNeeded: Bool
  private let isVerified: Bool
  private var roundsSince = 0

  init(for request: TurnRequest) {
    let dials = request.dials
    isVerified = (dials.mode == .identical || !dials.leavesEarly) && !dials.takesBudget
    isNeeded =
      request.looks.contains(.yardstick)
      && (!isVerified || dials.draft.hasBranches || dials.draftsByModel)
    isOn = isNeeded || request.looks.contains(.yardstick) && !dials.pruned.isEmpty
  }

  /// What the next round has to do; `hasDeferred` says that rows of the text wait for deeper blocks, and
  /// would come along.
  func duty(hasDeferred: Bool) -> Duty {
    guard isNeeded, roundsSince >= Self.interval, !hasDeferred else { return .nothing }
    return isVerified ? .plainRound : .passBeside
  }

  /// Takes in whether a plain pass was made.
  mutating func note(isPlain: Bool) { roundsSince = isPlain ? 0 : roundsSince + 1 }
}
