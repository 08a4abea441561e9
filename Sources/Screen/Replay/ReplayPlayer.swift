package import Events

/// Shows a saved session again at its own pace.
package struct ReplayPlayer: Sendable {
  private let records: [Record]
  private let isCut: Bool

  /// A player of `records`, whose file may be cut off.
  package init(_ records: [Record], isCut: Bool = false) {
    self.records = records
    self.isCut = isCut
  }

  /// The screen after the last record.
  package func state(rows: Int, columns: Int) -> ScreenState {
    var state = ScreenState(stage: .chat)
    _ = state.update(.resized(rows: rows, columns: columns))
    for record in records { _ = state.update(.record(record)) }
    return state
  }

  /// Hands the session to `write` as lines of text: at once, or at a pace. Where `waits` is given, it is
  /// called behind every mark.
  package func play(
    pace: Playback.Pace?, write: (String) throws -> Void, waits: (() async -> Void)? = nil
  ) async rethrows {
    var renderer = PlainRenderer(showsUser: true)
    for (record, pause) in zip(records, ReplayPace.pauses(of: records)) {
      if let pace { try? await Task.sleep(for: pause.wait(at: pace)) }
      let text = renderer.text(for: record)
      if !text.isEmpty { try write(text) }
      if case .mark = record, let waits { await waits() }
    }
  }

  /// Shows the session on a screen; returns when the person leaves.
  @MainActor
  package func play(
    file: String, pace: Playback.Pace, on loop: ScreenLoop
  ) async -> ScreenLoop.Ending {
    loop.cover(
      with: ReplayScreen(
        records, file: file, pace: pace,
        ending: isCut ? "the file is cut off here" : "the record ends here"))
    return await loop.run(records: AsyncStream { $0.finish() }) { _ in }
  }
}
