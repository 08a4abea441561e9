import Testing

struct ShapeTests {
  @Test func `no file is longer than 400 lines`() {
    #expect(SourceTree.code.count > 50)
    for file in SourceTree.code { #expect(file.lineCount <= 400, "\(file)") }
  }

  @Test func `half of the Swift files have no more than 150 lines`() {
    let counts = SourceTree.swiftSources.map(\.lineCount).sorted()
    #expect(counts[counts.count / 2] <= 150)
  }

  @Test func `no file is called after nothing in particular`() {
    for file in SourceTree.code {
      #expect(!file.path.contains(/(?i)(utils?|helpers?|common|misc|manager)\./), "\(file)")
    }
  }
}
