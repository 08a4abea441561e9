import Evaluation
import Testing

/// What measurements of drafting add up to.
struct DraftSummaryTests {
  private func measurement(
    _ plain: Double, _ draft: Double, tokens: Int = 101, passes: Int = 50, identical: Bool = true
  ) -> DraftMeasurement {
    var guesses = DraftMeasurement.Guesses()
    (guesses.proposed, guesses.accepted) = (80, 50)
    return DraftMeasurement(
      questionId: 1, turn: 0, category: "QA", promptN: 10, predictedN: tokens, passes: passes,
      plainMs: plain, draftMs: draft, identical: identical, sources: ["ngram": guesses])
  }

  @Test func `sums, not means of ratios`() throws {
    let summary = try #require(
      DraftSummary(category: "QA", [measurement(100, 50), measurement(900, 950)]))
    #expect(summary.ratio == 1)
    #expect(summary.answers == 2 && summary.identical == 2 && summary.slower == 1)
    #expect(summary.predictedN == 202 && summary.tokensPerPass == 2)
    #expect(summary.plainTs == 202 && summary.draftTs == 202)
    #expect(summary.sources["ngram"]?.proposed == 160)
    #expect(summary.sources["ngram"]?.accepted == 100)
  }

  @Test func `the interval holds the ratio, and is a point for answers that are alike`() throws {
    let alike = try #require(
      DraftSummary(category: "", (0..<9).map { _ in measurement(30, 20) }))
    #expect(alike.ratioInterval == [1.5, 1.5])
    let mixed = (1...20).map { measurement(100, 40 + 4 * Double($0)) }
    let summary = try #require(DraftSummary(category: "", mixed))
    #expect(summary.ratioInterval[0] < summary.ratio && summary.ratio < summary.ratioInterval[1])
    #expect(summary.ratioInterval[1] - summary.ratioInterval[0] < 0.6)
    #expect(summary == DraftSummary(category: "", mixed))
  }

  @Test func `the median is of single answers, and rejected guesses are a share of all rows`()
    throws
  {
    let ratios = [2.0, 1.0, 0.9, 1.1, 1.2]
    let summary = try #require(
      DraftSummary(category: "", ratios.map { measurement(90 * $0, 90) }))
    #expect(abs(summary.medianRatio - 1.1) < 1e-12)
    #expect(summary.medianInterval[0] >= 0.9 && summary.medianInterval[1] <= 2)
    #expect(summary.medianInterval[0] <= 1.1 && summary.medianInterval[1] >= 1.1)
    // Of 130 rows in each answer 80 were guesses, 30 of them wrong.
    #expect(abs(summary.rejectedShare - 30.0 / 130) < 1e-12)
  }

  @Test func `an answer that differs is counted, and nothing adds up to nothing`() throws {
    let differing = [measurement(1, 1), measurement(1, 1, identical: false)]
    #expect(DraftSummary(category: "", differing)?.identical == 1)
    #expect(DraftSummary(category: "", []) == nil)
  }
}
