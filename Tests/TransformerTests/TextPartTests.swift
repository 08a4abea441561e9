import Dials
import GGUF
import TestSupport
import Testing
import Transformer

/// A text that is read in parts is read once, and in order.
@Suite struct TextPartTests {
  @Test(arguments: [1, 39, 40, 41, 95])
  func `parts are a whole text, whose rows have the bits of plain decoding`(length: Int) throws {
    var generator = SeededGenerator(seed: 740 + UInt64(length))
    let file = try TinyModel(type: .q4_1, seed: 740).file()
    let tokens = randomTokens(length, using: &generator)
    let plain = try withPass(over: file) { ($0.decode(tokens), $0.cacheBits) }
    try withPass(over: file) { pass in
      var seen: [TokenID] = []
      var bits: [[UInt32]] = []
      pass.read(tokens[...]) { part in
        #expect(part.tokens.startIndex == seen.count)
        seen += part.tokens
        bits += pass.logitBits(part.rows)
        #expect(part.isLast == (seen.count == length))
        #expect(
          Array(part.followers)
            == Array(tokens[part.tokens.startIndex...].dropFirst().prefix(part.rows.count)))
      }
      #expect(seen == tokens)
      #expect(bits == plain.0)
      #expect(pass.cacheBits == plain.1)
    }
  }

  @Test func `where a visit fails, its part is not committed`() throws {
    struct Stop: Error {}
    try withPass(over: TinyModel().file()) { pass in
      let tokens = (0..<60).map { TokenID($0) }
      #expect(throws: Stop.self) {
        try pass.read(tokens[...]) { part in
          if part.isLast { throw Stop() }
        }
      }
      #expect(pass.cache.committedCount == 40)
      #expect(pass.rowCount == 20)
    }
  }
}
