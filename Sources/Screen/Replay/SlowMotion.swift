package import Events

/// Slow motion of a live answer: at most so many tokens a second are shown. The engine works on as fast as it
/// can, and the records keep its own times.
@MainActor
package final class SlowMotion {
  nonisolated static let summary =
    "shows at most N tokens a second; the times in the record stay the engine's"

  private var last = ContinuousClock().now
  /// Whether what is left of an answer is to come at once.
  private var isHurried = false

  /// Slow motion that has shown nothing.
  package init() {}

  /// Shows what is left of the answer at once.
  package func hurry() { isHurried = true }

  /// Waits until `record` is to be shown. `rate` says how many tokens a second may be; nil: any number.
  package func hold(_ record: Record, rate: @MainActor () -> Double?) async {
    if case .end = record { isHurried = false }
    guard case .token(let token) = record, token.phase == .gen else { return }
    while let rate = rate(), !isHurried, !Task.isCancelled {
      let left = .seconds(1 / rate) - (ContinuousClock().now - last)
      if left <= .zero { break }
      try? await Task.sleep(for: min(left, .milliseconds(50)))
    }
    last = ContinuousClock().now
  }

  /// `/slow N` and `/slow off`.
  nonisolated static func effect(_ argument: String) -> SlashCommand.Effect? {
    let rate = Double(argument)
    guard argument == "off" || rate.map({ (0.1...1000).contains($0) }) == true else { return nil }
    return SlashCommand.Effect(
      inLines: .say(["Slow motion is for the screen; lines of text come as the engine writes them."]
      )
    ) { state in
      state.slowMotion = rate
      state.say(
        Notice(
          .information,
          rate == nil
            ? "Words are shown as they come."
            : "At most \(argument) words a second are shown. Times and figures stay the engine's own; "
              + "^C shows the rest at once."))
      return []
    }
  }
}
