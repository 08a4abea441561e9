import Dials
import Testing
import Training

/// Make Some Noise's inputs: what may differ, and from where it is taken.
struct InputNoiseTests {
  /// Tokens that all differ, so that a replaced one always shows; two answers.
  private static let text = TrainingText(
    tokens: (0..<44).map { TokenID(100 + $0) }, targets: [4..<12, 16..<40])

  @Test func `labels stay, and exactly the segment's positions in an answer may differ`() {
    let noise = InputNoise(lengths: 1...5, share: 1)
    var lengths: Set<Int> = []
    var starts: Set<Int> = []
    for item in 0..<1000 {
      let text = Self.text
      let input = noise.input(of: text, seed: 3, item: item)
      #expect(text == Self.text, "the labels are those of the text")
      #expect(input.segments.count == 1 && input.tokens.count == text.tokens.count)
      let segment = input.segments[0]
      let differing = text.tokens.indices.filter { input.tokens[$0] != text.tokens[$0] }
      #expect(differing == Array(segment))
      // Behind the segment there is a token of the same answer to predict.
      #expect(
        text.targets.contains {
          $0.lowerBound <= segment.lowerBound && segment.upperBound < $0.upperBound
        })
      lengths.insert(segment.count)
      starts.insert(segment.lowerBound)
    }
    #expect(lengths == [1, 2, 3, 4, 5])
    #expect(starts == Set(4..<11).union(16..<39))
  }

  @Test func `each replacement occurs earlier in the progressively corrupted input`() {
    let noise = InputNoise(lengths: 6...6, share: 1)
    var repeated = 0
    for item in 0..<300 {
      let input = noise.input(of: Self.text, seed: 1, item: item)
      for position in input.segments.joined() {
        let token = input.tokens[position]
        #expect(input.tokens[..<position].contains(token))
        #expect(Self.text.tokens[..<position].contains(token))
        // The original is gone from its place: what replaced it may be drawn again.
        let source = token.index - 100
        if input.segments[0].contains(source) { Issue.record("\(source) was overwritten") }
        repeated += input.tokens[input.segments[0].lowerBound..<position].contains(token) ? 1 : 0
      }
    }
    #expect(repeated > 30, "later noise repeats earlier noise")
  }

  @Test func `every token before is as likely`() {
    let text = TrainingText(tokens: (0..<6).map { TokenID(100 + $0) }, targets: [4..<6])
    let noise = InputNoise(lengths: 1...1, share: 1)
    var counts: [TokenID: Int] = [:]
    for item in 0..<4000 {
      counts[noise.input(of: text, seed: 9, item: item).tokens[4], default: 0] += 1
    }
    #expect(counts.count == 4 && counts.values.allSatisfy { (880...1120).contains($0) })
  }

  @Test func `noise is the same for a seed and an item, and another for others`() {
    let noise = InputNoise(lengths: 2...5, share: 0.7)
    let inputs = (0..<40).map { noise.input(of: Self.text, seed: 5, item: $0) }
    #expect((0..<40).map { noise.input(of: Self.text, seed: 5, item: $0) } == inputs)
    #expect(Set(inputs).count > 20)
    #expect((0..<40).map { noise.input(of: Self.text, seed: 6, item: $0) } != inputs)
  }

  @Test func `the share of texts gets noise, the others none`() {
    func count(_ share: Float) -> Int {
      let noise = InputNoise(lengths: 1...5, share: share)
      return (0..<2000).count {
        let input = noise.input(of: Self.text, seed: 2, item: $0)
        #expect(input.segments.isEmpty == (input.tokens == Self.text.tokens))
        return !input.segments.isEmpty
      }
    }
    #expect(count(0) == 0 && count(1) == 2000)
    #expect((900...1100).contains(count(0.5)))
    #expect(InputNoise.published == InputNoise(lengths: 5...5, share: 1, segments: 1))
  }

  @Test func `a response shorter than the segment and a token stays clean`() {
    func text(answer: Int) -> TrainingText {
      TrainingText(tokens: (0..<3 + answer).map { TokenID($0) }, targets: [3..<3 + answer])
    }
    for item in 0..<20 {
      let short = InputNoise.published.input(of: text(answer: 5), seed: 1, item: item)
      #expect(short.segments.isEmpty && short.tokens == text(answer: 5).tokens)
      let long = InputNoise.published.input(of: text(answer: 6), seed: 1, item: item)
      #expect(long.segments == [3..<8])
    }
    #expect(!InputNoise.fits(5, in: text(answer: 5)) && InputNoise.fits(5, in: text(answer: 6)))
    // A plain text is learnt from its second token on: there is always something before.
    let plain = TrainingText(tokens: [TokenID(1), TokenID(2), TokenID(3)], targets: [1..<3])
    let input = InputNoise(lengths: 1...1, share: 1).input(of: plain, seed: 1, item: 0)
    #expect(input.tokens.map(\.index) == [1, 1, 3])
  }

  @Test func `several segments do not touch one another`() {
    let noise = InputNoise(lengths: 1...4, share: 1, segments: 3)
    var counts: Set<Int> = []
    for item in 0..<200 {
      let input = noise.input(of: Self.text, seed: 4, item: item)
      counts.insert(input.segments.count)
      for (a, b) in zip(input.segments, input.segments.dropFirst()) {
        #expect(a.upperBound < b.lowerBound)
      }
      let differing = Self.text.tokens.indices.filter { input.tokens[$0] != Self.text.tokens[$0] }
      #expect(differing == Array(input.segments.joined()))
    }
    #expect(counts.contains(3) && counts.isSubset(of: [1, 2, 3]))
  }

  @Test func `lengths are read from words, and what is none is refused`() {
    #expect(InputNoise.lengths("5") == 5...5 && InputNoise.lengths("1-5") == 1...5)
    for text in ["0", "5-1", "0-3", "x", "", "1-", "-3", "1-2-3", "1.5"] {
      #expect(InputNoise.lengths(text) == nil, "\(text)")
    }
    #expect("\(InputNoise.published)" == "5 tokens in 1.0 of the texts")
    let noise = InputNoise(lengths: 1...5, share: 0.5, segments: 2)
    #expect("\(noise)" == "2 x 1-5 tokens in 0.5 of the texts")
  }
}
