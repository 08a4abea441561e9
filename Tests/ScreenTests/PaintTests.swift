import Dials
import Events
import Screen
import Techniques
import Testing

/// The words of an answer take their colour from how early they were known.
struct PaintTests {
  /// The roles under each word of the answer that is shown, in order.
  private func roles(_ state: ScreenState, of words: [String]) -> [Set<Screen.Role>] {
    let frame = draw(state)
    return words.map { word in
      for (row, line) in frame.lines.enumerated() {
        guard let range = line.firstRange(of: word) else { continue }
        let start = line.distance(from: line.startIndex, to: range.lowerBound)
        return Set((start..<start + word.count).map { frame[row, $0].role })
      }
      return []
    }
  }

  private func state(_ settled: [Int?], exits: [Int?]) throws -> ScreenState {
    var state = ScreenState.chat()
    let example = try #require(state.tokens.first?.record)
    _ = state.update(.resized(rows: 40, columns: 100))
    _ = state.update(.record(.turn(TurnRecord(turn: 9, role: .assistant, text: "", tNs: 0))))
    for (place, (settled, exit)) in zip(settled, exits).enumerated() {
      var token = example
      (token.turn, token.i, token.phase) = (9, place, .gen)
      token.bytes = Array("word\(place) ".utf8)
      token.depth = exit.map { Route.plain.line(to: $0, of: 30) } ?? DepthLine(dense: 30)
      _ = state.update(.record(.token(token)))
      guard let settled else { continue }
      _ = state.update(
        .record(
          .probe(
            ProbeRecord(
              turn: 9, i: place, pos: token.pos, lens: "raw", layers: [], settled: settled,
              agree: true))))
    }
    return state
  }

  @Test func `each step of depth has its colour, and a word nobody looked at has none`() throws {
    let state = try state([3, 20, 27, 29, 30, nil], exits: Array(repeating: nil, count: 6))
    let words = (0..<6).map { "word\($0)" }
    #expect(
      roles(state, of: words) == [
        [.amount1], [.amount2], [.amount3], [.amount4], [.amount5], [.text],
      ])
  }

  @Test func `where a word left counts before what the lens says`() throws {
    let state = try state([30, 30, nil], exits: [12, 20, 25])
    #expect(
      roles(state, of: ["word0", "word1", "word2"]) == [[.amount1], [.amount2], [.amount3]])
  }

  @Test func `letters that a later token completes are painted as its own`() throws {
    var state = try state([], exits: [])
    let example = try #require(state.tokens.first?.record)
    for (place, bytes) in [[0xC3], [0xA9, 0x78]].enumerated() {
      var token = example
      (token.turn, token.i, token.phase, token.bytes) = (9, place, .gen, bytes.map(UInt8.init))
      token.depth = Route.plain.line(to: [3, 25][place], of: 30)
      _ = state.update(.record(.token(token)))
    }
    #expect(roles(state, of: ["éx"]) == [[.amount3]])
  }
}
