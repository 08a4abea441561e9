import Corpus
import Dials
import Testing

struct TextWindowsTests {
  private func tokens(_ count: Int) -> [TokenID] { (0..<count).map { TokenID($0) } }

  @Test func `windows follow one another, and what is left is dropped`() throws {
    let windows = try TextWindows(tokens(35), length: 10)
    #expect(windows.count == 3)
    #expect((0..<3).flatMap { windows[$0] } == tokens(30))
  }

  @Test(arguments: [(512, 256..<511), (8, 4..<7), (7, 3..<6), (4, 2..<3)])
  func `the second half is scored, each token by the one that follows`(
    length: Int, scored: Range<Int>
  ) throws {
    #expect(try TextWindows(tokens(length), length: length).scored == scored)
  }

  @Test func `BOS takes the place of each window's first token`() throws {
    let windows = try TextWindows(tokens(20), length: 10, bos: TokenID(99))
    #expect(windows[1] == [TokenID(99)] + (11..<20).map { TokenID($0) })
  }

  @Test func `a limit above what is there changes nothing, one below cuts`() throws {
    #expect(try TextWindows(tokens(40), length: 10, limit: 9).count == 4)
    #expect(try TextWindows(tokens(40), length: 10, limit: 2).count == 2)
  }

  @Test func `a text without a window, and a window without a token to score, are refused`() {
    let short = #expect(throws: CorpusError.self) {
      try TextWindows(tokens(9), length: 10)
    }
    #expect(short?.code == .tooShort)
    #expect(short?.message.contains("9 tokens") == true)
    let tiny = #expect(throws: CorpusError.self) { try TextWindows(tokens(9), length: 3) }
    #expect(tiny?.code == .badLength)
  }
}
