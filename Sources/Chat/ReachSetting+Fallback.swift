package import Dials

extension ReachSetting {
  /// The reach in which a conversation goes on that is too long for a context of `contextLength`.
  package static func beyond(_ contextLength: Int) -> ReachSetting {
    let window = max(1, min(ReachSetting(.lambda).window, contextLength / 2))
    return ReachSetting(.lambda, window: window, sinks: min(ReachSetting(.lambda).sinks, window))
  }

  /// What a person is told when a conversation goes on in it that came to the end of its context.
  func words(atEndOf contextLength: Int) -> String {
    "The conversation reaches the end of the context of \(contextLength) positions. It goes on: "
      + "attention now sees the first \(sinks) and the last \(window) tokens, and forgets what lies "
      + "between. /window changes it."
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
