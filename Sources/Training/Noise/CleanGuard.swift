/// Keeps a training from losing the task without noise: the loss of held-out texts at full depth, without
/// noise, may rise by a limit. Where it rises more, training goes back to where it was good, at half the
/// rate.
package struct CleanGuard: Hashable, Sendable {
  /// Nats by which the loss may rise over what it was before the first step.
  package var limit = 0.01
  /// Steps from one measurement to the next.
  package var interval = 100

  /// The usual limit and interval.
  package init() {}

  /// The setback of this number ends the training, with the parameters that were good.
  package static let lastSetback = 3

  /// Whether the loss is measured behind `step` of `steps`.
  func isDue(behind step: Int, of steps: Int) -> Bool { step % interval == 0 || step == steps }

  /// Whether a loss is good; one that is no number never is.
  func keeps(_ loss: Double, before: Double) -> Bool { loss - before <= limit }
}
