package import Events
package import Lessons

/// A lesson as lines of text: its words, the recording in stretches, and a line wherever it waits for Enter.
package struct PlainLesson: Sendable {
  private let script: LessonScript
  private let records: [Record]

  /// The lesson over its recording.
  package init(_ script: LessonScript, over records: [Record]) {
    (self.script, self.records) = (script, records)
  }

  /// Hands the lesson to `write`; `waits` is called where a person is to press Enter. Where `isPaced` says
  /// so, the recording comes at the lesson's pace, else at once.
  package func play(
    isPaced: Bool, write: (String) throws -> Void, waits: () async -> Void
  ) async rethrows {
    var renderer = PlainRenderer(showsUser: true)
    var pace = Playback.Pace.times(1)
    var shown = 0
    let pauses = ReplayPace.pauses(of: records)
    try write("Lesson \(script.number): \(script.title)\n")
    for order in script.orders {
      switch order {
      case .say(let text):
        try write("\n\(text)\n")
        await waits()
      case .ask(let text):
        try write("\nQuestion: \(text)\n")
        await waits()
      case .reveal(let text):
        try write("\nAnswer: \(text)\n")
        await waits()
      case .pace(let rate): pace = .tokens(rate)
      case .look(let token):
        if let token {
          let probe = records[..<shown].lazy.compactMap { $0.look(at: token) }.first
          try write("\n" + WordFacts(token, probe: probe).lines.joined(separator: "\n") + "\n")
        }
      case .play(let count):
        try write("\n")
        for index in shown..<max(shown, count) {
          if isPaced { try? await Task.sleep(for: pauses[index].wait(at: pace)) }
          let text = renderer.text(for: records[index])
          if !text.isEmpty { try write(text) }
        }
        shown = max(shown, count)
        let rest = renderer.closeOpenLine()
        if !rest.isEmpty { try write(rest) }
      }
    }
    try write("\nThat was lesson \(script.number).\n")
  }
}

extension Record {
  /// The look through the lens at a token; nil for any other record.
  func look(at token: TokenRecord) -> ProbeRecord? {
    guard case .probe(let probe) = self, probe.turn == token.turn, probe.answer == token.answer,
      probe.i == token.i
    else { return nil }
    return probe
  }
}
