import Corpus
import Dials
import Pruning
import Testing

struct CalibrationTests {
  private func text(_ count: Int, from first: Int = 0) -> CalibrationText {
    CalibrationText(name: "\(first)", tokens: (first..<first + count).map { TokenID($0) })
  }

  @Test func `the draw is whole sequences, in order, the same for the same seed`() throws {
    let sample = try CalibrationSample(texts: [text(1000)], count: 5, length: 10, seed: 7)
    let drawn = try #require(sample.provenance.sources.first?.sequences)
    #expect(drawn == drawn.sorted() && Set(drawn).count == 5)
    for (index, sequence) in zip(drawn, sample.sequences) {
      #expect(sequence == (index * 10..<index * 10 + 10).map { TokenID($0) })
    }
    #expect(sample.scoredCount == 45)
    #expect(try CalibrationSample(texts: [text(1000)], count: 5, length: 10, seed: 7) == sample)
    let other = try CalibrationSample(texts: [text(1000)], count: 5, length: 10, seed: 8)
    #expect(other.provenance.sha256 != sample.provenance.sha256)
  }

  @Test func `several texts share the sequences and take turns`() throws {
    let texts = [text(100), text(100, from: 500), text(100, from: 900)]
    let sample = try CalibrationSample(texts: texts, count: 8, length: 10, seed: 1)
    #expect(sample.provenance.sources.map(\.sequences.count) == [3, 3, 2])
    #expect(sample.sequences.map { $0[0].index / 400 } == [0, 1, 2, 0, 1, 2, 0, 1])
  }

  @Test(arguments: [0, 1, 39]) func `a text that is too short is refused`(count: Int) {
    let error = #expect(throws: PruningError.self) {
      try CalibrationSample(texts: [text(count)], count: 4, length: 10, seed: 1)
    }
    #expect(error?.code == .tooShort)
    #expect(error?.message.contains("\(count) tokens") == true)
  }

  @Test func `the digest is that of the ids as bytes`() {
    // Of the bytes 01 00 00 00 02 00 00 00, as sha256sum has it.
    #expect(
      CalibrationSample.digest(of: [[TokenID(1)], [TokenID(2)]])
        == "34fb5c825de7ca4aea6e712f19d439c1da0c92c37b423936c5f618545ca4fa1f")
    #expect(
      CalibrationSample.digest(of: [])
        == "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855")
  }
}
