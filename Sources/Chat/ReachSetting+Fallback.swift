package import Dials

extension ReachSetting {
  /// The reach in which a conversation goes on that is too long for a context of `contextLength`.
  package static func beyond(_ contextLength: Int) -> ReachSetting {
    let window = max(1, min(ReachSetting(.lambda).window, contextLength / 2))
    return ReachSetting(
      .lambda, window: window, sinks: min(ReachSetting(.lambda).sinks, window), turns: true)
  }

  /// What a person is told when a conversation goes on in it that came to the end of its context.
  package func words(atEndOf contextLength: Int) -> String {
    "The conversation reaches the end of the context of \(contextLength) positions. It goes on: whole "
      + "turns leave the model's sight, the oldest first. The instructions and what is pinned stay "
      + "(\(sinks) tokens; /pin), and the last turns, up to \(window) tokens. /window changes it."
  }

  /// What an answer to a prompt of `count` tokens needs where nobody chose a reach: nil while it fits
  /// a context of `contextLength` with room for an answer of usual length.
  package static func needed(
    forPrompt count: Int, tokenLimit: Int?, contextLength: Int
  ) -> ReachSetting? {
    let room = min(tokenLimit ?? 1024, 1024, contextLength / 4)
    return count + room > contextLength ? beyond(contextLength) : nil
  }
}
