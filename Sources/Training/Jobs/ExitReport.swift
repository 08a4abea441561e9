import Reports

/// How exits do on held-out positions, as a table: per threshold how many tokens leave, and how many
/// of these are full depth's.
package enum ExitReport {
  private static let thresholds: [Float] = [0.5, 0.6, 0.7, 0.8, 0.9, 0.95]

  /// The lines of the table.
  package static func lines(_ scores: [ExitScore]) -> [String] {
    var rows: [[String]] = []
    for score in scores {
      for (label, sees) in heads {
        rows.append(
          ["\(score.depth)", label, share(score.samples.count { sees($0).agrees }, score)]
            + [label == "full" ? score.divergence.rounded(to: 3) : ""]
            + thresholds.map { threshold in
              let leaving = score.samples.filter { sees($0).confidence > threshold }
              let right = leaving.count { sees($0).agrees }
              let precision = leaving.isEmpty ? "-" : percent(right, of: leaving.count)
              return "\(share(leaving.count, score)) \(precision)"
            })
      }
    }
    return Table(
      header: ["EXIT", "HEAD", "AGREE", "KL"] + thresholds.map { "LEAVE/RIGHT >\($0)" }, rows: rows
    ).lines
  }

  private static let heads:
    [(String, @Sendable (ExitScore.Sample) -> (confidence: Float, agrees: Bool))] = [
      ("full", { ($0.confidence, $0.agrees) }),
      ("short", { ($0.shortConfidence, $0.shortAgrees) }),
    ]

  private static func share(_ count: Int, _ score: ExitScore) -> String {
    percent(count, of: score.samples.count)
  }

  private static func percent(_ count: Int, of all: Int) -> String {
    (100 * Double(count) / Double(max(1, all))).rounded(to: 1)
  }
}
