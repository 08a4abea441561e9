import Dials
import Testing

/// The example of the documentation catalogue, which SourceTests compare with this text.
struct ExampleTests {
  @Test func `the example of Dials says what it promises`() {
    let route = Route(pruned: BlockSet(indices: [1]))
    let line = route.line(to: 4, of: 6)
    let text = line.description  // "#x#!..": block 1 is pruned, and the row left after block 3
    let executed = line.executedCount  // 3
    #expect(text == "#x#!.." && executed == 3)
  }
}
