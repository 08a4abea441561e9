import Events

/// Says how far a long prompt is read, and how long the rest takes at that speed.
enum PromptReading {
  /// What hears of an engine's reading, from now on, and has `show` show it.
  static func report(
    to show: @escaping @MainActor (Aside) -> Void
  ) -> @Sendable (Int, Int) -> Void {
    let begin = ContinuousClock().now
    return { read, count in
      let taken = (ContinuousClock().now - begin) / .seconds(1)
      let left = taken * Double(count - read) / Double(max(1, read))
      let words = "reading \(count) tokens, \(Int(left.rounded(.up))) s left"
      let share = Double(read) / Double(max(1, count))
      Task { @MainActor in show(.progress(Progress(words, share: share))) }
    }
  }
}
