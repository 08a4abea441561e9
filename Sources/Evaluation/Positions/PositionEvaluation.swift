package import Dials
import Foundation
import Reports
import Techniques
package import Transformer

/// How well a model predicts a long text, bucket by bucket of its positions, under several reaches.
///
/// The text's own difficulty changes from bucket to bucket. What a reach costs there is told by the same
/// tokens read afresh: in a text of their own that begins one window before them, at position 0.
///
/// Source: LM-Infinite (arXiv 2308.16137), section 5.1, perplexity by position.
package struct PositionEvaluation {
  /// One way to read the text.
  package struct Reading: Hashable, Sendable {
    /// What attention sees.
    package var reach: ReachSetting
    /// Whether each bucket is read in a text of its own.
    package var isAfresh: Bool

    /// A way to read the text.
    package init(_ reach: ReachSetting, isAfresh: Bool = false) {
      self.reach = reach
      self.isAfresh = isAfresh
    }
  }

  /// What a reading made of the text.
  package struct Curve: Sendable {
    /// The reading.
    package let reading: Reading
    /// `−ln p` of the tokens of each scored bucket that was read to its end, in nats, by its number.
    package fileprivate(set) var losses: [Int: [Double]] = [:]
    /// Tokens read.
    package fileprivate(set) var tokenCount = 0
    /// Seconds that took, heads included.
    package fileprivate(set) var seconds = 0.0
    /// The least and the most memory of the process after the first eighth of the text, in bytes; nil
    /// where the system does not say.
    package fileprivate(set) var memory: ClosedRange<Int>?

    init(_ reading: Reading) { self.reading = reading }

    /// The perplexity in a bucket; nil where it was not read.
    package func perplexity(in bucket: Int) -> Double? {
      losses[bucket].map { exp($0.mean) }
    }

    /// How many times the perplexity in a bucket is that of `other`, with the 95 % interval over the
    /// bucket's tokens, pair by pair; nil where one of them did not read it.
    package func ratio(
      to other: Curve, in bucket: Int
    ) -> (value: Double, interval: ClosedRange<Double>)? {
      guard let mine = losses[bucket], let others = other.losses[bucket] else { return nil }
      var difference = SampleMean()
      for (a, b) in zip(mine, others) { difference.add(a - b) }
      let reach = 1.96 * difference.standardError
      return (
        exp(difference.mean), exp(difference.mean - reach)...exp(difference.mean + reach)
      )
    }
  }

  /// The text.
  package let tokens: [TokenID]
  /// Positions in a bucket.
  package let bucketLength: Int
  /// The buckets that are scored; all tokens before them are read all the same.
  package let scored: [Int]

  private let runtime: ModelRuntime

  /// An evaluation of at most `limit` buckets of `bucketLength` positions, of which one in `every` is
  /// scored, and the first and the last.
  package init(
    of runtime: ModelRuntime, on tokens: [TokenID], bucketLength: Int, limit: Int? = nil,
    every: Int = 1
  ) throws(EvaluationError) {
    guard bucketLength >= 2, every >= 1 else {
      throw EvaluationError(
        code: .badLength,
        message:
          "Buckets of \(bucketLength) positions, one in \(every) scored: use at least 2 and 1."
      )
    }
    // The last token of a text has none behind it by which it could be scored.
    let count = min((tokens.count - 1) / bucketLength, max(1, limit ?? .max))
    guard count > 0 else {
      throw EvaluationError(
        code: .tooShort,
        message: "The text has \(tokens.count) tokens, which is less than one bucket of "
          + "\(bucketLength). Give a longer text, or shorter buckets with --bucket.")
    }
    self.tokens = Array(tokens.prefix(count * bucketLength + 1))
    self.bucketLength = bucketLength
    scored = (0..<count).filter { $0 % every == 0 || $0 == count - 1 }
    self.runtime = runtime.withoutExits
  }

  /// Reads the text one way, up to position `end`; `progress` sees the share that is done, and ends the
  /// reading by answering false.
  package func run(
    _ reading: Reading, until end: Int = .max, progress: (Double) -> Bool = { _ in true }
  ) -> Curve {
    let end = min(end, tokens.count - 1)
    return reading.isAfresh
      ? readAfresh(reading, until: end, progress: progress)
      : readThrough(reading, until: end, progress: progress)
  }

  private func range(of bucket: Int) -> Range<Int> {
    bucket * bucketLength..<(bucket + 1) * bucketLength
  }

  private func reader(_ reach: ReachSetting, capacity: Int) -> TextReader {
    TextReader(runtime, dials: DialSettings(reach: reach), capacity: capacity)
  }

  /// Positions that are read between two looks at the clock and the memory.
  private static let step = 2048

  private func readThrough(
    _ reading: Reading, until end: Int, progress: (Double) -> Bool
  ) -> Curve {
    var curve = Curve(reading)
    let reader = reader(reading.reach, capacity: end)
    let scored = Set(scored)
    var start = 0
    while start < end {
      let bucket = start / bucketLength
      let upper = min(start + Self.step, range(of: bucket).upperBound, end)
      read(start..<upper, with: reader, into: scored.contains(bucket) ? bucket : nil, of: &curve)
      start = upper
      if start >= tokens.count / 8 { curve.noteMemory() }
      if !progress(Double(start) / Double(end)) { break }
    }
    curve.losses = curve.losses.filter { $0.value.count == bucketLength }
    return curve
  }

  private func readAfresh(
    _ reading: Reading, until end: Int, progress: (Double) -> Bool
  ) -> Curve {
    var curve = Curve(reading)
    let lead = reading.reach.isLimited ? reading.reach.window : bucketLength
    let reader = reader(reading.reach, capacity: lead + bucketLength)
    let buckets = scored.filter { range(of: $0).upperBound <= end }
    for (index, bucket) in buckets.enumerated() {
      let range = range(of: bucket)
      reader.begin()
      read(max(0, range.lowerBound - lead)..<range.lowerBound, with: reader, into: nil, of: &curve)
      read(range, with: reader, into: bucket, of: &curve)
      if !progress(Double(index + 1) / Double(buckets.count)) { break }
    }
    return curve
  }

  private func read(
    _ range: Range<Int>, with reader: TextReader, into bucket: Int?, of curve: inout Curve
  ) {
    let begin = ContinuousClock().now
    if let bucket {
      let targets = tokens[range.lowerBound + 1..<range.upperBound + 1]
      curve.losses[bucket, default: []] += reader.losses(tokens[range], targets: targets)
    } else {
      reader.read(tokens[range])
    }
    curve.seconds += (ContinuousClock().now - begin) / .seconds(1)
    curve.tokenCount += range.count
  }
}

extension PositionEvaluation.Curve {
  fileprivate mutating func noteMemory() {
    guard let now = ResidentMemory.ofThisProcess()?.current else { return }
    memory = min(memory?.lowerBound ?? now, now)...max(memory?.upperBound ?? now, now)
  }
}
