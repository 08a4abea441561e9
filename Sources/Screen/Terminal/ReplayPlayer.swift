package import Events

/// Shows a saved session again at its own pace.
package struct ReplayPlayer: Sendable {
  private let records: [(record: Record, pause: Duration)]

  /// A player of `records`.
  package init(_ records: [Record]) { self.records = ReplayPace.paced(records) }

  /// The screen after the last record.
  package func state(rows: Int, columns: Int) -> ScreenState {
    var state = ScreenState(stage: .chat)
    _ = state.update(.resized(rows: rows, columns: columns))
    for (record, _) in records { _ = state.update(.record(record)) }
    return state
  }

  /// Hands the session to `write` as lines of text: at once, or `speed` times as fast as it was.
  package func play(speed: Double?, write: (String) throws -> Void) async rethrows {
    var renderer = PlainRenderer(showsUser: true)
    for (record, pause) in records {
      if let speed { try? await Task.sleep(for: pause / speed) }
      let text = renderer.text(for: record)
      if !text.isEmpty { try write(text) }
    }
  }

  /// Shows the session on a screen, `speed` times as fast as it was; returns when the person leaves.
  @MainActor
  package func play(speed: Double, on loop: ScreenLoop) async -> ScreenLoop.Ending {
    let (stream, feed) = AsyncStream.makeStream(of: Record.self)
    let player = Task {
      for (record, pause) in records {
        if pause > .zero { try await Task.sleep(for: pause / speed) }
        feed.yield(record)
      }
      feed.finish()
      loop.send(.replayEnded)
    }
    defer { player.cancel() }
    return await loop.run(records: stream) { _ in }
  }
}
