import Events
import TestSupport
import Testing

struct StreamingDecoderTests {
  @Test(arguments: 0..<50 as Range<UInt64>)
  func `bytes in any pieces stream to the text of the whole`(seed: UInt64) {
    var generator = SeededGenerator(seed: seed)
    var bytes: [UInt8] = []
    for _ in 0..<20 {
      for _ in 0..<Int.random(in: 0...8, using: &generator) {
        let scalar = Unicode.Scalar(UInt32.random(in: 0...0x1_FFFF, using: &generator))
        bytes += Array(String(Character(scalar ?? "🦘")).utf8)
      }
      // Bytes that are no UTF-8, and beginnings of characters that do not go on.
      for _ in 0..<Int.random(in: 0...3, using: &generator) {
        bytes.append(UInt8.random(in: 0x80...0xFF, using: &generator))
      }
    }
    var decoder = StreamingDecoder()
    var text = ""
    var rest = bytes[...]
    while !rest.isEmpty {
      let count = Int.random(in: 0...4, using: &generator)
      text += decoder.append(rest.prefix(count))
      rest = rest.dropFirst(count)
    }
    text += decoder.flush()
    #expect(Array(text.utf8) == Array(String(decoding: bytes, as: UTF8.self).utf8))
  }

  @Test func `a character comes out with its last byte and not before`() {
    var decoder = StreamingDecoder()
    let steps = Array("é€👍".utf8).map { decoder.append([$0]) }
    #expect(steps == ["", "é", "", "", "€", "", "", "", "👍"])
    #expect(decoder.append([0xF0, 0x9F]) == "")
    #expect(decoder.flush() == "\u{FFFD}")
    #expect(decoder.flush() == "")
  }

  @Test func `what can be no character is not held back`() {
    var decoder = StreamingDecoder()
    #expect(decoder.append([0xF0, 0x41]) == "\u{FFFD}A")
    #expect(decoder.append([0xFF]) == "\u{FFFD}")
    #expect(decoder.append([0x80]) == "\u{FFFD}")
    // A lead byte whose second byte would spell a shorter character.
    #expect(decoder.append([0xE0, 0x80]) == "\u{FFFD}\u{FFFD}")
  }
}
