package import Dials

/// Noise in the inputs of a training, while the labels stay clean, so that a model learns to look past
/// wrong drafts (Wang et al. 2024, Make Some Noise, arXiv 2406.17404, section 3.1).
///
/// A segment of an answer is replaced, left to right, by tokens drawn from the text before it as it then
/// stands ("ahead noise"): later noise may repeat earlier noise, and a prompt is never changed.
package struct InputNoise: Hashable, Sendable {
  /// Tokens of a segment; each length is as likely as the others.
  package var lengths: ClosedRange<Int>
  /// The share of texts that get noise, 0...1.
  package var share: Float
  /// Segments of a noisy text at most: those that would touch one another are left out. The paper has
  /// one.
  package var segments = 1

  /// Segments of these lengths in this share of the texts.
  package init(lengths: ClosedRange<Int>, share: Float, segments: Int = 1) {
    self.lengths = lengths
    self.share = share
    self.segments = segments
  }

  /// The paper's: one segment of five tokens in every text.
  package static let published = InputNoise(lengths: 5...5, share: 1)

  /// A text as the model gets it.
  package struct Input: Hashable, Sendable {
    /// The tokens, as many as the text has.
    package var tokens: [TokenID]
    /// Where they were replaced, ascending; none in a clean text.
    package var segments: [Range<Int>] = []
  }

  /// The input of `text` as the `item`-th of all steps' texts: the same for the same seed and item. A text
  /// whose answers are too short for the segment that was drawn stays clean.
  package func input(of text: TrainingText, seed: UInt64, item: Int) -> Input {
    var input = Input(tokens: text.tokens)
    var generator = CounterGenerator(seed: seed, .noise, item)
    guard generator.nextUniform() < share else { return input }
    for _ in 0..<segments {
      let length = Int.random(in: lengths, using: &generator)
      let starts = Self.starts(of: length, in: text)
      guard let segment = Self.segment(length, from: starts, using: &generator),
        !input.segments.contains(where: {
          $0.lowerBound <= segment.upperBound && segment.lowerBound <= $0.upperBound
        })
      else { continue }
      input.segments.append(segment)
    }
    input.segments.sort { $0.lowerBound < $1.lowerBound }
    for position in input.segments.joined() {
      input.tokens[position] = input.tokens[Int.random(in: 0..<position, using: &generator)]
    }
    return input
  }

  /// Whether an answer of `text` has room for a segment of `length` tokens, and a token to predict behind
  /// it.
  package static func fits(_ length: Int, in text: TrainingText) -> Bool {
    !starts(of: length, in: text).isEmpty
  }

  /// Where a segment may begin: within an answer, with the last token of the answer behind it.
  private static func starts(of length: Int, in text: TrainingText) -> [Range<Int>] {
    text.targets.compactMap { answer in
      let (first, end) = (max(1, answer.lowerBound), answer.upperBound - length)
      return first < end ? first..<end : nil
    }
  }

  /// A segment that begins at one of `starts`, each as likely as the others; nil where there are none.
  private static func segment(
    _ length: Int, from starts: [Range<Int>], using generator: inout CounterGenerator
  ) -> Range<Int>? {
    let count = starts.reduce(0) { $0 + $1.count }
    guard count > 0 else { return nil }
    var place = Int.random(in: 0..<count, using: &generator)
    for range in starts {
      if place < range.count {
        let start = range.lowerBound + place
        return start..<start + length
      }
      place -= range.count
    }
    return nil
  }
}
