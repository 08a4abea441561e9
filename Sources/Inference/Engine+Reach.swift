package import Dials
import Techniques
import Transformer

extension Engine {
  /// Positions that a conversation may use: no limit where attention forgets.
  package nonisolated func contextLimit(_ reach: ReachSetting) -> Int {
    reach.forgets ? .max : contextLength
  }

  /// Checks that what the reach forgets goes with the other dials, and that drafts fit the window.
  func checkReach(of dials: DialSettings) throws(EngineError) {
    let reach = dials.reach
    guard reach.isLimited else { return }
    if reach.technique == .sirllm, dials.mode == .approximate, dials.leavesEarly {
      throw EngineError(
        .badSetting,
        "sirllm needs the loss at full depth, which unverified exits do not reach. "
          + "Use --mode identical or --reach lambda.")
    }
    let hasOwn = dials.draftsByModel
    let limit = dials.draft.sources.isEmpty ? nil : dials.draft.limit
    let drafts = limit ?? (hasOwn ? dials.draftLength : 0)
    guard drafts < reach.window else {
      throw EngineError(
        .badSetting,
        "A window of \(reach.window) has no room for \(drafts) draft tokens and the token before them. "
          + "Write a window of \(drafts + 1) or more, or allow fewer draft tokens.")
    }
  }
}
