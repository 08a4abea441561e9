import Reports

/// One answer, written plainly and with drafts.
package struct DraftMeasurement: Hashable, Codable, Sendable {
  /// Guesses of one source.
  package struct Guesses: Hashable, Codable, Sendable {
    /// Guesses verified.
    package var proposed = 0
    /// Of these, part of the text.
    package var accepted = 0

    /// No guesses.
    package init() {}
  }

  /// The question's number in its file.
  package var questionId: Int
  /// The turn of the conversation, from 0.
  package var turn: Int
  /// What kind of question it is.
  package var category: String
  /// Tokens of the prompt.
  package var promptN: Int
  /// Tokens of the answer.
  package var predictedN: Int
  /// Passes that wrote all of them but the first, which the prompt's own pass decides.
  package var passes: Int
  /// Milliseconds of plain decoding.
  package var plainMs: Double
  /// Milliseconds with drafts.
  package var draftMs: Double
  /// Whether both wrote the same tokens.
  package var identical: Bool
  /// Guesses by source.
  package var sources: [String: Guesses]

  /// A measurement.
  package init(
    questionId: Int, turn: Int, category: String, promptN: Int, predictedN: Int, passes: Int,
    plainMs: Double, draftMs: Double, identical: Bool, sources: [String: Guesses]
  ) {
    self.questionId = questionId
    self.turn = turn
    self.category = category
    self.promptN = promptN
    self.predictedN = predictedN
    self.passes = passes
    self.plainMs = plainMs
    self.draftMs = draftMs
    self.identical = identical
    self.sources = sources
  }
}

/// What measurements add up to.
package struct DraftSummary: Hashable, Codable, Sendable {
  /// What they have in common.
  package var category: String
  /// Answers.
  package var answers: Int
  /// Of these, with the same tokens both ways.
  package var identical: Int
  /// Answers that took over 3 % longer with drafts.
  package var slower: Int
  /// Tokens of the answers.
  package var predictedN: Int
  /// Tokens a pass decided, on average.
  package var tokensPerPass: Double
  /// Tokens per second of plain decoding.
  package var plainTs: Double
  /// Tokens per second with drafts.
  package var draftTs: Double
  /// The time of plain decoding over that with drafts, for all answers together.
  package var ratio: Double
  /// The 95 % interval of that ratio, from resampled answers.
  package var ratioInterval: [Double]
  /// The same of single answers: the median of their ratios.
  package var medianRatio: Double
  /// The 95 % interval of the median.
  package var medianInterval: [Double]
  /// The share of all rows that went through the model that were guesses and not accepted.
  package var rejectedShare: Double
  /// Guesses by source.
  package var sources: [String: DraftMeasurement.Guesses]

  /// The sums over `measurements`; nil when there are none.
  package init?(category: String, _ measurements: [DraftMeasurement], resamples: Int = 2000) {
    guard !measurements.isEmpty else { return nil }
    self.category = category
    answers = measurements.count
    identical = measurements.count { $0.identical }
    slower = measurements.count { $0.draftMs > 1.03 * $0.plainMs }
    predictedN = measurements.reduce(0) { $0 + $1.predictedN }
    let passes = measurements.reduce(0) { $0 + $1.passes }
    tokensPerPass = passes > 0 ? Double(predictedN - answers) / Double(passes) : 1
    let plain = measurements.reduce(0) { $0 + $1.plainMs }
    let draft = measurements.reduce(0) { $0 + $1.draftMs }
    plainTs = Double(predictedN) * 1000 / plain
    draftTs = Double(predictedN) * 1000 / draft
    ratio = plain / draft
    let interval = Bootstrap(resamples: resamples).interval(
      measurements.map(\.plainMs), over: measurements.map(\.draftMs))
    ratioInterval = interval.map { [$0.lowerBound, $0.upperBound] } ?? [ratio, ratio]
    let ratios = measurements.map { $0.plainMs / $0.draftMs }
    medianRatio = ratios.median
    let middle = Bootstrap(resamples: resamples).interval(ofMedian: ratios)
    medianInterval = middle.map { [$0.lowerBound, $0.upperBound] } ?? [medianRatio, medianRatio]
    var sources: [String: DraftMeasurement.Guesses] = [:]
    for (source, guesses) in measurements.flatMap(\.sources) {
      sources[source, default: .init()].proposed += guesses.proposed
      sources[source, default: .init()].accepted += guesses.accepted
    }
    let proposed = sources.values.reduce(0) { $0 + $1.proposed }
    let accepted = sources.values.reduce(0) { $0 + $1.accepted }
    rejectedShare = Double(proposed - accepted) / Double(max(1, passes + proposed))
    self.sources = sources
  }
}

extension DraftMeasurement {
  /// Whether its numbers are such as a run can have.
  var isSane: Bool {
    let counts =
      [promptN, predictedN, passes, turn] + sources.values.flatMap { [$0.proposed, $0.accepted] }
    return counts.allSatisfy((0...1 << 32).contains)
      && [plainMs, draftMs].allSatisfy { (0...1e12).contains($0) }
  }
}
