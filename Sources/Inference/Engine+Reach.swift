package import Dials
import Transformer

extension Engine {
  /// Positions that a conversation may use: no limit where attention forgets.
  package nonisolated func contextLimit(_ reach: ReachSetting) -> Int {
    reach.forgets ? .max : contextLength
  }

  /// Checks that the model knows the distances in the window, and that drafts fit it.
  func check(_ reach: ReachSetting, drafts dials: DialSettings) throws(EngineError) {
    guard reach.isLimited else { return }
    do {
      try reach.check(trainedLength: model.weights.blueprint.trainedLength)
    } catch {
      throw EngineError(.badSetting, error.description)
    }
    if reach.technique == .sirllm, dials.mode == .approximate, dials.leavesEarly {
      throw EngineError(
        .badSetting,
        "What surprises the model is known at full depth, which exits taken at their word do not reach. "
          + "Use --mode identical or --reach lambda.")
    }
    let hasOwn =
      dials.mode == .identical
      && (dials.exit != .off && dials.draft.sources.contains(.exit)
        || dials.draft.sources.contains(.skip))
    let limit = dials.draft.sources.isEmpty ? nil : dials.draft.limit
    let drafts = limit ?? (hasOwn ? dials.draftLength : 0)
    guard drafts < reach.window else {
      throw EngineError(
        .badSetting,
        "A window of \(reach.window) has no room for \(drafts) guesses and the token before them. "
          + "Write a window of \(drafts + 1) or more, or allow fewer guesses.")
    }
  }
}
