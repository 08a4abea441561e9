import Foundation

/// How fast to learn at each step: a straight warm-up, then a cosine down to a tenth (Loshchilov and
/// Hutter 2017, arXiv 1608.03983).
package struct Schedule: Hashable, Sendable {
  /// The greatest rate.
  package var peak: Float
  /// Steps until it is reached.
  package var warmUp: Int
  /// All steps.
  package var steps: Int

  /// Reaches `peak` after a thirtieth of the steps, unless told otherwise.
  package init(peak: Float, steps: Int, warmUp: Int? = nil) {
    self.peak = peak
    self.steps = steps
    self.warmUp = warmUp ?? max(1, steps / 30)
  }

  /// The rate of step `step`, 1 for the first.
  package func rate(at step: Int) -> Float {
    if step <= warmUp { return peak * Float(step) / Float(warmUp) }
    let progress = Double(step - warmUp) / Double(max(1, steps - warmUp))
    return peak * Float(0.1 + 0.9 * 0.5 * (1 + cos(.pi * min(1, progress))))
  }
}
