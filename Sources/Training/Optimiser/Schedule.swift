import Foundation

/// The learning rate at each step: a linear warm-up, then a cosine down to a tenth of the peak
/// (Loshchilov and Hutter 2017, arXiv 1608.03983).
package struct Schedule: Hashable, Sendable {
  /// The greatest learning rate.
  package var peak: Float
  /// Steps until it is reached.
  package var warmUp: Int
  /// All steps.
  package var steps: Int

  /// A schedule whose warm-up takes a thirtieth of the steps unless `warmUp` is given.
  package init(peak: Float, steps: Int, warmUp: Int? = nil) {
    self.peak = peak
    self.steps = steps
    self.warmUp = warmUp ?? max(1, steps / 30)
  }

  /// The learning rate of step `step`, 1 for the first.
  package func rate(at step: Int) -> Float {
    if step <= warmUp { return peak * Float(step) / Float(warmUp) }
    let progress = Double(step - warmUp) / Double(max(1, steps - warmUp))
    return peak * Float(0.1 + 0.9 * 0.5 * (1 + cos(.pi * min(1, progress))))
  }
}
