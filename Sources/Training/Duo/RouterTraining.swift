/// How the routers of small feed-forwards come about.
package struct RouterTraining: Hashable, Sendable {
  /// What they learn from.
  package enum Method: String, CaseIterable, Sendable {
    /// What it costs that one block is small for one token (`DamageLabels`, `RouterFit`); a score is the
    /// logarithm of that in nats.
    case damage
    /// The loss of the model itself, mixed from both feed-forwards, as in the paper (`RouterTrainer`); a
    /// score is the logit of the big one's share.
    case task
  }

  /// What they learn from. The other settings are of `task`.
  package var method = Method.damage
  /// Optimiser steps.
  package var steps = 60
  /// The mean share of big feed-forwards that the budget's term holds.
  package var share: Float = 0.7
  /// λ: the weight of that term.
  package var weight: Float = 30
  /// τ: what scores are multiplied by, at the first step and at the last; it grows by the same factor from
  /// step to step.
  package var sharpness: ClosedRange<Float> = 1...8
  /// The peak of the learning rate.
  package var rate: Float = 2e-3
  /// Whether they begin as the routers of the file whose small feed-forwards are taken.
  package var startsFromFile = false

  /// The usual settings.
  package init() {}

  /// τ of a step, 1 for the first.
  func sharpness(at step: Int) -> Float {
    let (first, last) = (sharpness.lowerBound, sharpness.upperBound)
    let progress = Float(min(step, steps) - 1) / Float(max(1, steps - 1))
    return first * Float((Double(last / first).logarithm * Double(progress)).power)
  }

  /// Throws where these settings make no sense.
  func check() throws(TrainingError) {
    guard method == .damage || (steps > 0 && share > 0 && share < 1) else {
      throw TrainingError(
        .badSetting, at: "--router-share",
        "--router-share must be between 0 and 1, and --router-steps positive.")
    }
  }
}
