import Dials
import Events
import Foundation
import Testing

/// The example of the documentation catalogue, which SourceTests compare with this text.
struct ExampleTests {
  @Test func `the example of Events works out a mean depth`() throws {
    let file = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
      .deletingLastPathComponent().appending(path: "docs/screen.jsonl")
    let records = try EventLog.records(in: Data(contentsOf: file))
    let depths = records.compactMap { record -> Int? in
      guard case .token(let token) = record, token.phase == .gen else { return nil }
      return token.depth.executedCount
    }
    let mean = Double(depths.reduce(0, +)) / Double(depths.count)
    #expect(mean > 19 && mean < 30)
  }
}
