import Dials
import TestSupport
import Testing
import Tokenization

@Suite struct RoundTripTests {
  /// Scalars of all lengths in UTF-8, spaces and line ends among them.
  private func randomText(using generator: inout SeededGenerator) -> String {
    let ranges: [ClosedRange<UInt32>] = [
      0x20...0x7E, 0x20...0x7E, 0x09...0x0D, 0xA0...0x24F, 0x300...0x36F, 0x400...0x5FF,
      0x4E00...0x4FFF, 0xAC00...0xACFF, 0x1F300...0x1F6FF, 0xE000...0xE010, 0x10FFF0...0x10FFFF,
    ]
    var text = String.UnicodeScalarView()
    for _ in 0..<Int.random(in: 0...80, using: &generator) {
      let range = ranges[Int.random(in: ranges.indices, using: &generator)]
      if let scalar = Unicode.Scalar(UInt32.random(in: range, using: &generator)) {
        text.append(scalar)
      }
    }
    return String(text)
  }

  @Test(arguments: ["gpt-2", "smollm", "llama-bpe", "qwen2", "falcon", "default"])
  func `byte-level tokens decode to the text they came from`(preTokenizer: String) throws {
    let merges = [("t", "h"), ("th", "e"), ("i", "n"), ("Ġ", "the")]
    let tokenizer = try Tokenizer(
      metadata: SmallVocabularies.byteLevel(merges: merges, preTokenizer: preTokenizer))
    var generator = SeededGenerator(seed: 1)
    for _ in 0..<300 {
      let text = randomText(using: &generator)
      let decoded = tokenizer.decode(tokenizer.encode(text))
      #expect(Array(decoded.utf8) == Array(text.utf8), "\(text.debugDescription)")
    }
  }

  @Test(.needsModel)
  func `the default model decodes any text to itself`() throws {
    let tokenizer = try #require(RealVocabularies.smol)
    var generator = SeededGenerator(seed: 2)
    for _ in 0..<300 {
      // The vocabulary has no token for a few bytes that only private and unassigned planes use.
      let text = String(randomText(using: &generator).unicodeScalars.filter { $0.value < 0xE000 })
      let decoded = tokenizer.decode(tokenizer.encode(text))
      #expect(Array(decoded.utf8) == Array(text.utf8), "\(text.debugDescription)")
    }
  }

  @Test func `SentencePiece tokens decode to the text with its space in front`() throws {
    let tokenizer = try Tokenizer(metadata: SmallVocabularies.sentencePiece())
    var generator = SeededGenerator(seed: 3)
    for _ in 0..<300 {
      let text = randomText(using: &generator)
      let decoded = tokenizer.decode(tokenizer.encode(text))
      #expect(
        Array(decoded.utf8) == Array((text.isEmpty ? "" : " " + text).utf8),
        "\(text.debugDescription)")
    }
  }
}
