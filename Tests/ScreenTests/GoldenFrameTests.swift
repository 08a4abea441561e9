import Events
import Foundation
import Screen
import Testing

/// The screen as a person sees it, at sizes from a large terminal down to none.
struct GoldenFrameTests {
  static let sizes = [
    (24, 80), (50, 160), (30, 120), (30, 100), (10, 40), (5, 20), (1, 1), (0, 0),
  ]

  @Test(arguments: sizes)
  func `a finished session looks as it was judged good`(rows: Int, columns: Int) throws {
    let frame = draw(ScreenState.recorded(rows: rows, columns: columns))
    try Golden.expect(Golden.picture(of: frame), is: "session-\(columns)x\(rows).txt")
  }

  @Test(arguments: [(24, 80), (50, 160)])
  func `drafts show while the first answer streams`(rows: Int, columns: Int) throws {
    var state = ScreenState.recorded(
      rows: rows, columns: columns, records: Array(RecordedSession.make().prefix(30)))
    for scalar in "next question".unicodeScalars { _ = state.update(.key(.scalar(scalar))) }
    try Golden.expect(
      Golden.picture(of: draw(state)), is: "streaming-\(columns)x\(rows).txt")
  }

  @Test(arguments: [(24, 80), (50, 160), (30, 120), (10, 40)])
  func `the inspector shows one token closely`(rows: Int, columns: Int) throws {
    var state = ScreenState.recorded(rows: rows, columns: columns)
    for key in [Key.function(2), .left, .left, .left] { _ = state.update(.key(key)) }
    try Golden.expect(
      Golden.picture(of: draw(state)), is: "inspector-\(columns)x\(rows).txt")
  }

  @Test(arguments: [(24, 80), (50, 160)])
  func `the help names keys, marks and commands`(rows: Int, columns: Int) throws {
    var state = ScreenState.recorded(rows: rows, columns: columns)
    _ = state.update(.key(.function(1)))
    try Golden.expect(Golden.picture(of: draw(state)), is: "help-\(columns)x\(rows).txt")
  }

  @Test func `an empty screen welcomes`() throws {
    var state = ScreenState()
    _ = state.update(.resized(rows: 24, columns: 80))
    _ = state.update(.progress(Progress("opening the model", share: 0.4)))
    try Golden.expect(Golden.picture(of: draw(state)), is: "welcome-80x24.txt")
  }

  @Test func `the text of plain mode`() throws {
    var renderer = PlainRenderer(showsUser: true)
    let text = RecordedSession.make().map { renderer.text(for: $0) }.joined()
    try Golden.expect(text, is: "plain.txt")
  }

  @Test func `the saved session of the seed`() throws {
    let text = String(decoding: try EventLog.data(for: RecordedSession.make()), as: UTF8.self)
    try Golden.expect(text, is: "session.jsonl")
  }
}
