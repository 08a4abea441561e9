import Dials

/// The bootstrap's percentile interval (Efron 1979): prompts drawn with replacement, always the same
/// ones, so that what belongs to one prompt stays together.
package struct PromptBootstrap: Sendable {
  /// How often prompts are drawn anew.
  package var resamples: Int
  /// The share that the interval is to hold.
  package var confidence: Double

  /// A bootstrap.
  package init(resamples: Int = 2000, confidence: Double = 0.95) {
    self.resamples = max(1, resamples)
    self.confidence = confidence
  }

  /// The interval of `Σ parts / Σ wholes`, of which each prompt has one; nil without prompts.
  package func interval(_ parts: [Double], over wholes: [Double]) -> ClosedRange<Double>? {
    guard !parts.isEmpty, parts.count == wholes.count else { return nil }
    var generator = SplitMix64(seed: 7)
    let ratios = (0..<resamples).map { _ -> Double in
      var (part, whole) = (0.0, 0.0)
      for _ in parts {
        let prompt = generator.draw(below: parts.count)
        part += parts[prompt]
        whole += wholes[prompt]
      }
      return whole != 0 ? part / whole : 0
    }.sorted()
    let tail = Int(Double(resamples) * (1 - confidence) / 2 + 1e-9)
    return ratios[tail]...ratios[ratios.count - 1 - tail]
  }
}
