extension [Double] {
  /// The mean; 0 where there is none.
  package var mean: Double { isEmpty ? 0 : reduce(0, +) / Double(count) }

  /// The middle value, or the mean of the two in the middle; 0 where there is none.
  package var median: Double {
    if isEmpty { return 0 }
    let sorted = sorted()
    return (sorted[(count - 1) / 2] + sorted[count / 2]) / 2
  }

  /// The sample standard deviation; 0 for fewer than two values.
  package var standardDeviation: Double { variance.squareRoot() }

  /// The standard error of the mean; 0 for fewer than two values.
  package var standardError: Double { (variance / Double(Swift.max(1, count))).squareRoot() }

  /// Between which the middle `share` (0...1) of the values lies; nil where there is none.
  package func central(_ share: Double) -> ClosedRange<Double>? {
    if isEmpty { return nil }
    let sorted = sorted()
    let tail = Swift.min(Int(Double(count) * (1 - share) / 2 + 1e-9), (count - 1) / 2)
    return sorted[tail]...sorted[count - 1 - tail]
  }

  private var variance: Double {
    guard count > 1 else { return 0 }
    let mean = mean
    return reduce(0) { $0 + ($1 - mean) * ($1 - mean) } / Double(count - 1)
  }
}
