import Events
import Screen
import TestSupport
import Testing

/// The conversation as lines of text.
struct PlainTests {
  @Test func `an answer streams as its tokens come`() {
    var renderer = PlainRenderer()
    var pieces: [String] = []
    for record in RecordedSession.make() {
      let text = renderer.text(for: record)
      if case .token(let token) = record, token.phase == .gen, !token.special {
        pieces.append(text)
      }
    }
    #expect(pieces.prefix(4) == ["The", " capital", " of", " Australia"])
    #expect(pieces.contains("") && pieces.contains("🦘"))
  }

  @Test func `nothing that is written can command a terminal`() {
    var renderer = PlainRenderer(showsUser: true)
    let all = RecordedSession.make().map { renderer.text(for: $0) }.joined()
    #expect(all.contains("␛[31m"))
    for scalar in all.unicodeScalars where scalar != "\n" {
      #expect(!scalar.isCommand || scalar == "\u{200d}")
    }
  }

  @Test(arguments: 0..<30)
  func `any records give clean text with whole lines`(seed: UInt64) {
    var random = WildRecords(seed: seed)
    var renderer = PlainRenderer(showsUser: seed % 2 == 0)
    for _ in 0..<100 {
      for scalar in renderer.text(for: random.record()).unicodeScalars {
        let isAllowed =
          scalar == "\n" || scalar == "\t" || scalar == "\u{200d}" || scalar == "\u{200c}"
        #expect(isAllowed || !scalar.isCommand)
      }
    }
  }

  @Test func `the person's words are left out where they were typed`() {
    var renderer = PlainRenderer()
    let all = RecordedSession.make().map { renderer.text(for: $0) }.joined()
    #expect(!all.contains("You:"))
    #expect(all.contains("Stats: 29 tokens"))
    #expect(renderer.text(for: Notice(.error, "no\u{1b}c")) == "Error: no␛c\n")
  }

  @Test func `the numbers are those of the screen`() {
    var renderer = PlainRenderer()
    var state = ScreenState()
    for record in RecordedSession.make() {
      _ = renderer.text(for: record)
      _ = state.update(.record(record))
      #expect(renderer.statistics.sentence == state.statistics.sentence)
    }
  }
}
