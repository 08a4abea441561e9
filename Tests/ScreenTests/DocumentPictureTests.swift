import Events
import Foundation
import Screen
import Testing

/// The pictures in the documents are what the program draws of the recordings beside them.
///
/// `FATHOM_RECORD=1 swift test --filter ScreenTests` draws them anew: look at them.
struct DocumentPictureTests {
  static let folder = URL(filePath: #filePath).deletingLastPathComponent()
    .deletingLastPathComponent().deletingLastPathComponent().appending(path: "docs")

  @Test(arguments: [
    ("screen", "screen", "dark", 120, 34), ("screen", "screen-light", "light", 120, 34),
    ("approximate", "approximate", "dark", 80, 24),
    ("approximate", "approximate-light", "light", 80, 24),
  ])
  func `a picture shows its recording`(
    recording: String, picture: String, theme: String, columns: Int, rows: Int
  ) throws {
    let file = Self.folder.appending(path: "\(recording).jsonl")
    var state = ScreenState()
    _ = state.update(.resized(rows: rows, columns: columns))
    for record in try EventLog.records(in: Data(contentsOf: file)) {
      _ = state.update(.record(record))
    }
    let svg = draw(state).svg(theme: try ThemeCatalogue().theme(named: theme))
    try Golden.expect(svg, is: "../../../docs/\(picture).svg")
  }
}
