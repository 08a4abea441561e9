/// The mean of values as they come, with its standard error.
package struct SampleMean: Hashable, Sendable {
  /// How many values there were.
  package private(set) var count = 0
  private var sum = 0.0
  private var sumOfSquares = 0.0

  /// No values.
  package init() {}

  /// Takes in a value.
  package mutating func add(_ value: Double) {
    count += 1
    sum += value
    sumOfSquares += value * value
  }

  /// The mean; 0 without values.
  package var mean: Double { count == 0 ? 0 : sum / Double(count) }

  /// The standard error of the mean, as llama-perplexity has it: √((⟨x²⟩ − ⟨x⟩²) / (n − 1)); 0 for fewer
  /// than two values.
  package var standardError: Double {
    guard count > 1 else { return 0 }
    let variance = sumOfSquares / Double(count) - mean * mean
    return (max(0, variance) / Double(count - 1)).squareRoot()
  }
}
