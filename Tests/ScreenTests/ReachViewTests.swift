import Dials
import Events
import Screen
import Techniques
import Testing

/// What the screen says of a limited reach.
struct ReachViewTests {
  private static let reach = ReachSetting(.lambda, window: 100, sinks: 4)

  private static func state(
    rows: Int, columns: Int, reach: ReachSetting = reach, seen: Int = 104, forgotten: Int = 896
  ) -> ScreenState {
    var state = ScreenState()
    _ = state.update(.resized(rows: rows, columns: columns))
    for record in RecordedSession.make() {
      switch record {
      case .session(var session):
        session.policy = DialSettings(reach: reach)
        _ = state.update(.record(.session(session)))
      case .parameter: break
      case .token(var token):
        token.attn = TokenRecord.Attention(seen: seen, forgotten: forgotten, sink: 0.31)
        _ = state.update(.record(.token(token)))
      default: _ = state.update(.record(record))
      }
    }
    return state
  }

  @Test func `the panel says what is in sight, what the sinks take and what the text holds`() {
    let state = Self.state(rows: 50, columns: 200)
    #expect(state.statistics.sight == "sees 104 of 1000 tokens (10%), sinks take 31%")
    let lines = draw(state).lines.joined(separator: "\n")
    #expect(state.shown.promise == "attention sees the first 4 and the last 100 tokens")
    #expect(lines.contains("reach      sees 104 of 1000 tokens"))
    #expect(lines.contains("window 100"))
    var turned = state
    _ = turned.update(.key(.function(3)))
    let panel = draw(turned).lines.joined(separator: "\n")
    #expect(panel.contains("what attention saw") && panel.contains("█ seen  · forgotten"))
    #expect(panel.contains("saw 104, not 896") && panel.contains("first words take 31%"))
  }

  @Test func `the map marks the first tokens and the last, and nothing between`() throws {
    let map = try #require(Self.state(rows: 50, columns: 200).statistics.map(cells: 40))
    #expect(map == "#" + String(repeating: ".", count: 35) + "####")
    let whole = Self.state(rows: 50, columns: 200, forgotten: 0).statistics
    #expect(whole.map(cells: 40) == nil)
    // Sixteen tokens: each has two or three cells.
    let reach = ReachSetting(.lambda, window: 12, sinks: 2)
    let short = Self.state(rows: 50, columns: 200, reach: reach, seen: 14, forgotten: 2).statistics
    #expect(
      short.map(cells: 40)
        == "#####" + String(repeating: ".", count: 5) + String(repeating: "#", count: 30))
  }

  @Test func `a full reach says nothing of it`() {
    let state = Self.state(rows: 50, columns: 200, reach: .full)
    #expect(state.statistics.sight == nil && state.statistics.map(cells: 40) == nil)
    #expect(!draw(state).lines.joined().contains("reach    "))
  }

  @Test func `the tag is there at any width`() {
    for columns in [20, 40, 80, 120, 200] {
      let first = draw(Self.state(rows: 24, columns: columns)).lines[0]
      #expect(first.contains("WINDOW"), "\(columns): \(first)")
    }
    #expect(draw(Self.state(rows: 24, columns: 6)).lines[0].contains("w"))
  }

  @Test func `the line after an answer says it too`() {
    var renderer = PlainRenderer()
    var session = RecordedSession.make().compactMap { record -> SessionRecord? in
      if case .session(let session) = record { session } else { nil }
    }.first
    session?.policy = DialSettings(reach: Self.reach)
    if let session { _ = renderer.text(for: .session(session)) }
    for record in RecordedSession.make().dropFirst() {
      guard case .token(var token) = record else {
        if case .parameter = record { continue }
        _ = renderer.text(for: record)
        continue
      }
      token.attn = TokenRecord.Attention(seen: 104, forgotten: 896)
      _ = renderer.text(for: .token(token))
    }
    #expect(renderer.statistics.sentence.contains("sees 104 of 1000 tokens (10%), "))
    #expect(renderer.statistics.sentence.contains("text window"))
  }
}
